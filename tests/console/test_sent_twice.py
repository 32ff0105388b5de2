"""A form that is sent twice is one entry; and what is written is shown as it was meant."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.services import form_keys
from bot.storage.tables import AlertNote, Note, Setting

WORDS = "She does not answer the phone."


def count(world, table) -> int:
    with world.clinic.db.reading() as db:
        return len(db.scalars(select(table)).all())


@pytest.fixture
def held(console, world) -> str:
    """Dr Bose has Bea's alert."""
    world.text("Bea", "i want to die")
    path = f"/alerts/{world.alert('Bea').id}"
    console.as_("Dr Bose").post(f"{path}/acknowledge")
    return path


def test_a_note_that_is_sent_twice_is_one_note(console, world):
    path, bose = f"/patients/{console.patient_id('Ann')}", console.as_("Dr Bose")
    key = console.key("Dr Bose")
    for _ in range(2):
        assert bose.post(f"{path}/notes", words=WORDS, key=key).status_code == 303
    assert count(world, Note) == 1
    assert bose.post(f"{path}/notes", words="Other words.", key=key).status_code == 303
    assert bose.post(f"{path}/notes", words=WORDS, key=console.key("Dr Bose")).status_code == 303
    assert count(world, Note) == 3
    for key in (console.key("Sam"), "x-y", "é"):
        assert bose.post(f"{path}/notes", words=WORDS, key=key).status_code == 409
    assert count(world, Note) == 3


def test_a_hand_over_that_is_sent_twice_is_one(console, world):
    sam, key = console.as_("Sam"), console.key("Sam")
    for _ in range(2):
        assert sam.post("/inbox/hand-over", words=WORDS, key=key).status_code == 303
    assert count(world, Note) == 1


def test_a_contact_that_is_sent_twice_is_one_contact(console, world, held):
    bose = console.as_("Dr Bose")
    said = {"words": WORDS, "reached": "no", "key": console.key("Dr Bose")}
    for _ in range(2):
        assert bose.post(f"{held}/contact", **said).status_code == 303
    assert count(world, AlertNote) == 1
    assert bose.post(f"{held}/contact", **{**said, "reached": "yes"}).status_code == 303
    assert count(world, AlertNote) == 2


def test_the_forms_of_the_pages_carry_the_key(console, held):
    bose = console.as_("Dr Bose")
    for path in (held, f"/patients/{console.patient_id('Ann')}", "/inbox"):
        for form in bose.get(path).text.split("<form")[1:]:
            if any(f'{end}"' in form for end in ("/contact", "/notes", "/hand-over")):
                assert 'name="key"' in form, path


def test_what_was_sent_long_ago_is_not_remembered(console, world):
    path = f"/patients/{console.patient_id('Ann')}"
    console.as_("Dr Bose").post(f"{path}/notes", words=WORDS, key=console.key("Dr Bose"))
    names = select(Setting.name).where(Setting.name.startswith(form_keys.PREFIX))
    with world.clinic.db.reading() as db:
        assert len(db.scalars(names).all()) == 1
    world.clock.time += timedelta(hours=25)
    world.settle()
    with world.clinic.db.reading() as db:
        assert db.scalars(names).all() == []


def test_a_correction_that_changes_nothing_is_refused(console, world, held):
    bose = console.as_("Dr Bose")
    how = {"disposition": "reached_safe", "verdict": "true"}
    bose.post(f"{held}/close", **how, words="Spoke; sister stays.")
    refused = bose.post(f"{held}/correct", **how, words=WORDS)
    assert refused.status_code == 409
    assert "So it stands already" in refused.text
    assert console.audited("correct") == []
    how["verdict"] = "not_sure"
    assert bose.post(f"{held}/correct", **how, words=WORDS).status_code == 303


def test_notes_and_timeline_say_whether_she_was_reached(console, held):
    bose = console.as_("Dr Bose")
    for reached, said in (("no", ": tried, not reached"), ("yes", ": reached")):
        bose.post(f"{held}/contact", words=f"{WORDS} {reached}", reached=reached)
        page = bose.get(held).text
        notes, timeline = page.split('id="notes"')[1].split('id="timeline"')
        assert f"Contact{said}" in notes
        assert said in timeline.split("Contact noted")[-1].split("</li>")[0]


def test_after_a_friday_night_the_next_call_promises_no_saturday(console, world, held):
    world.clock.time = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    bose = console.as_("Dr Bose")
    how = {"disposition": "reached_safe", "verdict": "true", "words": "Spoke; sister stays."}
    bose.post(f"{held}/take-over")
    assert bose.post(f"{held}/close", **how).status_code == 303
    calls = bose.get(held).text.split('id="calls"')[1]
    assert "The day after" not in calls
    line = calls.split("</p>")[0]
    assert "Next call" in line
    assert "Mon Nov 30, 11:00 am</time> (next staffed day)" in line


def test_between_two_staffed_days_nothing_is_skipped(console, world, held):
    bose = console.as_("Dr Bose")
    how = {"disposition": "reached_safe", "verdict": "true", "words": "Spoke; sister stays."}
    assert bose.post(f"{held}/close", **how).status_code == 303
    assert "(next staffed day)" not in bose.get(held).text
