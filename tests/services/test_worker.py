"""The worker outlives any single failure, and says that it is alive only when it is well."""

import threading
import time

import pytest

from bot import hands
from bot import worker as worker_module
from bot.core.messages import Lane
from bot.errors import ProviderUnavailable
from bot.services import housekeeping, outbound
from bot.storage.tables import Heartbeat
from tests.engines import SQLITE_ONLY
from tests.world import number_of

pytestmark = SQLITE_ONLY


def until(done) -> None:
    for _ in range(500):
        if done():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def beat(world):
    with world.clinic.db.reading() as db:
        return db.get(Heartbeat, "worker")


@pytest.fixture
def running(world):
    world.worker.start()
    yield world
    world.worker.stop()


def test_a_running_worker_answers_and_pages_by_itself(running):
    running.text("Ann", "hello", settle=False)
    running.text("Bea", "want to die", settle=False)
    running.worker.ring()
    until(lambda: running.to("Ann") and running.to("Bea") and running.to("Dr Bose"))
    assert running.to("Ann") == ["utter_greet"]


def test_a_carrier_that_is_slow_for_one_keeps_nobody_else_waiting(running):
    """A hand waits for the carrier; the others go on."""
    let_go, send = threading.Event(), running.carrier.send

    def slow_for_ann(text):
        if text.to_number == number_of("Ann"):
            assert let_go.wait(20)
        return send(text)

    running.carrier.send = slow_for_ann
    for name in ("Ann", "Bea", "Luz"):
        running.text(name, "hello", settle=False)
    running.worker.ring()
    until(lambda: running.to("Bea") and running.to("Luz"))
    assert running.to("Ann") == []
    let_go.set()
    until(lambda: running.to("Ann"))


def test_what_the_carrier_took_is_on_record_when_one_outcome_cannot_be_kept(world, monkeypatch):
    """Written together, and each alone when that fails: the others must not go twice."""
    sender = hands.Sender(world.app, worker="w", lanes=(Lane.REPLY,), hands=2)
    keep = outbound.record_outcomes

    def broken_for_two(clinic, outcomes, *, now):
        if len(outcomes) > 1:
            raise RuntimeError
        keep(clinic, outcomes, now=now)

    monkeypatch.setattr(outbound, "record_outcomes", broken_for_two)
    for name in ("Ann", "Bea"):
        world.text(name, "hello", settle=False)
        world.worker.converse()
    claimed = outbound.claim(world.clinic, worker="w", now=world.now, lanes=(Lane.REPLY,), most=2)
    first, second = claimed.ready
    sender._outcomes.append(outbound.hand_over(world.clinic, world.carrier, first))
    sender._hand_over(second)
    assert [len(world.to(name)) for name in ("Ann", "Bea")] == [1, 1]


def test_a_running_worker_leaves_a_sign_of_life(running):
    until(lambda: beat(running) is not None)
    assert beat(running).at == running.now


def test_a_failure_in_one_loop_stops_neither_it_nor_the_others(running):
    class Broken(Exception):
        pass

    def explode(**_told):
        raise Broken

    healthy, running.dialogue.say = running.dialogue.say, explode
    running.text("Ann", "hello", settle=False)
    running.text("Bea", "want to die", settle=False)
    running.worker.ring()
    until(lambda: running.to("Dr Bose"))
    running.dialogue.say = healthy
    running.text("Luz", "hola", settle=False)
    running.worker.ring()
    until(lambda: running.to("Luz"))


def test_one_timer_that_fails_stops_no_other_and_no_sign_of_life_is_left(world, monkeypatch):
    def broken(clinic, *, now):
        raise RuntimeError

    monkeypatch.setattr(worker_module, "_TIMERS", (broken, *worker_module._TIMERS))
    world.text("Bea", "want to die", settle=False)
    world.clock.time += 2 * (worker_module._BEAT_EVERY)
    world.clock.time += worker_module.timedelta(minutes=15)
    with pytest.raises(RuntimeError):
        world.worker.timers()
    assert [row.text_id for row in world.rows_to("Dr Ruiz")] == ["page_alert_again"]
    assert beat(world) is None


def test_a_turn_with_nothing_due_only_looks(world, monkeypatch):
    """It is taken twice a second: each timer asks one light question, and nobody waits for it."""
    world.settle()
    db, asked = world.clinic.db, []
    for dear in ("reading", "transaction", "together"):
        monkeypatch.setattr(db, dear, lambda *_given, name=dear, **_more: pytest.fail(name))
    looked = db.looking
    monkeypatch.setattr(db, "looking", lambda: asked.append(1) or looked())
    assert not world.worker.timers()
    # One more seals the audit chain.
    assert 0 < len(asked) <= len(worker_module._TIMERS) + 1


def test_the_chain_is_sealed_while_the_worker_runs(world):
    world.text("Ann", "hello")
    world.settle()
    assert housekeeping.seal_audit(world.clinic) == 0


def test_an_outside_watchdog_that_does_not_answer_stops_nothing(world):
    settings = world.app.settings.model_copy(update={"heartbeat_url": "http://127.0.0.1:9/beat"})
    app = type(world.app)(
        settings=settings,
        clock=world.clock,
        clinic=world.clinic,
        provider=world.carrier,
        dialogue=world.dialogue,
    )
    worker_module.Worker(app).timers()
    assert beat(world) is not None


def test_settling_does_not_go_on_for_ever_when_every_phone_fails(world):
    for name in ("Dr Bose", "Dr Ruiz", "Dr Lund", "Bea"):
        world.carrier.refuses[number_of(name)] = ProviderUnavailable()
    began = time.monotonic()
    world.text("Bea", "want to die")
    assert time.monotonic() - began < 20
