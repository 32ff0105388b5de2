"""Acts that wait at the same time share a commit, and nothing else: each stands or falls alone."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import TransactionMisused
from bot.storage.audit import Audit, record
from bot.storage.tables import AuditEvent, Setting
from tests.world import MONDAY_10

AN_ACT = Audit("system", "test", "nothing")
SECONDS = 10


def setting(name: str, *, value: int = 0) -> Callable[[Session], str]:
    def act(db: Session) -> str:
        db.add(Setting(name=name, value={"is": value}))
        record(db, AN_ACT, now=MONDAY_10)
        return name

    return act


def names(database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(Setting.name).order_by(Setting.name)))


@pytest.fixture
def commits(database):
    """How often the disk was waited for."""
    counted: list[int] = []
    event.listen(database.engine, "commit", lambda _: counted.append(1))
    return counted


@pytest.fixture
def together(database):
    """Carries out acts that all wait while somebody else writes; what became of each."""

    def run(*acts: Callable[[Session], object]) -> list[Future]:
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            with database.transaction():
                held.set()
                release.wait(SECONDS)

        with ThreadPoolExecutor(len(acts) + 1) as pool:
            holder = pool.submit(hold)
            assert held.wait(SECONDS)
            futures = [pool.submit(database.together, act) for act in acts]
            if database.is_sqlite:
                waiting = database._groups[1]
                while len(waiting._waiting) < len(acts):
                    threading.Event().wait(0.001)
            release.set()
            wait([holder, *futures], SECONDS)
        return futures

    return run


def sqlite_only(database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL groups commits by itself")


def test_an_act_alone_is_written_and_gives_its_result(database):
    assert database.together(setting("a")) == "a"
    assert names(database) == ["a"]


def test_acts_that_wait_together_share_one_commit(database, together, commits):
    sqlite_only(database)
    futures = together(*(setting(f"s{n}") for n in range(10)))
    assert [one.result() for one in futures] == [f"s{n}" for n in range(10)]
    assert len(names(database)) == 10
    assert len(commits) == 2  # the one that held the gate, and all of them


def test_a_crowd_is_written_in_groups_and_nobody_is_forgotten(database, together, commits):
    sqlite_only(database)
    futures = together(*(setting(f"s{n:02}") for n in range(40)))
    assert all(one.result() for one in futures)
    assert len(names(database)) == 40
    assert len(commits) <= 5


def test_who_fails_is_undone_alone(database, together):
    def broken(db: Session) -> None:
        setting("half")(db)
        db.flush()
        raise ValueError("no")

    good, bad, other = together(setting("a"), broken, setting("b"))
    assert (good.result(), other.result()) == ("a", "b")
    with pytest.raises(ValueError, match="no"):
        bad.result()
    assert names(database) == ["a", "b"]


def test_who_brings_what_is_there_already_is_refused_alone(database, together):
    database.together(setting("there"))
    good, double = together(setting("a"), setting("there", value=2))
    assert good.result() == "a"
    with pytest.raises(IntegrityError):
        double.result()
    assert names(database) == ["a", "there"]


def test_who_writes_without_an_audit_event_is_undone_alone(database, together):
    def quiet(db: Session) -> None:
        db.add(Setting(name="quiet", value={}))

    good, bad = together(setting("a"), quiet)
    assert good.result() == "a"
    with pytest.raises(TransactionMisused, match="audit"):
        bad.result()
    assert names(database) == ["a"]


def test_each_act_leaves_its_own_audit_event(database, together):
    together(*(setting(f"s{n}") for n in range(5)))
    with database.reading() as db:
        assert len(list(db.scalars(select(AuditEvent)))) == 5


def test_when_a_group_cannot_be_written_each_is_tried_alone(database, together):
    sqlite_only(database)
    failing = [True]

    def fail_once(_connection) -> None:
        if failing and len(names(database)) == 0:
            failing.clear()
            raise OSError("disk")

    def arm(db: Session) -> str:
        event.listen(database.engine, "commit", fail_once)
        return setting("first")(db)

    futures = together(arm, setting("a"), setting("b"))
    assert [one.result() for one in futures] == ["first", "a", "b"]
    assert names(database) == ["a", "b", "first"]
    assert failing == []


def test_a_network_call_inside_an_act_is_refused(database):
    def calls(_db: Session) -> None:
        database.assert_none_open()

    with pytest.raises(TransactionMisused):
        database.together(calls)
    database.assert_none_open()


def test_an_act_inside_a_transaction_is_refused(database):
    with database.transaction(), pytest.raises(TransactionMisused):
        database.together(setting("a"))


def test_after_a_failed_act_the_next_goes_on(database):
    def broken(_db: Session) -> None:
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - ours
            database.together(broken)
    assert database.together(setting("a")) == "a"
