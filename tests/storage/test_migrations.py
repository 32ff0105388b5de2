"""A clinic that runs keeps everything when it takes a new version: rows, and what they hang on."""

import pytest
from alembic import command
from sqlalchemy import text

from bot.storage import schema
from bot.storage.database import make_engine
from tests import postgres

AT = "2026-01-05 15:00:00"
ROWS = (
    "INSERT INTO staff (id, name_sealed, role, leads) VALUES ('s1', 'x', 'clinician', true)",
    "INSERT INTO alerts (id, code, phone_index, level, category, status, policy, steps_taken, "
    "rounds, raised_at, last_words_at) VALUES ('a1', 'K7', 'i', 'urgent', 'suicide', 'open', "
    f"'{{}}', 1, 1, '{AT}', '{AT}')",
    "INSERT INTO pages (id, alert_id, round, recipient, channel, staff_id, at) VALUES "
    f"('p1', 'a1', 1, 'on_call', 'sms', 's1', '{AT}')",
    "INSERT INTO support_items (id, kind, status, created_at) VALUES "
    f"('t1', 'media', 'open', '{AT}')",
    "INSERT INTO shifts (id, staff_id, duty, starts_at, ends_at) VALUES "
    f"('h1', 's1', 'on_call', '{AT}', '{AT}')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    server = request.getfixturevalue("postgres_server")
    postgres.drop(server, "tend_old")
    return postgres.create(server, "tend_old")


def test_a_database_with_open_alerts_takes_the_cases_migration(url):
    engine = make_engine(url)
    config = schema._config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(engine)
    schema.require_current(engine)
    with engine.connect() as connection:
        page = connection.execute(
            text(
                "SELECT p.staff_id, a.code, a.is_test FROM pages p "
                "JOIN alerts a ON a.id = p.alert_id"
            )
        ).one()
        swap = connection.execute(text("SELECT is_swap FROM shifts")).scalar_one()
        task = connection.execute(text("SELECT kind, alert_id FROM support_items")).one()
    assert (page.staff_id, page.code, bool(page.is_test)) == ("s1", "K7", False)
    assert bool(swap) is False
    assert tuple(task) == ("media", None)
    engine.dispose()


def test_a_mother_whose_texts_are_held_for_violence_is_not_texted_after_the_upgrade(url):
    engine = make_engine(url)
    config = schema._config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
    rows = [
        row
        for who, kind, status in (
            ("bea", "violence", "open"),
            ("ann", "suicide", "open"),
            ("cat", "violence", "resolved"),
        )
        for row in (
            "INSERT INTO patients (id, name_sealed, phone_sealed, phone_index, language, "
            f"time_zone, created_at) VALUES ('{who}', 'x', 'x', '{who}', 'en', "
            f"'America/New_York', '{AT}')",
            "INSERT INTO alerts (id, code, patient_id, phone_index, level, category, status, "
            "policy, steps_taken, rounds, raised_at, last_words_at) VALUES "
            f"('{who}', '{who}', '{who}', '{who}', 'same-day', 'suicide', '{status}', '{{}}', "
            f"1, 1, '{AT}', '{AT}')",
            "INSERT INTO alert_signals (id, alert_id, category, level, layer, pattern_id, spans, "
            f"at) VALUES ('{who}', '{who}', '{kind}', 'same-day', 'pattern', 'p', '[]', '{AT}')",
        )
    ]
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))
    schema.upgrade(engine)
    with engine.connect() as connection:
        query = text("SELECT id FROM patients WHERE read_along_since IS NOT NULL")
        held = connection.execute(query).scalars().all()
    assert held == ["bea"]
    engine.dispose()
