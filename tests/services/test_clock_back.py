"""A clock that is set back keeps no alert, page or answer waiting."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.alerts import SupportKind
from bot.core.messages import Lane
from bot.services import outbound
from bot.storage.tables import Alert, SupportItem
from tests.services.clinic_day import pass_time
from tests.services.test_alerts import paged
from tests.world import World


@pytest.fixture
def back(world: World):
    """Sets the clock back by some hours; nothing else happens."""

    def set_back(hours: float) -> None:
        world.clock.time -= timedelta(hours=hours)

    return set_back


def troubles(world: World) -> list[str]:
    with world.clinic.db.reading() as db:
        query = select(SupportItem.reason).where(SupportItem.kind == SupportKind.STAFF)
        return list(db.scalars(query))


def alert(world: World) -> Alert:
    with world.clinic.db.reading() as db:
        return db.scalars(select(Alert)).one()


def test_an_alert_that_waits_for_its_next_step_is_paged_again_at_once(world, back):
    world.text("Bea", "want to die")
    assert world.to("Dr Bose") == ["page_alert"]
    back(1.5)
    world.settle()
    assert len(paged(world)) == 2
    assert "clock_set_back" in troubles(world)
    # Once: from now on it keeps its pace.
    before = alert(world).steps_taken
    pass_time(world, minutes=14)
    assert alert(world).steps_taken == before
    pass_time(world, minutes=2)
    assert alert(world).steps_taken == before + 1


def test_a_page_that_was_queued_at_the_wrong_time_goes_out(world, back):
    world.text("Bea", "want to die", settle=False)
    world.worker.timers()
    back(1.5)
    world.settle()
    assert "page_alert" in world.to("Dr Bose")
    assert world.to("Bea") == ["crisis_suicide"]


def test_a_page_that_a_dead_worker_had_in_hand_goes_out(world, back):
    world.text("Bea", "want to die", settle=False)
    world.worker.timers()
    for _ in range(2):
        outbound.claim(
            world.clinic, worker="dead", now=world.now, lanes=[Lane.PAGE, Lane.CRISIS], most=5
        )
    back(1.5)
    world.settle()
    assert "page_alert" in world.to("Dr Bose")


def test_what_a_clinician_has_stays_hers_and_goes_stale_in_its_time(world, back):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    back(1.5)
    world.settle()
    assert alert(world).acknowledged_by is not None
    assert alert(world).next_step_at - world.now <= timedelta(hours=2)
    pass_time(world, minutes=125)
    assert alert(world).acknowledged_by is None


def test_silence_after_the_safety_question_is_counted_from_now(world, back):
    world.text("Bea", "i cant do this")
    assert alert(world).answer_due_at is not None
    back(1.5)
    world.settle()
    pass_time(world, minutes=16)
    assert alert(world).level == "urgent"


def test_her_answer_is_not_kept_waiting(world, back):
    world.dialogue.down = False
    world.text("Ann", "thank you", settle=False)
    world.worker.converse()
    back(1.5)
    world.settle()
    assert world.to("Ann") != []


def test_a_clock_that_goes_right_changes_nothing(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=5)
    assert troubles(world) == []


def test_a_few_seconds_are_no_wrong_time(world):
    world.text("Bea", "want to die")
    world.clock.time -= timedelta(seconds=40)
    world.settle()
    assert troubles(world) == []
    assert world.to("Dr Bose") == ["page_alert"]


def test_two_machines_whose_clocks_differ_do_not_page_in_turn(world):
    world.text("Bea", "want to die")
    for _ in range(15):
        world.clock.time += timedelta(hours=2)
        world.settle()
        world.clock.time -= timedelta(hours=2)
        world.settle()
    assert len(paged(world)) <= 12
