"""The dialogue is asked in order, may be down, and is never asked when people speak with her."""

from datetime import timedelta

import pytest

from bot.errors import NotFound
from bot.ports import Reply
from bot.services import dialogue_turns, support
from bot.storage import messages
from bot.storage.tables import SupportItem, TurnRecord
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import all_alerts, conversation_of, pass_time, plan
from tests.world import SUNDAY_2340, World, number_of

pytestmark = SQLITE_ONLY


def test_what_the_dialogue_says_goes_to_her_in_order(world):
    world.dialogue.says = [Reply("utter_greet"), Reply("utter_help")]
    world.text("Ann", "hello")
    assert world.to("Ann") == ["utter_greet", "utter_help"]


def test_she_is_told_every_ten_minutes_that_a_person_will_read_when_the_dialogue_is_down(world):
    world.dialogue.down = True
    for words in ("hello", "is anybody there", "hello?"):
        world.text("Ann", words)
    assert world.to("Ann") == ["holding_reply"]
    assert world.support_kinds() == ["no_answer"] * 3
    pass_time(world, minutes=10)
    world.text("Ann", "still there?")
    assert world.to("Ann") == ["holding_reply", "holding_again"]
    for number in ("988", "911", "202-555-0100"):
        assert number in world.words_to("Ann")[-1]
    pass_time(world, hours=1)
    world.text("Ann", "hello?")
    assert world.to("Ann")[2:] == ["holding_reply"]


def test_the_holding_reply_promises_only_what_the_practice_keeps(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.dialogue.down = True
    world.text("Ann", "hello")
    assert "by Mon 11 am" in world.words_to("Ann")[0]
    assert "today" not in world.words_to("Ann")[0]


def test_an_empty_answer_is_no_answer(world):
    world.dialogue.says = []
    world.text("Ann", "hello")
    assert world.to("Ann") == ["holding_reply"]


def test_an_empty_answer_is_silence_when_the_clinic_meant_it(world):
    world.dialogue.says = []
    inbound_id = world.text("Ann", "1", settle=False)
    with world.clinic.db.transaction(audited=False) as db:
        db.add(TurnRecord(inbound_id=inbound_id, verb="answer_question", result={}, at=world.now))
    world.settle()
    assert world.to("Ann") == []
    assert world.support_kinds() == []


@pytest.mark.parametrize("reply", [Reply("no_such_text"), Reply("utter_item")], ids=["id", "blank"])
def test_words_that_are_in_no_catalogue_are_refused_and_a_person_reads_hers(world, reply):
    world.dialogue.says = [reply]
    inbound_id = world.text("Ann", "hello")
    assert world.to("Ann") == ["holding_reply"]
    assert world.support_kinds() == ["no_answer"]
    assert world.inbound(inbound_id).dialogue_status == "done"
    world.dialogue.says = [Reply("utter_greet")]
    world.text("Ann", "hello")
    assert world.to("Ann")[-1] == "utter_greet"


def test_what_is_in_no_catalogue_is_left_out_and_the_rest_is_said(world):
    world.dialogue.says = [Reply("utter_greet"), Reply("no_such_text")]
    world.text("Ann", "hello")
    assert world.to("Ann") == ["utter_greet"]


def test_the_dialogue_is_not_asked_when_people_took_over_meanwhile(world):
    world.text("Bea", "hello", settle=False)
    world.text("Bea", "want to die", settle=False)
    world.settle()
    assert world.dialogue.heard == []


def test_the_dialogue_is_not_asked_for_a_mother_who_has_stopped_meanwhile(world):
    world.text("Ann", "hello", settle=False)
    world.text("Ann", "STOP", settle=False)
    world.settle()
    assert world.dialogue.heard == []


def test_no_transaction_is_open_while_the_dialogue_thinks(world):
    class Asking(type(world.dialogue)):
        def say(self, **told):
            world.clinic.db.assert_none_open()
            return super().say(**told)

    world.text("Ann", "hello", settle=False)
    engine = Asking(says=[Reply("utter_greet")])
    assert dialogue_turns.converse_next(world.clinic, engine, worker="w", now=world.now)
    assert engine.heard == ["hello"]


def test_a_text_that_two_workers_answered_is_answered_once(world):
    """The first was slow: its lease ended, a second one took the text, both come back."""
    world.text("Ann", "hello", settle=False)
    clinic, now = world.clinic, world.now

    class Slow(type(world.dialogue)):
        def say(self, **told):
            later = now + dialogue_turns.LEASE
            world_dialogue = world.dialogue
            assert dialogue_turns.converse_next(clinic, world_dialogue, worker="b", now=later)
            return super().say(**told)

    dialogue_turns.converse_next(clinic, Slow(says=[Reply("utter_greet")]), worker="a", now=now)
    pass_time(world, seconds=30)
    assert world.to("Ann") == ["utter_greet"]


def test_after_a_weeks_silence_she_is_told_again_that_this_is_a_program(world):
    pass_time(world, days=7)
    world.text("Ann", "hello")
    world.text("Ann", "hello again")
    assert world.to("Ann") == ["automated_notice", "utter_greet", "utter_greet"]


def test_the_dialogue_knows_a_key_and_never_a_number(world):
    keys: list[str] = []

    class Listening(type(world.dialogue)):
        def say(self, **told):
            keys.append(told["conversation_key"])
            return super().say(**told)

    world.text("Ann", "hello", settle=False)
    engine = Listening(says=[Reply("utter_greet")])
    dialogue_turns.converse_next(world.clinic, engine, worker="w", now=world.now)
    assert keys == [conversation_of(world, "Ann").key]
    assert number_of("Ann")[-7:] not in keys[0]


def test_some_answers_reach_a_person_too(world):
    told = [text.id for text in world.clinic.texts if text.tells is not None]
    if not told:
        pytest.skip("no answer in the catalogue is told to the care team")
    world.dialogue.says = [Reply(told[0])]
    world.text("Ann", "hello")
    assert all_alerts(world)[0].category == "distress"


def test_a_check_in_that_waits_for_an_answer_is_told_to_the_dialogue(world):
    open_now: list[bool] = []

    class Listening(type(world.dialogue)):
        def say(self, **told):
            open_now.append(told["question_open"])
            return super().say(**told)

    plan(world, "Ann", "mood", due_at=world.now)
    world.settle()
    world.text("Ann", "what is this", settle=False)
    dialogue_turns.converse_next(world.clinic, Listening(says=[]), worker="w", now=world.now)
    assert open_now == [True]


def test_a_dead_workers_text_is_answered_by_another(world):
    world.text("Ann", "hello", settle=False)
    with world.clinic.db.transaction(audited=False) as db:
        messages.claim_next_inbound(db, worker="dead", now=world.now, lease=timedelta(seconds=30))
    world.settle()
    assert world.to("Ann") == []
    pass_time(world, seconds=30)
    assert world.to("Ann") == ["utter_greet"]


def answered_by(world, worker: str, *, seconds: float) -> bool:
    """Does this worker get a text so much later?"""
    now = world.now + timedelta(seconds=seconds)
    return dialogue_turns.claim(world.clinic, worker=worker, now=now, most=1).taken > 0


def test_a_dead_workers_text_is_taken_up_within_fifteen_seconds(world):
    world.text("Ann", "hello", settle=False)
    dialogue_turns.claim(world.clinic, worker="dead", now=world.now, most=1)
    assert not answered_by(world, "b", seconds=9)
    assert answered_by(world, "b", seconds=14)


def test_a_long_turn_is_not_taken_over_while_its_worker_renews_it(world):
    inbound_id = world.text("Ann", "hello", settle=False)
    dialogue_turns.claim(world.clinic, worker="a", now=world.now, most=1)
    later = world.now + timedelta(seconds=8)
    dialogue_turns.renew(world.clinic, [inbound_id], worker="a", now=later)
    assert not answered_by(world, "b", seconds=17)
    assert answered_by(world, "b", seconds=18)


def test_a_worker_cannot_renew_what_another_one_has_taken_over(world):
    inbound_id = world.text("Ann", "hello", settle=False)
    dialogue_turns.claim(world.clinic, worker="a", now=world.now, most=1)
    assert answered_by(world, "b", seconds=10)
    late = world.now + timedelta(seconds=19)
    dialogue_turns.renew(world.clinic, [inbound_id], worker="a", now=late)
    assert answered_by(world, "c", seconds=20)


def test_several_mothers_texts_are_taken_at_once_and_one_each(world):
    ids = [world.text(name, "hello", settle=False) for name in ("Ann", "Bea", "Ann", "Luz")]
    claimed = dialogue_turns.claim(world.clinic, worker="a", now=world.now, most=10)
    assert [one.inbound_id for one in claimed.waiting] == [ids[0], ids[1], ids[3]]


def test_support_closes_what_it_has_done(world):
    world.dialogue.down = True
    world.text("Ann", "hello")
    with world.clinic.db.reading() as db:
        item = db.query(SupportItem).one()
    support.close_item(world.clinic, item.id, by="staff:x", now=world.now)
    with world.clinic.db.reading() as db:
        assert db.query(SupportItem).one().status == "closed"
    with pytest.raises(NotFound):
        support.close_item(world.clinic, "nothing", by="staff:x", now=world.now)
