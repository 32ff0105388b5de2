"""Every act is on record, nobody can change the record, and a changed record shows."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from bot.services import housekeeping
from bot.storage import audit
from bot.storage.tables import AuditEvent, AuditSeal

TABLES = ("audit_events", "audit_seals")


@pytest.fixture
def sealed(world):
    """A clinic with some history, sealed to the last event."""
    world.text("Bea", "want to die")
    while housekeeping.seal_audit(world.clinic):
        pass
    return world


def verify(world):
    with world.clinic.db.reading() as db:
        return audit.verify(db)


def tamper(world, statement: str) -> None:
    """Change the record behind our back, as somebody with the database's password could."""
    with world.clinic.db.engine.begin() as connection:
        if world.clinic.db.is_sqlite:
            for table in TABLES:
                for act in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER {table}_no_{act}"))
            # Somebody with the file in hand has no foreign keys either.
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(statement))
        if not world.clinic.db.is_sqlite:
            connection.execute(text("SET session_replication_role = DEFAULT"))


def test_an_untouched_chain_has_no_problem(sealed):
    verdict = verify(sealed)
    assert verdict.problem is None
    assert verdict.sealed > 20
    assert verdict.unsealed == 0


def test_events_since_the_last_seal_are_counted_as_unsealed(sealed):
    sealed.text("Ann", "hello", settle=False)
    assert verify(sealed).unsealed > 0


def test_a_changed_event_shows(sealed):
    tamper(sealed, "UPDATE audit_events SET actor = 'nobody' WHERE id = 5")
    assert "5" in (verify(sealed).problem or "")


def test_changed_details_show(sealed):
    tamper(sealed, "UPDATE audit_events SET details = '{}' WHERE verb = 'raise'")
    assert "was changed" in (verify(sealed).problem or "")


def test_a_removed_seal_shows(sealed):
    tamper(sealed, "DELETE FROM audit_seals WHERE number = 7")
    assert verify(sealed).problem == "seal 7 is missing"


def test_a_removed_event_with_its_seal_shows(sealed):
    tamper(sealed, "DELETE FROM audit_seals WHERE event_id = 9")
    assert "missing" in (verify(sealed).problem or "")


def test_a_removed_event_shows(sealed):
    if sealed.clinic.db.is_sqlite:
        with sealed.clinic.db.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("DROP TRIGGER audit_events_no_delete")
            connection.exec_driver_sql("DELETE FROM audit_events WHERE id = 9")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.exec_driver_sql("BEGIN")
    else:
        tamper(sealed, "DELETE FROM audit_events WHERE id = 9")
    assert verify(sealed).problem == "audit event 9 is missing"


def test_a_forged_link_shows(sealed):
    tamper(sealed, "UPDATE audit_seals SET link = 'abc' WHERE number = 3")
    assert verify(sealed).problem is not None


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {}"])
def test_the_database_itself_refuses_to_change_the_record(sealed, table, statement):
    column = "actor = 'x'" if table == "audit_events" else "link = 'x'"
    with (
        pytest.raises(DatabaseError, match="append-only"),
        sealed.clinic.db.engine.begin() as connection,
    ):
        connection.execute(text(statement.format(table, column)))


def test_sealing_goes_on_where_it_stopped(world):
    with world.clinic.db.transaction(audited=False) as db:
        audit.seal_next(db, limit=3)
    while housekeeping.seal_audit(world.clinic):
        pass
    verdict = verify(world)
    assert (verdict.problem, verdict.unsealed) == (None, 0)


def test_the_record_holds_no_words_names_or_numbers(sealed):
    sealed.text("Ann", "a secret only Ann knows")
    with sealed.clinic.db.reading() as db:
        everything = " ".join(
            f"{row.actor} {row.verb} {row.subject} {row.details}"
            for row in db.scalars(select(AuditEvent))
        )
        assert db.scalars(select(AuditSeal)).first() is not None
    for forbidden in ("secret", "want to die", "Ann", "Bea", "Bose", "202555", "5550112"):
        assert forbidden not in everything


# --- the end of the chain -------------------------------------------------------------------------


def cut_off(world, keep: int) -> None:
    """Remove the newest seals, as one who wants the last acts forgotten would."""
    tamper(world, f"DELETE FROM audit_seals WHERE number > {keep}")


def test_a_chain_that_was_cut_off_shows(sealed):
    whole = verify(sealed).sealed
    cut_off(sealed, whole - 3)
    problem = f"the chain was cut off: {whole} events were sealed, {whole - 3} are left"
    assert verify(sealed).problem == problem


def test_a_chain_that_was_removed_as_a_whole_shows(sealed):
    cut_off(sealed, 0)
    assert "cut off" in (verify(sealed).problem or "")


def test_an_end_that_was_moved_back_with_the_chain_shows(sealed):
    """Without the key nobody can sign another end."""
    whole = verify(sealed).sealed
    cut_off(sealed, whole - 3)
    with sealed.clinic.db.engine.begin() as connection:
        connection.execute(text(f"UPDATE audit_head SET number = {whole - 3}"))
    assert verify(sealed).problem == "the signed end of the chain was changed"


def test_a_removed_end_shows(sealed):
    with sealed.clinic.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_head"))
    assert verify(sealed).problem == "the signed end of the chain is missing"


def test_a_chain_that_was_cut_off_is_not_sealed_on(sealed):
    """Else the cut would be healed over, and never show."""
    cut_off(sealed, verify(sealed).sealed - 3)
    assert housekeeping.seal_audit(sealed.clinic) == 0
    assert "cut off" in (verify(sealed).problem or "")


def test_a_chain_whose_end_was_removed_is_not_sealed_on(sealed):
    """Else whoever cuts it only needs to remove the end too."""
    with sealed.clinic.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_head"))
    sealed.text("Ann", "hello", settle=False)
    assert housekeeping.seal_audit(sealed.clinic) == 0
    assert verify(sealed).problem == "the signed end of the chain is missing"


def test_a_chain_from_before_there_was_a_signed_end_is_signed_at_the_upgrade(sealed):
    with sealed.clinic.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_head"))
    with sealed.clinic.db.transaction(audited=False) as db:
        audit.sign_as_found(db)
    sealed.text("Ann", "hello", settle=False)
    assert housekeeping.seal_audit(sealed.clinic) > 0
    assert verify(sealed).problem is None
