"""An alert pages, climbs, repeats and re-opens until a named person closes it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.alerts import Disposition, Verdict
from bot.core.levels import Level
from bot.core.messages import Receipt, ReceiptStatus
from bot.errors import InvalidTransition, MessageRefused, NotFound, NumberUnreachable
from bot.services import closing, escalation, outbound
from bot.storage import alerts as stored_alerts
from bot.storage import people
from bot.storage.tables import Alert, ShiftRecord, Staff
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import (
    all_alerts,
    audited,
    conversation_of,
    pages,
    pass_time,
    resolve,
    rows_of,
)
from tests.world import MONDAY_10, SUNDAY_2340, World, number_of

pytestmark = SQLITE_ONLY

CLINICIANS = ("Dr Bose", "Dr Ruiz", "Dr Lund")


def paged(world) -> list[str]:
    """Who was paged by text, in order, however often; what they hear about the rota aside."""
    names = {number_of(name): name for name in CLINICIANS}
    return [
        names[sent.to_number]
        for sent in world.carrier.sent
        if sent.to_number in names and "fill the rota" not in sent.body
    ]


# --- the ladder -------------------------------------------------------------------------------


def test_an_urgent_alert_climbs_every_fifteen_minutes(world):
    world.text("Bea", "want to die")
    assert paged(world) == ["Dr Bose"]
    pass_time(world, minutes=14)
    assert paged(world) == ["Dr Bose"]
    pass_time(world, minutes=1)
    assert paged(world) == ["Dr Bose", "Dr Ruiz"]
    pass_time(world, minutes=15)
    assert paged(world) == ["Dr Bose", "Dr Ruiz", "Dr Lund"]
    pass_time(world, minutes=15)
    assert sorted(paged(world)[3:]) == sorted(CLINICIANS)


def test_an_emergency_climbs_every_five_minutes(world):
    world.text("Bea", "took all the pills")
    assert world.alert("Bea").level == "emergency"
    for _ in range(2):
        pass_time(world, minutes=5)
    assert paged(world) == ["Dr Bose", "Dr Ruiz", "Dr Lund"]


def test_the_last_step_repeats_until_somebody_answers(world):
    world.text("Bea", "want to die")
    for _ in range(9):
        pass_time(world, minutes=15)
    # Three single steps, then everybody, again and again.
    assert len(paged(world)) == 3 + 7 * 3
    assert world.alert("Bea").next_step_at > world.now


def test_pages_name_their_round(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=15)
    assert world.to("Dr Bose") == ["page_alert"]
    assert world.to("Dr Ruiz") == ["page_alert_again"]
    assert [page.round for page in pages(world, "Bea")] == [1, 2]


def test_a_same_day_alert_at_night_waits_for_the_opening(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Ann", "HELP")
    assert paged(world) == []
    assert world.alert("Ann").next_step_at == MONDAY_10 - timedelta(hours=1)
    pass_time(world, hours=9, minutes=20)
    assert paged(world) == ["Dr Bose"]


def test_an_urgent_alert_at_night_does_not_wait(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Bea", "want to die")
    assert paged(world) == ["Dr Bose"]


def test_a_watch_alert_pages_nobody(world):
    world.text("Ann", "no better")
    pass_time(world, days=3)
    assert paged(world) == []


def test_a_policy_that_is_edited_does_not_change_an_alert_that_runs(world):
    world.text("Bea", "want to die")
    edited = {**world.clinic.policies, Level.URGENT: world.clinic.policies[Level.EMERGENCY]}
    object.__setattr__(world.clinic, "policies", edited)
    pass_time(world, minutes=6)
    assert paged(world) == ["Dr Bose"]


def test_an_alert_raised_as_the_shift_changes_pages_who_is_awake_now(world):
    ruiz = staff_id(world, "Dr Ruiz")
    with world.clinic.db.transaction(audited=False) as db:
        db.add(
            ShiftRecord(
                staff_id=ruiz,
                duty="on_call",
                starts_at=world.now,
                ends_at=world.now + timedelta(hours=8),
            )
        )
    world.text("Bea", "want to die")
    assert paged(world) == ["Dr Ruiz"]


def test_everybody_is_paged_when_no_one_is_on_call_and_the_gap_is_on_record(world):
    end_all_shifts(world)
    world.text("Bea", "want to die")
    assert sorted(paged(world)) == sorted(CLINICIANS)
    assert len(audited(world, "no_one_on_duty")) == 1


def test_the_alert_goes_on_asking_when_there_is_no_clinician_at_all(world):
    with world.clinic.db.transaction(audited=False) as db:
        for staff in db.query(Staff):
            staff.disabled_at = world.now
    world.text("Bea", "want to die")
    assert paged(world) == []
    assert world.alert("Bea").next_step_at == world.now + timedelta(minutes=15)


def end_all_shifts(world) -> None:
    with world.clinic.db.transaction(audited=False) as db:
        for shift in db.query(ShiftRecord):
            shift.ends_at = world.now


def staff_id(world, name: str) -> str:
    with world.clinic.db.reading() as db:
        return people.find_staff(db, people.index_of(db, number_of(name))).id


_ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 90)),
        st.tuples(st.just("text"), st.sampled_from(["hello", "want to die", "cant do this", "B"])),
        st.tuples(st.just("fail"), st.sampled_from(CLINICIANS)),
        st.tuples(st.just("works"), st.sampled_from(CLINICIANS)),
        st.tuples(st.just("ack"), st.sampled_from(CLINICIANS)),
        st.tuples(st.just("lift"), st.just("took all the pills")),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=_ACTS)
def test_whatever_a_night_brings_an_open_alert_has_a_next_step(world, acts):
    """Nobody may be left alone: not by failing phones, silence, or an ACK that goes stale."""
    for old in all_alerts(world):
        if old.status != "resolved":
            resolve(world, "Bea")
    world.carrier.refuses.clear()
    world.text("Bea", "want to die")
    for act, what in acts:
        if act == "wait":
            pass_time(world, minutes=what)
        elif act in ("text", "lift"):
            world.text("Bea", what)
        elif act == "fail":
            world.carrier.refuses[number_of(what)] = NumberUnreachable()
        elif act == "works":
            world.carrier.refuses.pop(number_of(what), None)
        else:
            world.text(what, f"ack {world.alert('Bea').code}")
        alert = world.alert("Bea")
        assert alert.next_step_at is not None
        assert alert.next_step_at > world.now or not world.delivers


# --- levels only rise ---------------------------------------------------------------------------


def test_a_higher_level_pages_at_once_by_its_own_policy(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=3)
    world.text("Bea", "took all the pills")
    alert = world.alert("Bea")
    assert (alert.level, alert.category) == ("emergency", "overdose")
    assert paged(world) == ["Dr Bose", "Dr Bose"]
    assert alert.next_step_at == world.now + timedelta(minutes=5)


def test_a_higher_level_takes_the_alert_from_who_had_acknowledged_a_lower_one(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.text("Bea", "took all the pills")
    alert = world.alert("Bea")
    assert (alert.status, alert.acknowledged_by) == ("open", None)
    assert world.to("Dr Bose")[-2:] == ["page_level_raised", "page_voice"]


def test_a_lower_signal_lowers_nothing(world):
    world.text("Bea", "took all the pills")
    world.text("Bea", "cant do this")
    assert world.alert("Bea").level == "emergency"


def test_one_mother_has_one_alert_that_gathers_everything(world):
    for words in ("cant do this", "want to die", "voices"):
        world.text("Bea", words)
    assert len(all_alerts(world)) == 1
    with world.clinic.db.reading() as db:
        signals = stored_alerts.list_signals(db, world.alert("Bea").id)
        assert {"suicide", "psychosis"} <= {signal.category for signal in signals}


def test_a_mother_whose_silence_made_it_urgent_speaks_with_people(world):
    world.text("Bea", "cant do this")
    pass_time(world, minutes=15)
    assert conversation_of(world, "Bea").mode == "human"


# --- a named person -----------------------------------------------------------------------------


def test_an_acknowledgement_stops_the_pages(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", f"ack {world.alert('Bea').code.lower()}")
    pass_time(world, minutes=45)
    assert paged(world) == ["Dr Bose", "Dr Bose"]
    assert world.to("Dr Bose") == ["page_alert", "ack_done"]


def test_the_code_alone_is_an_acknowledgement(world):
    world.text("Bea", "want to die")
    world.text("Dr Ruiz", world.alert("Bea").code)
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Ruiz")


def test_a_second_clinician_hears_who_has_it(world):
    world.text("Bea", "want to die")
    code = world.alert("Bea").code
    world.text("Dr Bose", f"ack {code}")
    world.text("Dr Ruiz", f"ack {code}")
    assert world.to("Dr Ruiz") == ["ack_taken"]
    assert "Dr Bose" in world.words_to("Dr Ruiz")[-1]
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


def test_a_bare_ack_takes_the_only_open_alert(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ACK")
    assert world.alert("Bea").status == "acknowledged"


def test_a_bare_ack_takes_none_of_two(world):
    world.text("Bea", "want to die")
    world.text("Ann", "voices")
    world.text("Dr Bose", "ack")
    assert world.to("Dr Bose")[-1] == "ack_list"
    for name in ("Bea", "Ann"):
        assert world.alert(name).status == "open"
        assert world.alert(name).code in world.words_to("Dr Bose")[-1]


def test_a_bare_ack_when_nothing_is_open_says_so(world):
    world.text("Dr Bose", "ack")
    assert world.to("Dr Bose") == ["ack_nothing_open"]


def test_a_wrong_code_takes_nothing(world):
    world.text("Bea", "want to die")
    wrong = "A2" if world.alert("Bea").code != "A2" else "B2"
    world.text("Dr Bose", f"ack {wrong}")
    assert world.to("Dr Bose")[-1] == "ack_unknown_code"
    assert world.alert("Bea").status == "open"


@pytest.mark.parametrize("name", ["Mallory", "Sam", "Ann"])
def test_an_ack_from_anybody_else_takes_nothing(world, name):
    world.text("Bea", "want to die")
    world.text(name, f"ack {world.alert('Bea').code}")
    assert world.alert("Bea").status == "open"
    assert world.alert("Bea").acknowledged_by is None


def test_an_ack_from_a_clinician_who_has_left_takes_nothing(world):
    world.text("Bea", "want to die")
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(Staff, staff_id(world, "Dr Ruiz")).disabled_at = world.now
    world.text("Dr Ruiz", f"ack {world.alert('Bea').code}")
    assert world.alert("Bea").status == "open"


def test_the_holder_hears_of_her_new_words_at_most_every_ten_minutes(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    for words in ("hello", "are you there", "want to die"):
        world.text("Bea", words)
    assert world.to("Dr Bose").count("page_new_words") == 1
    pass_time(world, minutes=10)
    world.text("Bea", "hello?")
    assert world.to("Dr Bose").count("page_new_words") == 2


def test_a_stale_acknowledgement_opens_again_and_pages(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=59)
    assert world.alert("Bea").status == "acknowledged"
    pass_time(world, minutes=1)
    assert world.alert("Bea").status == "open"
    assert world.to("Dr Bose")[-1] == "page_reopened"


def test_a_stale_watch_alert_pages_nobody_and_stops_nobody_elses_page(world):
    world.text("Ann", "no better")
    world.text("Dr Bose", f"ack {world.alert('Ann').code}")
    pass_time(world, hours=25)
    assert world.alert("Ann").status == "open"
    assert world.alert("Ann").next_step_at is None
    world.text("Bea", "want to die")
    pass_time(world, minutes=15)
    assert paged(world)[-1] == "Dr Ruiz"


def test_a_stale_same_day_alert_waits_for_the_opening(world):
    world.clock.time += timedelta(hours=6)
    world.text("Ann", "we lost her")
    world.text("Dr Bose", "ack")
    sent = len(paged(world))
    pass_time(world, hours=9)
    assert world.alert("Ann").status == "open"
    assert len(paged(world)) == sent
    assert "promise_missed" not in world.to("Ann")  # nor does a text wake her
    pass_time(world, hours=8)
    assert world.to("Ann")[-1] == "promise_missed"
    assert paged(world)[sent:]


def test_only_an_acknowledged_alert_can_be_closed(world):
    world.text("Bea", "want to die")
    with pytest.raises(InvalidTransition):
        closing.resolve(
            world.clinic,
            code=world.alert("Bea").code,
            by="staff:x",
            staff_id=None,
            disposition=Disposition.FALSE_ALARM,
            note="spoke with her",
            verdict=Verdict.TRUE,
            now=world.now,
        )
    assert world.alert("Bea").status == "open"


def test_closing_an_alert_that_is_not_there_is_refused(world):
    with pytest.raises(NotFound):
        closing.resolve(
            world.clinic,
            code="A2",
            by="staff:x",
            staff_id=None,
            disposition=Disposition.OTHER,
            note="spoke with her",
            verdict=Verdict.TRUE,
            now=world.now,
        )


def test_a_closed_alert_keeps_its_outcome_and_who_closed_it(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    closed = all_alerts(world)[0]
    assert (closed.status, closed.disposition) == ("resolved", "reached_safe")
    assert closed.next_step_at is None
    assert audited(world, "resolve")[0].actor == "staff:x"


def test_danger_after_an_alert_was_closed_is_a_new_alert(world):
    world.text("Bea", "want to die")
    resolve(world, "Bea")
    world.text("Bea", "want to die")
    assert len(all_alerts(world)) == 2
    assert world.to("Bea") == ["crisis_suicide", "crisis_suicide"]


def test_a_code_is_not_given_again_for_two_weeks(world):
    """A late ACK for yesterday's alert must not take today's."""
    taken = [f"{letter}{digit}" for letter in "ABCDEFGHJKMNPRTUVWXY" for digit in "23456789"]
    world.text("Bea", "want to die")
    kept = world.alert("Bea").code
    resolve(world, "Bea")
    with world.clinic.db.transaction(audited=False) as db:
        old = db.query(Alert).one()
        for number, code in enumerate(c for c in taken if c != kept):
            copied = {
                column.name: getattr(old, column.name)
                for column in Alert.__table__.columns
                if column.name not in ("id", "code")
            }
            db.add(Alert(id=f"x{number}", code=code, **copied))
    world.text("Ann", "want to die")
    assert len(world.alert("Ann").code) == 3


# --- the asked band -----------------------------------------------------------------------------


def test_she_is_asked_and_silence_makes_it_urgent_after_fifteen_minutes(world):
    world.text("Bea", "cant do this")
    assert world.to("Bea") == ["crisis_ask"]
    assert world.alert("Bea").level == "same-day"
    pass_time(world, minutes=14)
    assert world.alert("Bea").level == "same-day"
    pass_time(world, minutes=1)
    assert world.alert("Bea").level == "urgent"
    assert world.alert("Bea").next_step_at == world.now + timedelta(minutes=15)


def test_silence_at_night_pages(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Bea", "cant do this")
    assert paged(world) == []
    pass_time(world, minutes=15)
    assert paged(world) == ["Dr Bose"]


@pytest.mark.parametrize("words", ["A", "a.", "yes", "si", "A yes"])
def test_a_yes_is_urgent_at_once(world, words):
    world.text("Bea", "cant do this")
    world.text("Bea", words)
    assert world.alert("Bea").level == "urgent"
    assert world.to("Bea")[-1] == "crisis_answer_a"


@pytest.mark.parametrize("words", ["not sure", "maybe", "leave me alone", "A or B?"])
def test_anything_unclear_is_urgent(world, words):
    world.text("Bea", "cant do this")
    world.text("Bea", words)
    assert world.alert("Bea").level == "urgent"


@pytest.mark.parametrize("words", ["B", "b!", "no", "No thanks"])
def test_a_no_is_thanked_and_stays_open_until_a_person_has_read_it(world, words):
    world.text("Bea", "cant do this")
    world.text("Bea", words)
    assert world.to("Bea")[-1] == "crisis_answer_b"
    pass_time(world, minutes=60)
    assert world.alert("Bea").level == "same-day"
    assert world.alert("Bea").status == "open"


def test_a_no_that_comes_with_danger_is_danger(world):
    world.text("Bea", "cant do this")
    world.text("Bea", "no i want to die")
    assert world.alert("Bea").level == "urgent"


def test_her_words_after_the_alert_was_closed_are_no_answer_to_the_old_question(world):
    world.text("Bea", "cant do this")
    resolve(world, "Bea")
    world.text("Bea", "thank you for calling")
    assert world.alert("Bea") is None
    assert world.to("Bea")[-1] == "utter_greet"


def test_violence_is_asked_about_safety_before_any_hotline_is_named(world):
    world.text("Bea", "he hits me")
    assert world.to("Bea") == ["crisis_violence"]
    world.text("Bea", "A")
    assert world.to("Bea")[-1] == "crisis_violence_safe"


@pytest.mark.parametrize("words", ["B", "who is this", "this is her husband"])
def test_no_hotline_is_named_when_it_may_not_be_safe(world, words):
    world.text("Bea", "he hits me")
    world.text("Bea", words)
    assert world.to("Bea")[-1] == "crisis_violence_unsafe"


# --- she is told --------------------------------------------------------------------------------


def test_she_is_told_once_that_nobody_may_have_seen_it(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=29)
    assert "crisis_unacknowledged" not in world.to("Bea")
    pass_time(world, minutes=1)
    pass_time(world, minutes=120)
    assert world.to("Bea").count("crisis_unacknowledged") == 1
    assert "988" in world.words_to("Bea")[-1]


def test_she_is_told_after_ten_minutes_of_an_emergency(world):
    world.text("Bea", "took all the pills")
    pass_time(world, minutes=10)
    assert world.to("Bea")[-1] == "crisis_unacknowledged_now"


def test_she_is_not_told_when_somebody_has_it(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=30)
    assert "crisis_unacknowledged" not in world.to("Bea")


def test_the_minutes_count_from_when_it_became_pressing(world):
    world.text("Bea", "no better")
    pass_time(world, hours=3)
    world.text("Bea", "want to die")
    assert "crisis_unacknowledged" not in world.to("Bea")
    pass_time(world, minutes=30)
    assert world.to("Bea")[-1] == "crisis_unacknowledged"


# --- pages that fail ----------------------------------------------------------------------------


def test_a_page_that_fails_moves_on_at_once(world):
    world.carrier.refuses[number_of("Dr Bose")] = NumberUnreachable()
    world.text("Bea", "want to die")
    assert paged(world) == ["Dr Ruiz"]


def test_a_page_that_the_carrier_later_reports_as_failed_moves_on_at_once(world):
    world.delivers = False
    world.text("Bea", "want to die")
    receipt_for(world, "Dr Bose", ReceiptStatus.FAILED)
    world.settle()
    assert paged(world) == ["Dr Bose", "Dr Ruiz"]


def test_a_page_without_a_receipt_in_two_minutes_moves_on(world):
    world.delivers = False
    world.text("Bea", "want to die")
    pass_time(world, minutes=1, seconds=59)
    assert paged(world) == ["Dr Bose"]
    pass_time(world, seconds=1)
    assert "Dr Ruiz" in paged(world)


def test_a_late_failure_of_an_old_page_moves_nothing(world):
    world.delivers = False
    world.text("Bea", "want to die")
    pass_time(world, minutes=2)
    before = paged(world)
    receipt_for(world, "Dr Bose", ReceiptStatus.FAILED)
    world.settle()
    assert paged(world) == before


def test_one_lap_and_then_a_breath_when_every_phone_fails(world):
    for name in CLINICIANS:
        world.carrier.refuses[number_of(name)] = NumberUnreachable()
    world.text("Bea", "want to die")
    tried = len(pages(world, "Bea"))
    assert tried <= 12
    assert world.alert("Bea").next_step_at > world.now
    pass_time(world, minutes=1)
    assert tried < len(pages(world, "Bea")) <= tried + 6


def test_one_failed_phone_of_three_does_not_hurry_the_last_step(world):
    world.text("Bea", "want to die")
    for _ in range(2):
        pass_time(world, minutes=15)
    world.carrier.refuses[number_of("Dr Ruiz")] = NumberUnreachable()
    pass_time(world, minutes=15)
    assert world.alert("Bea").next_step_at == world.now + timedelta(minutes=15)


def test_one_alert_that_cannot_be_paged_does_not_silence_the_others(world):
    world.text("Ann", "want to die")
    world.text("Bea", "want to die")
    with world.clinic.db.transaction(audited=False) as db:
        alert = db.get_one(Alert, world.alert("Ann").id)
        alert.policy = {**alert.policy, "steps": []}
    world.clock.time += timedelta(minutes=15)
    with pytest.raises(IndexError):
        escalation.escalate_due(world.clinic, now=world.now)
    assert [page.round for page in pages(world, "Bea")] == [1, 2]


def test_a_crisis_reply_that_is_not_delivered_reaches_a_clinician(world):
    world.delivers = False
    world.text("Bea", "want to die")
    receipt_for(world, "Bea", ReceiptStatus.FAILED)
    world.settle()
    assert "page_undelivered" in world.to("Dr Bose")


def test_a_crisis_reply_that_the_carrier_refuses_reaches_a_clinician(world):
    world.carrier.refuses[number_of("Bea")] = MessageRefused()
    world.text("Bea", "want to die")
    assert "page_undelivered" in world.to("Dr Bose")


def test_a_crisis_reply_without_a_receipt_is_reported_once(world):
    world.delivers = False
    world.text("Bea", "want to die")
    for _ in range(3):
        pass_time(world, minutes=2)
    told = [row for name in CLINICIANS for row in rows_of(world, name, "page_undelivered")]
    assert len(told) == 1


def test_a_refused_soft_reply_makes_a_same_day_alert_urgent(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.carrier.refuses[number_of("Bea")] = MessageRefused()
    world.text("Bea", "cant do this")
    assert world.alert("Bea").level == "urgent"
    assert "page_alert" in world.to("Dr Bose")


def receipt_for(world, name: str, status: ReceiptStatus) -> None:
    """The carrier's word on the last text to somebody."""
    to = number_of(name)
    numbers = [n for n, sent in enumerate(world.carrier.sent, 1) if sent.to_number == to]
    error = NumberUnreachable() if status == ReceiptStatus.FAILED else None
    receipt = Receipt("fake", f"fake-{numbers[0]}", status, error)
    outbound.apply_receipt(world.clinic, receipt, now=world.now)
