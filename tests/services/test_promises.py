"""A promised time that passed without a person is owned up to, and a person hears of it."""

import pytest
from sqlalchemy import select

from bot.ports import Reply
from bot.services import promises, support, turns
from bot.storage.tables import SupportItem
from tests.services.clinic_day import audited, conversation_of, pass_time, resolve, rows_of
from tests.world import SUNDAY_2340, World


def tasks(world: World) -> list[SupportItem]:
    with world.clinic.db.reading() as db:
        return list(db.scalars(select(SupportItem).order_by(SupportItem.id)))


def ask_for_a_call(world: World) -> None:
    """Ann wants a call; the dialogue says by when, and support has a task."""
    world.dialogue.says = []
    inbound_id = world.text("Ann", "call me pls", settle=False)
    turn = turns.Turn(conversation_of(world, "Ann").key, inbound_id, "call me pls", "request_call")
    result = turns.run(world.clinic, "request_call", turn, now=world.now)
    world.dialogue.says = list(result.replies)
    world.settle()
    world.dialogue.says = [Reply("utter_greet")]
    assert world.to("Ann") == ["utter_call_requested"]


def test_a_call_that_nobody_made_is_owned_up_to_once(world):
    ask_for_a_call(world)
    pass_time(world, minutes=119)
    assert "promise_missed" not in world.to("Ann")
    pass_time(world, minutes=1)
    assert world.to("Ann")[-1] == "promise_missed"
    words = world.words_to("Ann")[-1]
    for number in ("988", "911", "202-555-0100", "by 2 pm"):
        assert number in words
    assert (world.alert("Ann").level, world.to("Dr Bose")) == ("same-day", ["page_alert"])
    pass_time(world, minutes=30)
    assert world.to("Ann").count("promise_missed") == 1


def test_the_renewed_time_passes_too_and_nothing_more_is_promised(world):
    ask_for_a_call(world)
    pass_time(world, minutes=120)
    pass_time(world, minutes=120)
    assert world.to("Ann")[-1] == "promise_missed_again"
    for _ in range(6):
        pass_time(world, hours=2)
    assert world.to("Ann").count("promise_missed_again") == 1
    assert world.to("Ann").count("promise_missed") == 1


def test_a_call_that_was_made_needs_no_follow_up(world):
    ask_for_a_call(world)
    support.close_item(world.clinic, tasks(world)[0].id, by="staff:x", now=world.now)
    pass_time(world, hours=3)
    assert world.to("Ann") == ["utter_call_requested"]
    assert world.alert("Ann") is None


def test_an_alert_that_nobody_took_by_the_promised_time_becomes_a_page(world):
    world.text("Dee", "i lost her")
    world.text("Dee", "ok")
    assert world.alert("Dee").level == "same-day"
    pass_time(world, hours=2)
    assert world.alert("Dee").level == "urgent"
    assert world.to("Dee")[-1] == "promise_missed"
    assert "baby" not in world.words_to("Dee")[-1]
    pass_time(world, minutes=45)
    assert "crisis_unacknowledged" not in world.to("Dee")


def test_an_alert_that_somebody_took_keeps_its_promise(world):
    world.text("Dee", "i lost her")
    world.text("Dr Bose", f"ack {world.alert('Dee').code}")
    pass_time(world, hours=3)
    assert "promise_missed" not in world.to("Dee")


def test_a_closed_alert_keeps_its_promise(world):
    world.text("Dee", "i lost her")
    resolve(world, "Dee")
    pass_time(world, hours=3)
    assert "promise_missed" not in world.to("Dee")


def test_a_promise_of_the_night_is_due_in_the_morning(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Dee", "i lost her")
    pass_time(world, hours=9)
    assert "promise_missed" not in world.to("Dee")
    pass_time(world, hours=2, minutes=20)
    assert world.to("Dee")[-1] == "promise_missed"


def test_who_stopped_the_texts_is_not_texted_about_it_and_a_person_is_paged(world):
    ask_for_a_call(world)
    world.text("Ann", "stop texting me")
    pass_time(world, hours=2)
    assert "promise_missed" not in world.to("Ann")
    assert rows_of(world, "Ann", "promise_missed")[0].status == "suppressed"
    assert "promise" in {signal.details["patterns"][0][:7] for signal in audited(world, "signal")}


def test_two_workers_follow_up_one_promise_once(world):
    ask_for_a_call(world)
    world.clock.time = world.clock.time.replace(hour=17)
    for _ in range(2):
        promises.follow_up_tasks(world.clinic, now=world.now)
        promises.follow_up_alerts(world.clinic, now=world.now)
    assert len(rows_of(world, "Ann", "promise_missed")) == 1
    assert len(audited(world, "miss_promise")) == 1


@pytest.mark.parametrize("words", ["want to die"])
def test_an_urgent_alert_is_first_told_that_nobody_may_see_it(world, words):
    world.text("Bea", words)
    pass_time(world, minutes=30)
    assert world.to("Bea")[-1] == "crisis_unacknowledged"
    pass_time(world, minutes=120)
    assert world.to("Bea")[-1] == "promise_missed"
