"""A transaction is short, alone, audited; and her texts go before everybody else's writes."""

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from bot.errors import TransactionMisused
from bot.storage.audit import Audit, record
from bot.storage.database import Turn
from bot.storage.tables import Heartbeat, NumberState, Setting
from tests.world import MONDAY_10

AN_ACT = Audit("system", "test", "nothing")


def test_a_transaction_inside_another_is_refused(database):
    with database.transaction(), pytest.raises(TransactionMisused), database.transaction():
        pass


def test_after_a_refusal_the_thread_may_go_on(database):
    with database.transaction(), pytest.raises(TransactionMisused), database.transaction():
        pass
    with database.transaction() as db:
        db.add(Setting(name="clock", value={}))
        record(db, AN_ACT, now=MONDAY_10)


def test_a_network_call_inside_a_transaction_is_refused(database):
    database.assert_none_open()
    with database.transaction(), pytest.raises(TransactionMisused):
        database.assert_none_open()
    database.assert_none_open()


def test_a_row_without_an_audit_event_is_not_written(database):
    with pytest.raises(TransactionMisused, match="audit"), database.transaction() as db:
        db.add(Setting(name="clock", value={}))
    with database.reading() as db:
        assert db.get(Setting, "clock") is None


def test_a_statement_without_an_audit_event_is_not_carried_out(database):
    with database.transaction() as db:
        db.add(NumberState(phone_index="x"))
        record(db, AN_ACT, now=MONDAY_10)
    with pytest.raises(TransactionMisused), database.transaction() as db:
        db.execute(update(NumberState).values(opted_out_at=MONDAY_10))
    with database.reading() as db:
        assert db.get_one(NumberState, "x").opted_out_at is None


def test_a_transaction_that_says_so_may_write_without_an_audit_event(database):
    with database.transaction(audited=False) as db:
        db.add(Heartbeat(process="worker", at=MONDAY_10))


def test_nothing_of_a_failed_transaction_stays(database):
    with pytest.raises(RuntimeError), database.transaction() as db:  # noqa: PT012 - all of it
        db.add(Setting(name="clock", value={}))
        record(db, AN_ACT, now=MONDAY_10)
        db.flush()
        raise RuntimeError
    with database.reading() as db:
        assert db.get(Setting, "clock") is None


def test_a_naive_time_is_refused(database):
    with pytest.raises(StatementError), database.transaction() as db:
        db.add(Heartbeat(process="worker", at=datetime(2026, 1, 5)))  # noqa: DTZ001


def test_a_time_comes_back_aware_and_in_utc(database):
    with database.transaction() as db:
        db.add(Heartbeat(process="worker", at=MONDAY_10))
    with database.reading() as db:
        at = db.get_one(Heartbeat, "worker").at
    assert at == MONDAY_10
    assert at.tzinfo is UTC


def test_a_row_for_nobody_is_refused(database):
    sql = "INSERT INTO enrolments (id, patient_id, status, invited_at) VALUES "
    values = "('a', 'nobody', 'active', '2026-01-05 00:00:00')"
    with pytest.raises(IntegrityError), database.transaction() as db:
        db.execute(text(sql + values))


def test_a_look_does_not_wait_for_a_writer(database):
    with database.transaction() as writing:
        writing.add(Setting(name="clock", value={}))
        record(writing, AN_ACT, now=MONDAY_10)
        writing.flush()
        with database.reading() as db:
            assert db.get(Setting, "clock") is None


def test_what_was_read_stays_readable_after_the_look(database):
    with database.transaction() as db:
        db.add(Setting(name="clock", value={"at": 1}))
        record(db, AN_ACT, now=MONDAY_10)
    with database.reading() as db:
        row = db.get_one(Setting, "clock")
    assert row.value == {"at": 1}


def test_her_text_goes_before_a_batch_that_came_first(database):
    if not database.is_sqlite:
        pytest.skip("PostgreSQL takes many writers at once: there is no gate to go through")
    order: list[str] = []
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            held.set()
            release.wait(5)

    def write(name: str, turn: Turn) -> None:
        with database.transaction(turn=turn):
            order.append(name)

    threads = [threading.Thread(target=hold)]
    threads[0].start()
    held.wait(5)
    for name, turn in (("batch", Turn.BATCH), ("act", Turn.ORDINARY), ("her", Turn.INBOUND)):
        threads.append(threading.Thread(target=write, args=(name, turn)))
        threads[-1].start()
        _until(lambda: len(database._gate._waiting) >= len(threads) - 1)
    release.set()
    for thread in threads:
        thread.join(5)
    assert order == ["her", "act", "batch"]


def test_the_gate_opens_again_after_a_failure(database):
    with pytest.raises(RuntimeError), database.transaction():
        raise RuntimeError
    with database.transaction():
        pass


def test_sqlite_survives_a_power_cut_and_keeps_foreign_keys(database):
    if not database.is_sqlite:
        pytest.skip("settings of SQLite")
    with database.reading() as db:
        found = {
            name: db.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10000,
    }


def _until(done) -> None:
    for _ in range(500):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


_BEATS = select(Heartbeat.process)


def beat(database, process):
    with database.transaction(audited=False) as db:
        db.add(Heartbeat(process=process, at=MONDAY_10))


def test_looks_that_share_a_connection_see_what_was_written_in_between(database, open_database):
    with database.sharing_looks():
        with database.looking() as first:
            assert first.scalars(_BEATS).all() == []
        beat(database, "ours")
        beat(open_database(), "another's")
        with database.looking() as second:
            assert sorted(second.scalars(_BEATS)) == ["another's", "ours"]
        assert second is first
    with database.looking() as after:
        assert after is not first


def test_a_look_that_fails_takes_no_other_along(database):
    with database.sharing_looks():
        with database.looking() as broken:
            broken.connection.dbapi_connection.close()
        with pytest.raises(DBAPIError), database.looking() as again:
            again.execute(_BEATS)
        assert again is broken
        with database.looking() as another:
            assert another.scalars(_BEATS).all() == []
        assert another is not broken


def test_looks_of_two_threads_share_nothing(database):
    found = []

    def look():
        with database.looking() as connection:
            found.append(connection)

    with database.sharing_looks(), database.looking() as ours:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(timeout=10)
    assert found
    assert found[0] is not ours
