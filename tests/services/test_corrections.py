"""A closing that was wrong is corrected or taken back, and what stood before stays on record."""

from datetime import timedelta

import pytest

from bot.core.alerts import Disposition, NoteKind, SupportKind, Verdict
from bot.errors import NotAllowed
from bot.services import closing, corrections, planned_calls
from tests.services.clinic_day import (
    all_alerts,
    audited,
    conversation_of,
    pass_time,
    patient_of,
)
from tests.services.test_alerts import staff_id
from tests.services.test_closing import call, close, items
from tests.world import World


def close_as_false_alarm(world: World) -> str:
    world.text("Bea", "want to die")
    alert_id = world.alert("Bea").id
    close(world, "Bea", Disposition.FALSE_ALARM, verdict=Verdict.FALSE_ALARM)
    return alert_id


def correct(world: World, alert_id: str, **more) -> None:
    given = {
        "disposition": Disposition.REACHED_SAFE,
        "verdict": Verdict.TRUE,
        "words": "wrong alert closed",
        **more,
    }
    lund = staff_id(world, "Dr Lund")
    corrections.correct(world.clinic, alert_id, staff_id=lund, now=world.now, **given)


def reopen(world: World, alert_id: str) -> None:
    corrections.reopen(
        world.clinic,
        alert_id,
        "she is not safe",
        staff_id=staff_id(world, "Dr Lund"),
        now=world.now,
    )


def test_a_wrong_outcome_is_corrected_and_the_old_one_stays_on_record(world):
    alert_id = close_as_false_alarm(world)
    assert items(world, SupportKind.FOLLOW_UP) == []
    correct(world, alert_id)
    [alert] = all_alerts(world)
    assert (alert.disposition, alert.verdict, alert.status) == ("reached_safe", "true", "resolved")
    [event] = audited(world, "correct")
    assert event.actor == f"staff:{staff_id(world, 'Dr Lund')}"
    assert event.details["was"] == "false_alarm, false_alarm"
    assert len(audited(world, "resolve")) == 1
    kinds = [note.kind for note, _ in closing.notes_of(world.clinic, alert_id)]
    assert kinds == [NoteKind.DISPOSITION, NoteKind.CORRECTION]


def test_what_was_no_false_alarm_after_all_gets_its_follow_up_calls(world):
    alert_id = close_as_false_alarm(world)
    correct(world, alert_id)
    correct(world, alert_id, verdict=Verdict.NOT_SURE)
    assert len(items(world, SupportKind.FOLLOW_UP)) == 2


def test_a_closed_alert_is_opened_again_and_whoever_does_it_has_it(world):
    alert_id = close_as_false_alarm(world)
    reopen(world, alert_id)
    alert = world.alert("Bea")
    assert (alert.id, alert.status) == (alert_id, "acknowledged")
    assert alert.acknowledged_by == staff_id(world, "Dr Lund")
    assert conversation_of(world, "Bea").mode == "human"
    assert patient_of(world, "Bea").sessions_blocked_at is not None
    assert audited(world, "reopen")[0].details["was"] == "false_alarm, false_alarm"


def test_opened_again_and_left_alone_it_pages_again(world):
    reopen(world, close_as_false_alarm(world))
    before = len(world.to("Dr Bose"))
    world.wait(minutes=61)
    assert world.alert("Bea").status == "open"
    assert "page_reopened" in world.to("Dr Bose")[before:]


def test_it_is_not_opened_beside_a_newer_alert_about_her(world):
    alert_id = close_as_false_alarm(world)
    world.text("Bea", "want to die")
    with pytest.raises(NotAllowed, match=world.alert("Bea").code):
        reopen(world, alert_id)


def test_what_is_not_closed_or_closed_for_long_is_refused(world):
    world.text("Ann", "want to die")
    for act in (reopen, correct):
        with pytest.raises(NotAllowed, match="not closed"):
            act(world, world.alert("Ann").id)
    alert_id = close_as_false_alarm(world)
    world.clock.time += timedelta(days=15)
    with pytest.raises(NotAllowed, match="14 days"):
        reopen(world, alert_id)


def test_somebody_still_on_the_way_to_her_is_no_correction_and_words_are_needed(world):
    alert_id = close_as_false_alarm(world)
    with pytest.raises(NotAllowed, match="open the alert again"):
        correct(world, alert_id, disposition=Disposition.WELFARE_CHECK)
    with pytest.raises(NotAllowed):
        correct(world, alert_id, words=" ")
    assert all_alerts(world)[0].disposition == "false_alarm"


def test_the_calls_of_an_end_that_was_none_wait_for_nobody(world):
    """Nobody is told to make, and nobody is paged about, a call after something that goes on."""
    alert_id = close_as_spoken_with(world)
    reopen(world, alert_id)
    assert items(world, SupportKind.FOLLOW_UP) == []
    lund = staff_id(world, "Dr Lund")
    dropped = [
        event.actor
        for event in audited(world, "close_support_item")
        if event.details["because"] == "opened_again"
    ]
    assert dropped == [f"staff:{lund}"] * 2
    close(world, "Bea", Disposition.FALSE_ALARM, verdict=Verdict.FALSE_ALARM)
    assert items(world, SupportKind.FOLLOW_UP) == [], "what was a false alarm needs no call"


def test_what_was_no_false_alarm_the_second_time_either_gets_its_calls(world):
    alert_id = close_as_spoken_with(world)
    pass_time(world, hours=1)
    reopen(world, alert_id)
    close(world, "Bea", Disposition.FALSE_ALARM, verdict=Verdict.FALSE_ALARM)
    pass_time(world, hours=1)
    correct(world, alert_id)
    correct(world, alert_id, verdict=Verdict.NOT_SURE)
    assert len(items(world, SupportKind.FOLLOW_UP)) == 2


def test_calls_that_nobody_made_are_dropped_and_never_done_when_it_is_opened_again(world):
    alert_id = close_as_spoken_with(world)
    reopen(world, alert_id)
    close(world, "Bea", Disposition.REACHED_SAFE)
    with world.clinic.db.reading() as db:
        calls = planned_calls.list_calls(db, alert_id)
    assert [call.dropped for call in calls] == ["opened_again"] * 2 + [None] * 2
    assert [call.is_open for call in calls] == [False, False, True, True]
    assert [note.reached for note, _ in closing.notes_of(world.clinic, alert_id)] == [None] * 3


def test_a_call_that_was_made_stays_made_when_it_is_opened_again(world):
    alert_id = close_as_spoken_with(world)
    call(world, items(world, SupportKind.FOLLOW_UP)[0].id)
    reopen(world, alert_id)
    close(world, "Bea", Disposition.REACHED_SAFE)
    with world.clinic.db.reading() as db:
        calls = planned_calls.list_calls(db, alert_id)
    assert [call.dropped for call in calls] == [None, "opened_again", None, None]


def test_calls_give_way_to_those_of_a_newer_alert_and_say_so(world):
    alert_id = close_as_spoken_with(world)
    close_as_spoken_with(world)
    with world.clinic.db.reading() as db:
        calls = planned_calls.list_calls(db, alert_id)
    assert [call.dropped for call in calls] == ["newer_alert"] * 2


def close_as_spoken_with(world: World) -> str:
    world.text("Bea", "want to die")
    alert_id = world.alert("Bea").id
    close(world, "Bea", Disposition.REACHED_SAFE)
    return alert_id
