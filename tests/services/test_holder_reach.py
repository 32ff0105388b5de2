"""Whoever has an alert must hear of her new words; a phone that said STOP is rung."""

import pytest

from bot.errors import MessageRefused, OptedOut
from bot.services import closing, practice
from bot.storage import people, sealing
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited
from tests.services.test_alerts import staff_id
from tests.services.test_staff_reach import open_troubles, stop
from tests.world import World, number_of

pytestmark = SQLITE_ONLY


def bose_has_her_and_stops(world: World) -> None:
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    stop(world, "Dr Bose")


def rung(world: World) -> list[str]:
    return [call.to_number for call in world.voice.sent]


def test_her_next_words_ring_a_holder_who_said_stop_and_the_alert_stays_hers(world):
    bose_has_her_and_stops(world)
    world.text("Bea", "i want to die")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")
    assert rung(world) == [number_of("Dr Bose")]
    assert world.to("Dr Ruiz") == []
    heard = world.press("Dr Bose", "1")
    assert "is yours" in heard
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


def test_an_emergency_rings_whoever_had_her_and_the_next_one(world):
    world.text("Bea", "he is limp")
    world.text("Dr Bose", "ack")
    stop(world, "Dr Bose")
    world.voice.sent.clear()
    world.text("Bea", "still limp")
    assert {number_of("Dr Bose"), number_of("Dr Ruiz")} <= set(rung(world))


def test_words_without_danger_ring_the_holder_too(world):
    bose_has_her_and_stops(world)
    world.text("Bea", "please come")
    assert world.alert("Bea").status == "acknowledged"
    assert rung(world) == [number_of("Dr Bose")]


@pytest.mark.parametrize("answered", ["machine", "answered"])
def test_a_call_about_her_words_that_nobody_hears_goes_to_others(world, answered):
    bose_has_her_and_stops(world)
    world.text("Bea", "i want to die")
    world.press("Dr Bose", answered=answered)
    assert world.alert("Bea").status == "open"
    assert world.to("Dr Ruiz") == ["page_reopened"]
    [event] = audited(world, "holder_not_told")
    assert event.subject == f"alert:{world.alert('Bea').id}"
    assert event.details == {"staff": staff_id(world, "Dr Bose"), "because": "call_not_heard"}


def test_a_carrier_that_cannot_ring_either_gives_the_alert_to_others(world):
    bose_has_her_and_stops(world)
    world.voice.fails_with = MessageRefused()
    world.text("Bea", "i want to die")
    assert world.alert("Bea").status == "open"
    assert "page_reopened" in world.to("Dr Ruiz")


def test_a_pressed_key_gives_it_back_to_the_one_who_had_it(world):
    bose_has_her_and_stops(world)
    world.text("Bea", "i want to die")
    world.press("Dr Bose", answered="machine")
    world.press("Dr Bose", "1")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


def test_a_phone_that_refuses_the_text_for_another_reason_is_no_end_either(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.carrier.refuses[number_of("Dr Bose")] = MessageRefused()
    world.text("Bea", "i want to die")
    assert world.alert("Bea").status == "open"
    assert "page_reopened" in world.to("Dr Ruiz")


def test_nobody_is_woken_about_a_same_day_alert(world):
    world.clock.time = world.now.replace(hour=23)  # six in the evening in New York
    world.text("Bea", "HELP")
    world.text("Dr Bose", "ack")
    stop(world, "Dr Bose")
    world.text("Bea", "he is out")
    assert world.alert("Bea").status == "acknowledged"
    assert rung(world) == []
    [waits] = [row for row in world.rows_to("Dr Bose") if row.text_id == "voice_new_words"]
    assert practice.is_staffed(world.clinic.protocol, waits.send_after)


def test_she_is_not_told_that_nobody_called_when_somebody_did(world):
    bose_has_her_and_stops(world)
    closing.record_contact(
        world.clinic,
        code=world.alert("Bea").code,
        by="staff:x",
        staff_id=None,
        reached=True,
        note="spoke with her",
        now=world.now,
    )
    world.text("Bea", "i want to die")
    world.press("Dr Bose", answered="machine")
    world.wait(minutes=2)
    assert "crisis_waits_again" not in world.to("Bea")


# --- what a colleague hears back to a command ------------------------------------------------


def test_an_ack_from_a_stopped_phone_counts_and_is_answered_by_a_call(world):
    world.text("Bea", "want to die")
    stop(world, "Dr Ruiz")
    world.text("Dr Ruiz", "ack")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Ruiz")
    assert number_of("Dr Ruiz") in rung(world)
    heard = world.press("Dr Ruiz")
    assert f"{world.alert('Bea').code} is yours" in heard
    assert "START" in heard


def test_the_alert_shows_that_the_answer_could_not_be_sent(world):
    world.text("Bea", "want to die")
    stop(world, "Dr Ruiz")
    world.text("Dr Ruiz", "ack")
    [event] = audited(world, "staff_not_told")
    assert event.subject == f"alert:{world.alert('Bea').id}"
    assert event.details["staff"] == staff_id(world, "Dr Ruiz")


def test_any_other_command_is_answered_by_a_call_too(world):
    stop(world, "Dr Bose")
    world.text("Dr Bose", "who")
    assert "on call now: Dr Bose" in world.press("Dr Bose")


def test_an_answer_goes_by_e_mail_too_where_an_address_is_on_record(world):
    with world.clinic.db.transaction(audited=False) as db:
        bose = people.get_staff(db, staff_id(world, "Dr Bose"))
        sealing.put(db, bose, email="bose@example.org")
    stop(world, "Dr Bose")
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    told = world.email.sent[-1].body
    assert "START" in told
    assert world.alert("Bea").code not in told


def test_a_call_with_an_answer_that_nobody_picks_up_moves_no_ladder(world):
    world.text("Bea", "want to die")
    stop(world, "Dr Ruiz")
    world.text("Dr Ruiz", "ack")
    world.press("Dr Ruiz", answered="machine")
    assert world.alert("Bea").status == "acknowledged"


def test_a_phone_that_takes_texts_is_not_rung_for_an_answer(world):
    world.text("Bea", "want to die")
    world.text("Dr Ruiz", "ack")
    assert rung(world) == []


def test_a_refused_answer_tells_that_the_phone_said_stop(world):
    world.carrier.refuses[number_of("Dr Ruiz")] = OptedOut()
    world.text("Dr Ruiz", "who")
    assert [task.reason for task in open_troubles(world)] == ["opted_out"]
