"""Two gateways and a worker at the same moment, on both engines: nothing is lost or doubled."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.core.messages import InboundText, Lane
from bot.services import alert_clocks, escalation, holders, inbound, outbound, outbox
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage import people
from bot.storage.tables import Alert, InboundMessage
from tests.world import number_of


def count(world, table) -> int:
    with world.clinic.db.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def received(world, clinic, body: str, *, provider_id: str, sender: str = "Bea"):
    text = InboundText("sandbox", provider_id, number_of(sender), "+12025550100", body)
    return inbound.receive(clinic, text, now=world.now)


def test_two_gateways_that_get_the_same_text_at_once_store_it_once(world, open_database, signed):
    clinics = [Clinic(db=open_database(), **signed) for _ in range(4)]
    start, results = threading.Barrier(4), []

    def gateway(clinic) -> None:
        start.wait(5)
        results.append(received(world, clinic, "want to die", provider_id="SM1"))

    run_all([threading.Thread(target=gateway, args=(clinic,)) for clinic in clinics])
    assert len({result.inbound_id for result in results}) == 1
    assert sorted(result.duplicate for result in results) == [False, True, True, True]
    assert (count(world, InboundMessage), count(world, Alert)) == (1, 1)


@pytest.mark.parametrize("sender", ["Bea", "Mallory", "Dr Bose"])
def test_texts_that_arrive_at_once_at_two_gateways_are_all_stored(
    world, open_database, signed, sender
):
    """An unknown number has no row to lock: the first words of two texts may collide."""
    clinics = [Clinic(db=open_database(), **signed) for _ in range(4)]
    start, failed = threading.Barrier(4), []

    def gateway(clinic, number: int) -> None:
        start.wait(5)
        try:
            received(world, clinic, f"part {number}", provider_id=f"SM{number}", sender=sender)
        except Exception as error:
            failed.append(type(error).__name__)

    run_all(
        [
            threading.Thread(target=gateway, args=pair)
            for pair in zip(clinics, range(4), strict=True)
        ]
    )
    assert failed == []
    assert count(world, InboundMessage) == 4


def test_a_stop_at_the_moment_a_reminder_is_taken_is_not_lost(world, open_database, signed):
    """The gateway holds her conversation, the worker her reminder: neither may wait for ever."""
    with world.clinic.db.transaction() as db:
        patient = people.find_patient(db, people.index_of(db, number_of("Ann")))
        for number in range(20):
            text = outbox.Text("check_in_intro", f"k{number}", Lane.REMINDER, waits_for_day=True)
            outbox.queue(world.clinic, db, text, outbox.to_patient(db, patient), now=world.now)
    other = Clinic(db=open_database(), **signed)
    failed: list[str] = []

    def send() -> None:
        try:
            while outbound.send_next(other, world.carrier, worker="w", now=world.now):
                pass
        except Exception as error:
            failed.append(type(error).__name__)

    def stop() -> None:
        try:
            received(world, world.clinic, "STOP", provider_id="SM1", sender="Ann")
        except Exception as error:
            failed.append(type(error).__name__)

    run_all([threading.Thread(target=send), threading.Thread(target=stop)])
    assert failed == []
    assert {row.status for row in world.rows_to("Ann")} <= {"sent", "suppressed"}


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_the_second_half_of_a_text_is_read_with_the_first_whoever_got_it(
    world, open_database, signed
):
    clinics = [Clinic(db=open_database(), **signed) for _ in range(2)]
    start = threading.Barrier(2)

    def gateway(clinic, words: str) -> None:
        start.wait(5)
        received(world, clinic, words, provider_id=words)

    run_all(
        [
            threading.Thread(target=gateway, args=pair)
            for pair in zip(clinics, ("i want", "to die"), strict=True)
        ]
    )
    # In the other order they are no sentence; but nothing may fail, and both are kept.
    assert count(world, InboundMessage) == 2


def test_two_clinicians_who_acknowledge_at_once_are_not_both_told_that_they_have_it(
    world, open_database, signed
):
    world.text("Bea", "want to die")
    code = world.alert("Bea").code
    clinics = [Clinic(db=open_database(), **signed) for _ in range(2)]
    start = threading.Barrier(2)

    def gateway(clinic, name: str) -> None:
        start.wait(5)
        received(world, clinic, f"ack {code}", provider_id=name, sender=name)

    names = ("Dr Bose", "Dr Ruiz")
    run_all(
        [threading.Thread(target=gateway, args=pair) for pair in zip(clinics, names, strict=True)]
    )
    world.settle()
    told = [text_id for name in names for text_id in world.to(name) if text_id.startswith("ack")]
    assert sorted(told) == ["ack_done", "ack_taken"]


def test_an_ack_that_waited_for_another_one_sees_who_has_it(world, open_database, signed):
    world.text("Bea", "want to die")
    alert_id, code = world.alert("Bea").id, world.alert("Bea").code
    other = Clinic(db=open_database(), **signed)
    late = threading.Thread(
        target=received,
        args=(world, other, f"ack {code}"),
        kwargs={"provider_id": "SM9", "sender": "Dr Ruiz"},
    )
    with world.clinic.db.transaction() as db:
        bose = people.find_staff(db, people.index_of(db, number_of("Dr Bose")))
        alert = stored_alerts.lock(db, alert_id)
        late.start()
        # Long enough to have read the alert as open, and to stand before the lock.
        late.join(0.7)
        holders.acknowledge(world.clinic, db, alert, staff_id=bose.id, now=world.now)
    late.join(20)
    world.settle()
    assert world.to("Dr Ruiz") == ["ack_taken"]
    assert world.alert("Bea").acknowledged_by == bose.id


def test_silence_and_her_answer_at_the_same_moment_do_not_block_each_other(
    world, open_database, signed
):
    world.text("Bea", "cant do this")
    world.clock.time += timedelta(minutes=15)
    other = Clinic(db=open_database(), **signed)
    failed: list[str] = []

    def run(act) -> None:
        try:
            act()
        except Exception as error:
            failed.append(type(error).__name__)

    lift = threading.Thread(
        target=run, args=(lambda: alert_clocks.lift_unanswered(other, now=world.now),)
    )
    answer = threading.Thread(
        target=run, args=(lambda: received(world, world.clinic, "A", provider_id="SM9"),)
    )
    run_all([lift, answer])
    assert failed == []
    assert world.alert("Bea").level == "urgent"


def test_two_workers_that_escalate_at_once_take_one_step(world, open_database, signed):
    world.text("Bea", "want to die")
    world.clock.time += timedelta(minutes=15)
    clinics = [Clinic(db=open_database(), **signed) for _ in range(3)]
    start = threading.Barrier(3)
    taken: list[int] = []

    def step(clinic) -> None:
        start.wait(5)
        taken.append(escalation.escalate_due(clinic, now=world.now))

    run_all([threading.Thread(target=step, args=(clinic,)) for clinic in clinics])
    assert sum(taken) == 1
    with world.clinic.db.reading() as db:
        pages = stored_alerts.list_pages(db, world.alert("Bea").id)
        assert [page.round for page in pages] == [1, 2]
