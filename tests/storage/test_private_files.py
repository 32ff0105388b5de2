"""What Tend makes in its data folder is its owner's alone; what an operator has set stays."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import processes
from bot.settings import load_settings
from bot.storage.database import Database
from bot.storage.vault import Keys, Vault, save_keys


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """As most machines have it: files are made readable for everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def start(folder: Path) -> dict[str, int]:
    """The first start on a machine, and a first write; every file's mode."""
    url = f"sqlite:///{folder / 'tend.db'}"
    save_keys(folder / "keys.json", Keys.generate())
    processes.prepare_database(load_settings(database_url=url, key_file=folder / "keys.json"))
    database = Database(url, Vault(Keys.generate()))
    try:
        with database.transaction(audited=False) as db:
            db.connection().exec_driver_sql("CREATE TABLE IF NOT EXISTS one_more (id INTEGER)")
        return {path.name: mode(path) for path in folder.iterdir()}
    finally:
        database.close()


def test_the_database_and_what_stands_beside_it_are_made_for_their_owner_alone(tmp_path):
    folder = tmp_path / "not" / "there"
    modes = start(folder)
    assert modes.keys() >= {"tend.db", "tend.db-wal", "tend.db-shm", "tend.db-gate", "keys.json"}
    assert set(modes.values()) == {0o600}, modes
    assert mode(folder) == 0o700


def test_what_an_operator_has_set_stays(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir(mode=0o755)
    start(folder)
    (folder / "tend.db").chmod(0o640)
    modes = start(folder)
    assert modes["tend.db"] == 0o640
    assert modes["tend.db-wal"] == 0o640, "a backup that reads the one reads the other"
    assert mode(folder) == 0o755
