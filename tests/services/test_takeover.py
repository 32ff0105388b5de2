"""A person speaks with her in place of the bot: what the bot was about to say is not said."""

from dataclasses import dataclass

import pytest

from bot.core.messages import Lane
from bot.errors import ProviderUnavailable
from bot.ports import Reply
from bot.services import dialogue_turns, form_keys, patient_care
from bot.services.patient_care import WrittenBy
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pass_time, patient_of, rows_of
from tests.services.test_alerts import staff_id
from tests.services.test_outbound import queue, send
from tests.world import World, number_of

pytestmark = SQLITE_ONLY


def take_over(world: World, name: str = "Ann") -> None:
    """Dr Bose speaks with her from now on."""
    bose, patient = staff_id(world, "Dr Bose"), patient_of(world, name)
    patient_care.take_over(world.clinic, patient.id, staff_id=bose, now=world.now)


def hand_back(world: World, name: str = "Ann") -> None:
    bose, patient = staff_id(world, "Dr Bose"), patient_of(world, name)
    patient_care.hand_to_bot(world.clinic, patient.id, staff_id=bose, now=world.now)


def fate(world: World, text_id: str) -> list[tuple[str, str | None]]:
    return [(row.status, row.suppressed_because) for row in rows_of(world, "Ann", text_id)]


WITHDRAWN = [("suppressed", "person_took_over")]


def test_a_reply_that_waits_is_withdrawn_and_stays_so(world):
    queue(world, "Ann")
    take_over(world)
    assert fate(world, "utter_greet") == WITHDRAWN
    hand_back(world)
    world.settle()
    assert world.to("Ann") == []


@pytest.mark.parametrize(
    ("text_id", "lane"),
    [("crisis_added", Lane.CRISIS), ("loss_reply", Lane.REPLY), ("stop_confirmed", Lane.REPLY)],
)
def test_what_helps_and_what_confirms_her_wish_still_goes(world, text_id, lane):
    queue(world, "Ann", text_id, lane=lane, values={"time": "today"})
    take_over(world)
    world.settle()
    assert world.to("Ann") == [text_id]


def test_the_words_of_a_colleague_still_go(world):
    me = staff_id(world, "Sam")
    key = form_keys.give(world.clinic, me)
    ann = patient_of(world, "Ann").id
    by = WrittenBy(me)
    words = "I will phone you at four."
    patient_care.write_text(world.clinic, ann, words, key=key, by=by, now=world.now)
    take_over(world)
    world.settle()
    assert world.to("Ann") == ["staff_written"]


@dataclass
class SlowDialogue:
    """A dialogue during whose turn a person takes over."""

    world: World
    says: str

    def say(self, **_asked: object) -> list[Reply]:
        pass_time(self.world, seconds=2)
        take_over(self.world)
        return [Reply(self.says, {"time": "today"})]


def converse(world: World, says: str) -> None:
    world.text("Ann", "hello", settle=False)
    engine = SlowDialogue(world, says)
    [waiting] = dialogue_turns.claim(world.clinic, worker="w", now=world.now, most=1).waiting
    dialogue_turns.converse(world.clinic, engine, waiting)
    pass_time(world, seconds=1)


def test_a_reply_that_the_dialogue_was_still_at_is_not_sent(world):
    converse(world, "utter_greet")
    assert fate(world, "utter_greet") == WITHDRAWN
    assert world.to("Ann") == []


def test_numbers_that_the_dialogue_was_still_at_are_sent(world):
    converse(world, "crisis_suicide")
    assert world.to("Ann") == ["crisis_suicide"]


def test_a_reply_that_the_carrier_put_off_is_not_sent_afterwards(world):
    queue(world, "Ann")
    world.carrier.refuses[number_of("Ann")] = ProviderUnavailable()
    assert send(world)
    take_over(world)
    world.carrier.refuses.clear()
    pass_time(world, minutes=5)
    assert (fate(world, "utter_greet"), world.to("Ann")) == (WITHDRAWN, [])


def test_the_bot_answers_again_after_it_was_handed_back(world):
    take_over(world)
    pass_time(world, minutes=1)
    hand_back(world)
    world.text("Ann", "hello")
    assert world.to("Ann") == ["utter_greet"]
