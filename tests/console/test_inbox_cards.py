"""What one mother waits for is one card of the inbox; each of its tasks ends on record."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.alerts import SupportKind, SupportStatus
from bot.storage.tables import SupportItem
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import open_instrument, pass_time

pytestmark = SQLITE_ONLY


def tasks(world, **columns) -> list[SupportItem]:
    query = select(SupportItem).filter_by(**columns).order_by(SupportItem.id)
    with world.clinic.db.reading() as db:
        return list(db.scalars(query))


def writes(world, *texts: str, name: str = "Ann") -> None:
    for words in texts:
        world.text(name, words)
        pass_time(world, minutes=1)


@pytest.fixture
def sam(console, world):
    """Sam speaks with Ann, who goes on writing."""
    sam = console.as_("Sam")
    sam.post(f"/patients/{console.patient_id('Ann')}/take-over")
    return sam


@pytest.fixture
def newest(world, sam) -> str:
    writes(world, "first words", "second words", "third words")
    return tasks(world)[-1].id


def cards(page: str) -> list[str]:
    return page.split("<article")[1:]


def test_three_texts_are_one_card_with_the_newest_first(sam, newest):
    [card] = cards(sam.get("/inbox").text)
    shown, folded = card.split("<details", 1)
    assert "third words" in shown
    assert "3 texts" in shown
    assert "The 2 texts before" in folded
    assert folded.index("second words") < folded.index("first words")


def test_another_mother_has_a_card_of_her_own(console, world, sam, newest):
    sam.post(f"/patients/{console.patient_id('Luz')}/take-over")
    writes(world, "hola", name="Luz")
    assert len(cards(sam.get("/inbox").text)) == 2


def test_one_answer_settles_them_all_and_each_is_on_record(console, world, sam, newest):
    form = {"words": "I call you at four.", "key": console.key("Sam"), "close": "1"}
    assert sam.post(f"/inbox/{newest}/answer", **form).status_code == 303
    world.settle()
    assert world.words_to("Ann").count("I call you at four.") == 1
    assert {item.status for item in tasks(world)} == {SupportStatus.CLOSED}
    closed = [event.subject for event in console.audited("close_support_item")]
    assert sorted(closed) == [f"support:{item.id}" for item in tasks(world)]


def test_what_she_wrote_after_the_card_was_shown_stays_open(world, sam, newest):
    writes(world, "and one more")
    assert sam.post(f"/inbox/{newest}/close").status_code == 303
    assert [item.status for item in tasks(world)] == ["closed"] * 3 + ["open"]
    [card] = cards(sam.get("/inbox").text)
    assert "and one more" in card
    assert "third words" not in card


def test_undo_opens_what_was_closed_in_one_go_and_nothing_else(console, world, sam, newest):
    first, *_ = tasks(world)
    sam.post(f"/inbox/{first.id}/close")
    pass_time(world, minutes=1)
    sam.post(f"/inbox/{newest}/close")
    sam.post(f"/inbox/{newest}/reopen")
    assert [item.status for item in tasks(world)] == ["closed", "open", "open"]
    assert len(console.audited("reopen_item")) == 2


def test_who_takes_the_card_has_all_of_it_until_she_writes_again(console, world, sam, newest):
    sam.post(f"/inbox/{newest}/assign")
    assert len(console.audited("assign")) == 3
    page = sam.get("/inbox").text
    assert "Sam has it" in page
    assert "Not mine" in page
    writes(world, "and one more")
    assert "I take it" in sam.get("/inbox").text, "the newest is nobody's yet"


def test_words_that_were_kept_for_an_earlier_text_stand_in_the_card(console, world, sam, newest):
    """The login ended while Sam wrote, and meanwhile she wrote once more."""
    world.clock.time += timedelta(hours=1)
    form = {"words": "I call you at four.", "key": "x", "close": "1"}
    assert sam.post(f"/inbox/{newest}/answer", **form).status_code == 401
    writes(world, "and one more")
    [card] = cards(console.as_("Sam").get("/inbox").text)
    assert "I call you at four.</textarea>" in card
    # They answer what Sam had read; the text that came since stays open.
    assert f'action="/inbox/{newest}/answer"' in card


def test_a_planned_call_and_a_wish_for_one_are_cards_of_their_own(console, world, sam, newest):
    with world.clinic.db.transaction(audited=False) as db:
        for kind in (SupportKind.CALL_BACK, SupportKind.MOVE_SESSION, SupportKind.MISSED_CHECK_IN):
            item = SupportItem(
                kind=kind,
                status=SupportStatus.OPEN,
                patient_id=console.patient_id("Ann"),
                created_at=world.now,
                due_at=world.now,
            )
            db.add(item)
    assert len(cards(sam.get("/inbox").text)) == 4
    sam.post(f"/inbox/{newest}/close")
    assert len(cards(sam.get("/inbox").text)) == 3


def test_the_paper_list_has_one_row_for_her(sam, newest):
    page = sam.get("/inbox/print").text
    assert page.count("202-555-0111") == 1
    assert "(3 texts)" in page


def test_support_sees_no_bare_answer_to_a_check_in_there_either(console, world):
    open_instrument(world, "Ann", "phq2")
    # Taken by the service itself.
    world.dialogue.down = True
    answered = world.text("Ann", "3")
    with world.clinic.db.transaction(audited=False) as db:
        item = SupportItem(
            kind=SupportKind.NO_ANSWER,
            status=SupportStatus.OPEN,
            patient_id=console.patient_id("Ann"),
            inbound_id=answered,
            created_at=world.now,
        )
        db.add(item)
    assert "Her answer to a check-in" in console.as_("Sam").get("/inbox").text
    assert '<blockquote class="bubble">3</blockquote>' in console.as_("Dr Bose").get("/inbox").text
