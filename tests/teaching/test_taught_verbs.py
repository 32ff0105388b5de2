"""Where the intents lead that staff have added."""

import pytest

from bot.core.taught import ACTIONS
from bot.services import turns
from bot.services.turns import Turn
from bot.storage import care
from tests.engines import SQLITE_ONLY


def run(world, verb, name="Ann"):
    inbound_id = world.text(name, "can i have a receipt", settle=False)
    with world.clinic.db.reading() as db:
        key = care.conversation_of(db, world.inbound(inbound_id).patient_id).key
    turn = Turn(key, inbound_id, "can i have a receipt", intent="request_receipt")
    return turns.run(world.clinic, verb, turn, now=world.now)


@SQLITE_ONLY
def test_support_gets_a_task_and_she_is_told_by_when(world):
    result = run(world, "pass_on")
    assert world.support_kinds() == ["no_answer"]
    (reply,) = result.replies
    words = world.clinic.texts.render(reply.text_id, "en", reply.values).body
    assert "A person will read it by" in words


@SQLITE_ONLY
@pytest.mark.parametrize(
    ("verb", "level"), [("pass_on_same_day", "same-day"), ("pass_on_watch", "watch")]
)
def test_an_alert_is_raised_at_its_level(world, verb, level):
    result = run(world, verb)
    assert world.alert("Ann").level == level
    assert [reply.text_id for reply in result.replies] == ["utter_passed_on"]


def test_every_way_that_an_intent_can_lead_is_an_action():
    from actions.server import every_action

    there = {action.name() for action in every_action(lambda verb, turn: None)}
    assert set(ACTIONS.values()) <= there
