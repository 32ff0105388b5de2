"""Two workers never hold the same text, and one conversation is answered in its order."""

import threading
from datetime import timedelta

from bot.core.messages import Lane
from bot.storage import messages
from bot.storage.database import Database
from bot.storage.tables import InboundMessage, OutboundMessage

LEASE = timedelta(seconds=30)


def claim_in(db: Database, world, *, worker: str = "w", later: float = 0) -> str | None:
    now = world.now + timedelta(seconds=later)
    with db.transaction(audited=False) as session:
        row = messages.claim_next_inbound(session, worker=worker, now=now, lease=LEASE)
        return row.id if row else None


def claim_out(db: Database, world, *, worker: str = "w", later: float = 0) -> str | None:
    now = world.now + timedelta(seconds=later)
    with db.transaction(audited=False) as session:
        row = messages.claim_next_outbound(
            session, worker=worker, now=now, lease=LEASE, lanes=tuple(Lane)
        )
        return row.id if row else None


def finish(db: Database, inbound_id: str) -> None:
    with db.transaction(audited=False) as session:
        session.get_one(InboundMessage, inbound_id).dialogue_status = "done"


def race(world, open_database, claim, count: int) -> list[str]:
    """Several workers, each a process of its own, claim until nothing is left."""
    databases = [open_database() for _ in range(count)]
    start = threading.Barrier(count)
    taken: list[str] = []

    def work(db: Database, name: str) -> None:
        start.wait(5)
        while (row_id := claim(db, world, worker=name)) is not None:
            taken.append(row_id)

    threads = [
        threading.Thread(target=work, args=(db, f"w{number}"))
        for number, db in enumerate(databases)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return taken


def test_two_workers_never_get_the_same_text_of_hers(world, open_database):
    ids = [world.text(name, "hello", settle=False) for name in ("Ann", "Bea", "Dee", "Luz")]
    assert sorted(race(world, open_database, claim_in, 3)) == sorted(ids)


def test_two_workers_never_send_the_same_text(world, open_database):
    for name in ("Ann", "Bea", "Luz"):
        world.text(name, "want to die", settle=False)
    taken = race(world, open_database, claim_out, 3)
    assert len(taken) == len(set(taken))
    assert len(taken) >= 4


def test_a_second_text_waits_until_the_first_is_answered(world):
    first = world.text("Ann", "one", settle=False)
    second = world.text("Ann", "two", settle=False)
    db = world.clinic.db
    assert claim_in(db, world) == first
    assert claim_in(db, world) is None
    finish(db, first)
    assert claim_in(db, world) == second


def test_another_mother_does_not_wait_for_the_first(world):
    world.text("Ann", "one", settle=False)
    other = world.text("Bea", "two", settle=False)
    claim_in(world.clinic.db, world)
    assert claim_in(world.clinic.db, world) == other


def test_her_second_text_waits_while_another_worker_is_taking_the_first(world, open_database):
    """The moment between the claim and its commit, which a lock alone does not cover."""
    first = world.text("Ann", "one", settle=False)
    world.text("Ann", "two", settle=False)
    if world.clinic.db.is_sqlite:
        return  # one writer at a time: there is no such moment
    with world.clinic.db.transaction(audited=False) as db:
        row = messages.claim_next_inbound(db, worker="a", now=world.now, lease=LEASE)
        assert row is not None
        assert row.id == first
        found: list[str | None] = []
        other = threading.Thread(target=lambda: found.append(claim_in(open_database(), world)))
        other.start()
        other.join(10)
        assert found == [None]


def test_a_second_reply_waits_while_another_worker_is_taking_the_first(world, open_database):
    world.text("Dr Bose", "ack", settle=False)
    world.text("Dr Bose", "help", settle=False)
    if world.clinic.db.is_sqlite:
        return  # one writer at a time: there is no such moment
    with world.clinic.db.transaction(audited=False) as db:
        row = messages.claim_next_outbound(
            db, worker="a", now=world.now, lease=LEASE, lanes=tuple(Lane)
        )
        assert row is not None
        assert row.text_id == "ack_nothing_open"
        found: list[str | None] = []
        other = threading.Thread(target=lambda: found.append(claim_out(open_database(), world)))
        other.start()
        other.join(10)
        assert found == [None]


def test_a_text_comes_back_when_the_worker_that_took_it_dies(world):
    first = world.text("Ann", "one", settle=False)
    db = world.clinic.db
    assert claim_in(db, world) == first
    assert claim_in(db, world, worker="b", later=29) is None
    assert claim_in(db, world, worker="b", later=31) == first


def test_a_crisis_reply_is_claimed_before_a_page_and_a_page_before_a_reply(world):
    world.text("Ann", "hello", settle=False)
    world.worker.converse()
    world.text("Bea", "want to die", settle=False)
    lanes = []
    for _ in range(3):
        row_id = claim_out(world.clinic.db, world)
        with world.clinic.db.reading() as db:
            lanes.append(db.get_one(OutboundMessage, row_id).lane)
    assert lanes == ["crisis", "page", "reply"]
