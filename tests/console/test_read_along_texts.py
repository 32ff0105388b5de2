"""What staff write in their own words to a phone that somebody else may read."""

import re

import pytest
from sqlalchemy import select

from bot.services import patient_care
from bot.storage.tables import Patient, SupportItem
from tests.engines import SQLITE_ONLY

pytestmark = SQLITE_ONLY

WORDS = "Hi, it is Dr Bose. Please call the office."
TICK = re.compile(r'type="checkbox" name="although_read" value="(\w+)" required( checked)?>')


@pytest.fixture
def ann(console, world) -> str:
    """Ann, whose phone is marked."""
    ann = console.patient_id("Ann")
    bose = console.staff_id("Dr Bose")
    patient_care.phone_is_read(world.clinic, ann, staff_id=bose, now=world.now)
    return ann


def texts(world) -> list[str]:
    world.settle()
    return [words for words in world.words_to("Ann") if words.startswith("Hi, it is")]


def test_support_sends_nothing_to_a_phone_that_may_be_read_and_keeps_the_words(console, world, ann):
    sam = console.as_("Sam")
    assert "Only a clinician may text her there" in sam.get(f"/patients/{ann}").text
    for tick in ("", "yes", patient_care._name(WORDS)):
        answer = sam.post(
            f"/patients/{ann}/texts", words=WORDS, key=console.key("Sam"), although_read=tick
        )
        assert answer.status_code == 409
        assert "ask a clinician" in answer.text
        assert WORDS in answer.text
        assert not TICK.search(answer.text)
    assert texts(world) == []


def test_a_clinician_is_asked_once_more_and_ticks_a_box_for_these_very_words(console, world, ann):
    bose, where = console.as_("Dr Bose"), f"/patients/{ann}/texts"
    key = console.key("Dr Bose")
    asked = bose.post(where, words=WORDS, key=key)
    assert asked.status_code == 409
    assert "Somebody may read this phone. Send it all the same?" in asked.text
    assert WORDS in asked.text
    tick, checked = TICK.search(asked.text).groups()
    assert not checked, "nobody has ticked it yet"
    assert texts(world) == []
    other = bose.post(where, words=f"{WORDS} Soon.", key=key, although_read=tick)
    assert other.status_code == 409, "other words are asked about anew"
    assert texts(world) == []
    assert bose.post(where, words=WORDS, key=key, although_read=tick).status_code == 303
    assert texts(world) == [WORDS]
    assert console.audited("write_text")[-1].details == {"phone_may_be_read": True}


def test_a_box_that_is_ticked_stays_so_while_the_words_are_questioned(console, world, ann):
    bose, where = console.as_("Dr Bose"), f"/patients/{ann}/texts"
    words, key = "Hi, it is Dr Bose. Your ketamine comes.", console.key("Dr Bose")
    tick = TICK.search(bose.post(where, words=words, key=key).text).group(1)
    questioned = bose.post(where, words=words, key=key, although_read=tick)
    assert "Send it anyway" in questioned.text
    assert TICK.search(questioned.text).groups() == (tick, " checked")
    sent = bose.post(where, words=words, key=key, although_read=tick, insist=tick)
    assert sent.status_code == 303
    details = console.audited("write_text")[-1].details
    assert details == {"phone_may_be_read": True, "insisted": ["words"]}


def test_an_open_alert_about_violence_asks_too_whatever_the_mark(console, world):
    world.text("Ann", "my husband hits me")
    ann = console.patient_id("Ann")
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(Patient, ann).read_along_since = None
    answer = console.as_("Dr Bose").post(
        f"/patients/{ann}/texts", words=WORDS, key=console.key("Dr Bose")
    )
    assert TICK.search(answer.text)
    assert texts(world) == []


def test_an_answer_from_the_inbox_is_asked_about_in_the_same_way(console, world, ann):
    world.text("Ann", "photo", media=1)
    with world.clinic.db.reading() as db:
        newest = select(SupportItem.id).order_by(SupportItem.id.desc()).limit(1)
        where = f"/inbox/{db.scalars(newest).one()}/answer"
    sam, bose = console.as_("Sam"), console.as_("Dr Bose")
    assert "Only a clinician may text her there" in sam.get("/inbox").text
    refused = sam.post(where, words=WORDS, key=console.key("Sam"), close="1")
    assert "ask a clinician" in refused.text
    assert WORDS in refused.text
    key = console.key("Dr Bose")
    tick = TICK.search(bose.post(where, words=WORDS, key=key, close="1").text).group(1)
    assert texts(world) == []
    assert bose.post(where, words=WORDS, key=key, close="1", although_read=tick).status_code == 303
    assert texts(world) == [WORDS]


def test_on_a_phone_that_is_hers_alone_nobody_is_asked(console, world):
    ann = console.patient_id("Ann")
    answer = console.as_("Sam").post(f"/patients/{ann}/texts", words=WORDS, key=console.key("Sam"))
    assert answer.status_code == 303
    assert texts(world) == [WORDS]
    assert console.audited("write_text")[-1].details == {}
