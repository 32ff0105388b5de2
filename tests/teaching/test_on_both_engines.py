"""The one way through that everything else is a part of, on SQLite and on PostgreSQL."""

from bot.core.taught import TaughtStatus
from bot.services import taught_changes, teaching
from bot.storage.tables import Understanding
from tests.teaching.test_review_queue import queue, says
from tests.teaching.test_teaching import EXAMPLE, FOOD, approve, examples, question, teach, undo


def test_from_a_text_to_the_files_and_back(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.25)
    source = world.text("Ann", "toast first thing ok")
    with world.clinic.db.reading() as db:
        made = db.get_one(Understanding, source)
    assert (made.intent, made.confidence, made.runner_up) == ("nlu_fallback", 0.25, "greet")
    assert len(queue(desk)) == 1
    change = teach(desk, examples(EXAMPLE, sources=[source]))
    assert queue(desk) == []
    assert EXAMPLE in desk.read(FOOD)
    undo(desk, change)
    assert EXAMPLE not in desk.read(FOOD)
    assert len(queue(desk)) == 1


def test_a_question_is_approved_once(desk):
    change = teach(desk, question())
    approve(desk, change, "Dr Lund")
    approved = taught_changes.get_change(desk.world.clinic, change.id)
    assert approved.approved_by == "Dr Lund"
    assert approved.status is TaughtStatus.SAVED
    teaching.carry_out(
        desk.world.clinic, desk.workshop, change.id, by=desk.visitor("Sam"), now=desk.world.now
    )
    assert len(taught_changes.list_changes(desk.world.clinic)) == 1
