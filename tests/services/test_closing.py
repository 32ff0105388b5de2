"""Only outcomes close an alert; and what follows from closing one: calls, sessions, verdicts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.alerts import Disposition, NoteKind, Outcome, SupportKind, Verdict
from bot.errors import InvalidTransition, NotAllowed
from bot.services import closing, follow_ups, sessions
from bot.storage.tables import AlertNote, Patient, SupportItem
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import (
    all_alerts,
    audited,
    conversation_of,
    open_instrument,
    pass_time,
    patient_of,
    resolve,
    rows_of,
    schedule,
)
from tests.services.test_alerts import paged, staff_id
from tests.world import World


def close(world: World, name: str, disposition: Disposition, **more) -> None:
    """Dr Bose takes the alert about her and says how it ended."""
    alert = world.alert(name)
    if alert.status == "open":
        world.text("Dr Bose", f"ack {alert.code}")
    given = {"note": "spoke with her", "verdict": Verdict.TRUE, **more}
    bose = staff_id(world, "Dr Bose")
    closing.resolve(
        world.clinic,
        code=alert.code,
        by=f"staff:{bose}",
        staff_id=bose,
        disposition=disposition,
        now=world.now,
        **given,
    )


def know(world: World, name: str, outcome: Outcome) -> None:
    bose = staff_id(world, "Dr Bose")
    closing.record_outcome(
        world.clinic,
        code=world.alert(name).code,
        by=f"staff:{bose}",
        staff_id=bose,
        outcome=outcome,
        note="rang the hospital",
        now=world.now,
    )


def contact(world: World, name: str, *, reached: bool = False) -> None:
    bose = staff_id(world, "Dr Bose")
    closing.record_contact(
        world.clinic,
        code=world.alert(name).code,
        by=f"staff:{bose}",
        staff_id=bose,
        reached=reached,
        note="no answer",
        now=world.now,
    )


def call(world: World, item_id: str) -> None:
    follow_ups.record_call(
        world.clinic,
        item_id,
        by="staff:x",
        staff_id=None,
        reached=True,
        note="she is well",
        now=world.now,
    )


def items(world: World, kind: SupportKind, *, status: str = "open") -> list[SupportItem]:
    query = select(SupportItem).where(SupportItem.kind == kind, SupportItem.status == status)
    with world.clinic.db.reading() as db:
        return list(db.scalars(query.order_by(SupportItem.due_at)))


# --- outcomes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [Disposition.SENT_TO_EMERGENCY, Disposition.WELFARE_CHECK])
def test_an_alert_stays_owned_when_somebody_was_only_sent_to_her(world, sent):
    world.text("Bea", "want to die")
    close(world, "Bea", sent)
    alert = world.alert("Bea")
    assert (alert.status, alert.disposition) == ("acknowledged", sent)
    assert alert.outcome_due_at == world.now + timedelta(hours=2)
    assert conversation_of(world, "Bea").mode == "human"


def test_it_pages_again_when_no_outcome_was_recorded_in_time(world):
    world.text("Bea", "want to die")
    close(world, "Bea", Disposition.SENT_TO_EMERGENCY)
    before = len(paged(world))
    pass_time(world, minutes=119)
    assert len(paged(world)) == before
    pass_time(world, minutes=1)
    assert world.alert("Bea").status == "open"
    assert len(paged(world)) == before + 1


def test_a_known_outcome_closes_it(world):
    world.text("Bea", "want to die")
    close(world, "Bea", Disposition.SENT_TO_EMERGENCY)
    know(world, "Bea", Outcome.IN_CARE)
    closed = all_alerts(world)[0]
    assert (closed.status, closed.disposition, closed.outcome) == (
        "resolved",
        "sent_to_emergency",
        "in_care",
    )
    assert conversation_of(world, "Bea").mode == "bot"


def test_not_found_is_no_outcome(world):
    world.text("Bea", "want to die")
    close(world, "Bea", Disposition.WELFARE_CHECK)
    pass_time(world, minutes=100)
    know(world, "Bea", Outcome.NOT_FOUND)
    assert world.alert("Bea").status == "acknowledged"
    assert world.alert("Bea").outcome_due_at == world.now + timedelta(hours=2)


@pytest.mark.parametrize("sent", [Disposition.SENT_TO_EMERGENCY, Disposition.WELFARE_CHECK])
def test_no_ordinary_end_skips_what_came_of_it_whoever_has_the_alert(world, sent):
    world.text("Bea", "want to die")
    close(world, "Bea", sent)
    world.text("Dr Bose", f"back {world.alert('Bea').code}")
    assert world.alert("Bea").status == "open"
    for ordinary in (Disposition.REACHED_SAFE, Disposition.FALSE_ALARM, Disposition.OTHER):
        with pytest.raises(NotAllowed, match="what came of it"):
            close(world, "Bea", ordinary)
    assert (world.alert("Bea").status, world.alert("Bea").disposition) == ("acknowledged", sent)
    assert world.alert("Bea").outcome_due_at == world.alert("Bea").next_step_at
    know(world, "Bea", Outcome.NOT_FOUND)
    with pytest.raises(NotAllowed, match="what came of it"):
        close(world, "Bea", Disposition.REACHED_SAFE)
    close(world, "Bea", Disposition.WELFARE_CHECK)
    know(world, "Bea", Outcome.SAFE)
    assert all_alerts(world)[0].status == "resolved"


def test_an_outcome_needs_somebody_who_was_sent(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    with pytest.raises(NotAllowed):
        know(world, "Bea", Outcome.SAFE)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_nothing_is_closed_without_a_note(world, note):
    world.text("Bea", "want to die")
    with pytest.raises(NotAllowed):
        close(world, "Bea", Disposition.REACHED_SAFE, note=note)
    assert world.alert("Bea").status == "acknowledged"


def test_notes_are_sealed_and_the_verdict_is_kept(world):
    world.text("Bea", "want to die")
    close(world, "Bea", Disposition.REACHED_SAFE, note="she is with her sister")
    alert = all_alerts(world)[0]
    assert alert.verdict == "true"
    [(row, words)] = closing.notes_of(world.clinic, alert.id)
    assert (row.kind, words) == (NoteKind.DISPOSITION, "she is with her sister")
    with world.clinic.db.reading() as db:
        assert b"sister" not in db.scalars(select(AlertNote.note_sealed)).one()


# --- a stale acknowledgement ------------------------------------------------------------------


@SQLITE_ONLY
def test_a_contact_record_keeps_an_acknowledgement_fresh(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    before = len(paged(world))
    for _ in range(3):
        pass_time(world, minutes=59)
        contact(world, "Bea")
    pass_time(world, minutes=59)
    assert world.alert("Bea").status == "acknowledged"
    assert len(paged(world)) == before
    pass_time(world, minutes=1)
    assert world.alert("Bea").status == "open"
    assert len(paged(world)) == before + 1


def test_only_who_has_taken_it_can_have_tried_to_reach_her(world):
    world.text("Bea", "want to die")
    with pytest.raises(InvalidTransition):
        contact(world, "Bea")


# --- the calls afterwards ---------------------------------------------------------------------


def test_calls_are_promised_for_the_next_day_and_after_seven_days(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    due = [item.due_at for item in items(world, SupportKind.FOLLOW_UP)]
    # Monday ten o'clock: Tuesday and Monday, two hours after the practice opens at nine.
    assert due == [
        world.now.replace(hour=16) + timedelta(days=1),
        world.now.replace(hour=16) + timedelta(days=7),
    ]


def test_a_call_is_never_promised_for_a_closed_day(clinic):
    friday = World(clinic)
    friday.clock.time += timedelta(days=4)
    friday.text("Bea", "want to die")
    resolve(friday, "Bea")
    [first, second] = [item.due_at for item in items(friday, SupportKind.FOLLOW_UP)]
    assert first == friday.now.replace(hour=16) + timedelta(days=3)
    assert second == friday.now.replace(hour=16) + timedelta(days=7)


def test_a_call_that_nobody_makes_pages_again_and_again(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    before = len(paged(world))
    pass_time(world, days=1, hours=1)
    assert (world.alert("Bea").level, world.alert("Bea").category) == ("same-day", "follow_up")
    assert len(paged(world)) == before + 1


def test_a_call_that_is_missed_is_raised_the_next_day_too(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    pass_time(world, days=1, hours=1)
    close(world, "Bea", Disposition.OTHER)
    pass_time(world, days=1)
    assert world.alert("Bea").category == "follow_up"


def test_reaching_her_ends_the_call_that_was_due(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    pass_time(world, days=1, hours=1)
    close(world, "Bea", Disposition.REACHED_SAFE)
    assert [item.reason for item in items(world, SupportKind.FOLLOW_UP)] == ["day_7"]


def test_a_call_that_reached_her_is_done_and_one_that_did_not_is_due_again(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    first = items(world, SupportKind.FOLLOW_UP)[0]
    given = {"by": "staff:x", "staff_id": None, "note": "", "now": world.now}
    follow_ups.record_call(world.clinic, first.id, reached=False, **given)
    [again, _] = items(world, SupportKind.FOLLOW_UP)
    assert (again.id, again.due_at) == (first.id, world.now + timedelta(hours=2))
    follow_ups.record_call(world.clinic, first.id, reached=True, **given)
    assert len(items(world, SupportKind.FOLLOW_UP)) == 1
    with pytest.raises(NotAllowed):
        follow_ups.record_call(world.clinic, first.id, reached=True, **given)


def test_a_new_alert_has_its_own_calls_and_no_double_ones(world):
    for _ in range(2):
        world.text("Bea", "want to die")
        resolve(world, "Bea")
        pass_time(world, hours=2)
    assert len(items(world, SupportKind.FOLLOW_UP)) == 2


@SQLITE_ONLY
def test_no_call_follows_a_false_alarm_or_a_same_day_alert(world):
    world.text("Bea", "want to die")
    close(world, "Bea", Disposition.FALSE_ALARM, verdict=Verdict.FALSE_ALARM)
    world.text("Ann", "we lost her")
    resolve(world, "Ann")
    assert items(world, SupportKind.FOLLOW_UP) == []


@SQLITE_ONLY
def test_calls_follow_a_false_alarm_when_the_clinician_is_not_sure(world):
    world.text("Bea", "want to die")
    close(world, "Bea", Disposition.FALSE_ALARM, verdict=Verdict.NOT_SURE)
    assert len(items(world, SupportKind.FOLLOW_UP)) == 2


# --- sessions ---------------------------------------------------------------------------------


def test_her_sessions_are_blocked_until_a_named_clinician_releases_them(world):
    schedule(world, "Bea", world.now + timedelta(days=3))
    world.text("Bea", "want to die")
    assert patient_of(world, "Bea").sessions_blocked_at == world.now
    bose = staff_id(world, "Dr Bose")
    with pytest.raises(NotAllowed, match="close alert"):
        sessions.release(
            world.clinic, patient_id=patient_of(world, "Bea").id, staff_id=bose, now=world.now
        )
    resolve(world, "Bea")
    assert len(items(world, SupportKind.SESSION_RELEASE)) == 1
    sessions.release(
        world.clinic, patient_id=patient_of(world, "Bea").id, staff_id=bose, now=world.now
    )
    bea = patient_of(world, "Bea")
    assert (bea.sessions_blocked_at, bea.sessions_released_by) == (None, bose)
    assert items(world, SupportKind.SESSION_RELEASE) == []


def test_support_cannot_release_a_session(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    with pytest.raises(NotAllowed, match="only a clinician"):
        sessions.release(
            world.clinic,
            patient_id=patient_of(world, "Bea").id,
            staff_id=staff_id(world, "Sam"),
            now=world.now,
        )


@SQLITE_ONLY
def test_nobody_is_reminded_of_a_session_that_is_blocked(world):
    schedule(world, "Bea", world.now + timedelta(hours=26))
    schedule(world, "Ann", world.now + timedelta(hours=26))
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    pass_time(world, hours=2)
    assert "reminder_day_before" in world.to("Ann")
    assert "reminder_day_before" not in world.to("Bea")
    sessions.release(
        world.clinic,
        patient_id=patient_of(world, "Bea").id,
        staff_id=staff_id(world, "Dr Bose"),
        now=world.now,
    )
    pass_time(world, minutes=16)
    assert len(rows_of(world, "Bea", "reminder_day_before")) == 1
    assert "reminder_day_before" in world.to("Bea")


@SQLITE_ONLY
def test_a_same_day_alert_blocks_no_session(world):
    world.text("Ann", "we lost her")
    assert patient_of(world, "Ann").sessions_blocked_at is None


# --- item 9 and a reviewed plan ---------------------------------------------------------------


def answer_item_9(world: World, name: str) -> str:
    open_instrument(world, name, "phq9")
    for answer in [*"00000000", "2"]:
        world.clock.time += timedelta(seconds=20)
        world.text(name, answer)
    return world.alert(name).level


@pytest.mark.parametrize(("days", "level"), [(14, "same-day"), (15, "urgent")])
def test_item_nine_is_same_day_while_her_plan_was_reviewed_in_the_last_14_days(world, days, level):
    with world.clinic.db.transaction(audited=False) as db:
        bea = db.get_one(Patient, patient_of(world, "Bea").id)
        bea.plan_reviewed_at = world.now - timedelta(days=days) + timedelta(minutes=30)
    say_next_items(world)
    assert answer_item_9(world, "Bea") == level


def say_next_items(world: World) -> None:
    """The test's dialogue asks nothing; the gateway reads the answers all the same."""
    world.dialogue.says = []


@SQLITE_ONLY
def test_only_a_clinician_reviews_a_plan(world):
    bea = patient_of(world, "Bea").id
    with pytest.raises(NotAllowed):
        sessions.record_plan_review(
            world.clinic, patient_id=bea, staff_id=staff_id(world, "Sam"), now=world.now
        )
    sessions.record_plan_review(
        world.clinic, patient_id=bea, staff_id=staff_id(world, "Dr Bose"), now=world.now
    )
    assert patient_of(world, "Bea").plan_reviewed_at == world.now
    assert len(audited(world, "review_plan")) == 1


@SQLITE_ONLY
def test_words_of_dying_page_whatever_was_reviewed(world):
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(Patient, patient_of(world, "Bea").id).plan_reviewed_at = world.now
    world.text("Bea", "want to die")
    assert world.alert("Bea").level == "urgent"
