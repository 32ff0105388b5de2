"""A test on PostgreSQL finds the database as the first one did, whatever was done to it."""

import pytest
from sqlalchemy import create_engine, text

from tests import postgres

NAME = "tend_put_back"


@pytest.fixture
def copy(postgres_template):
    made = postgres.Copy(postgres_template, NAME, template="tend_template")
    yield made
    made.close()
    postgres.drop(postgres_template, NAME)


def done_to(url, *statements):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def asked_of(url, question):
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.scalar(text(question))
    engine.dispose()
    return answer


AN_EVENT = (
    "INSERT INTO audit_events (at, actor, verb, subject, details)"
    " VALUES (now(), 'a', 'b', 'c', '{}')"
)


def test_rows_are_gone_and_are_counted_from_one_again(copy):
    url = copy.as_it_was()
    done_to(url, AN_EVENT, AN_EVENT, "DELETE FROM alembic_version")

    assert copy.as_it_was() == url
    assert asked_of(url, "SELECT count(*) FROM audit_events") == 0
    assert asked_of(url, "SELECT count(*) FROM alembic_version") == 1
    assert asked_of(url, "SELECT nextval('audit_events_id_seq')") == 1


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE audit_events DISABLE TRIGGER USER",
        "DROP TRIGGER audit_events_append_only ON audit_events",
        "ALTER TABLE heartbeats RENAME TO gone",
        "ALTER TABLE heartbeats ADD COLUMN more text",
        "DROP INDEX ix_pages_alert_id",
        "CREATE TABLE another (id integer)",
    ],
)
def test_what_is_more_than_rows_is_as_it_was_too(copy, change):
    url = copy.as_it_was()
    before = asked_of(url, postgres._SHAPE.text)
    done_to(url, change)
    assert asked_of(url, postgres._SHAPE.text) != before

    assert copy.as_it_was() == url
    done_to(url, AN_EVENT)
    with pytest.raises(Exception, match="append-only"):
        done_to(url, "DELETE FROM audit_events")
    assert asked_of(url, "SELECT count(*) FROM heartbeats") == 0
    assert asked_of(url, "SELECT to_regclass('another')") is None


def test_somebody_who_is_still_connected_is_sent_away(copy):
    url = copy.as_it_was()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("LOCK TABLE heartbeats"))
        copy.as_it_was()
        connection.invalidate()
    engine.dispose()
    assert asked_of(url, "SELECT count(*) FROM heartbeats") == 0
