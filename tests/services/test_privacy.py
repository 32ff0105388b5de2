"""Nothing she said, and nobody's name or number, is in clear anywhere: in no log, on no disk."""

import io
import logging

import pytest
import structlog
from sqlalchemy import select

from bot.conversations import cast
from bot.core.alerts import Disposition, Verdict
from bot.errors import NotFound
from bot.services import closing
from bot.storage.tables import Table
from tests.services.clinic_day import open_instrument, resolve, schedule
from tests.world import MONDAY_10

WORDS = (
    "marmalade i want to die",
    "quince jelly please",
    "STOP texting me about rhubarb",
    "tangerine",
    "delete my data apricot",
)
PRIVATE = ("marmalade", "quince", "rhubarb", "tangerine", "apricot", "want to die")
PEOPLE = (*cast.MOTHERS, *cast.COLLEAGUES)


def numbers() -> list[str]:
    everybody = [*cast.MOTHERS.values(), *cast.COLLEAGUES.values()]
    return [person.number.removeprefix("+1") for person in everybody] + ["2025550199"]


def a_busy_day(world) -> None:
    """Every kind of text, everything the services do, failures too."""
    for name, words in zip(("Bea", "Ann", "Luz", "Mallory", "Dee"), WORDS, strict=True):
        world.text(name, words)
    open_instrument(world, "Ann", "phq2")
    world.text("Ann", "2")
    schedule(world, "Ann", MONDAY_10.replace(day=8))
    world.dialogue.down = True
    world.text("Ann", "quince again")
    world.text("Dr Bose", "good morning marmalade")
    resolve(world, "Bea")
    with pytest.raises(NotFound):
        closing.resolve(
            world.clinic,
            code="ZZ",
            by="x",
            staff_id=None,
            disposition=Disposition.OTHER,
            note="spoke with her",
            verdict=Verdict.TRUE,
            now=world.now,
        )


def test_no_log_holds_her_words_or_anybodys_name_or_number(world):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with structlog.testing.capture_logs() as entries:
            a_busy_day(world)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    everything = f"{heard.getvalue()} {entries}"
    for private in (*PRIVATE, *numbers(), *PEOPLE):
        assert private not in everything


def test_the_database_file_holds_no_word_name_or_number(world):
    if not world.clinic.db.is_sqlite:
        pytest.skip("one engine's files are enough: the same values go into both")
    a_busy_day(world)
    path = world.clinic.db.engine.url.database
    world.clinic.db.close()
    stored = b""
    for suffix in ("", "-wal", "-shm"):
        try:
            with open(path + suffix, "rb") as file:
                stored += file.read()
        except FileNotFoundError:
            continue
    assert len(stored) > 100_000
    assert b"crisis_suicide" in stored, "ids are readable: the search itself works"
    for private in (*PRIVATE, *numbers(), "Dr Bose", "Dr Ruiz", "Mallory", "Call or text 988"):
        assert private.encode() not in stored
        assert private.encode("utf-16-le") not in stored


def test_every_table_of_both_engines_holds_no_word_or_number(world):
    a_busy_day(world)
    stored = ""
    with world.clinic.db.engine.connect() as connection:
        for table in Table.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                stored += " ".join(
                    value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    for value in row
                )
    for private in (*PRIVATE, *numbers(), "Dr Bose"):
        assert private not in stored
