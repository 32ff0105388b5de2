"""Names, numbers and words are unreadable at rest, bound to their place, and can get a new key."""

import pytest
from sqlalchemy import select, update

from bot.errors import ConfigError
from bot.services import keys
from bot.storage import sealing
from bot.storage.database import Database
from bot.storage.tables import InboundMessage, Patient, Staff
from bot.storage.vault import Keys, Vault, load_keys, save_keys
from tests.conftest import KEYS

PLACE = {"table": "patients", "row": "r1", "column": "name_sealed"}


def test_a_sealed_text_opens_in_its_own_place():
    vault = Vault(KEYS)
    assert vault.open(vault.seal("Ann ¡ayuda! 😢", **PLACE), **PLACE) == "Ann ¡ayuda! 😢"


@pytest.mark.parametrize(
    "other", [{"table": "staff"}, {"row": "r2"}, {"column": "phone_sealed"}], ids=str
)
def test_a_sealed_text_does_not_open_in_another_place(other):
    vault = Vault(KEYS)
    with pytest.raises(ConfigError):
        vault.open(vault.seal("Ann", **PLACE), **{**PLACE, **other})


def test_a_changed_sealed_text_does_not_open():
    vault = Vault(KEYS)
    sealed = bytearray(vault.seal("Ann", **PLACE))
    sealed[-1] ^= 1
    with pytest.raises(ConfigError):
        vault.open(bytes(sealed), **PLACE)


def test_the_same_text_never_seals_to_the_same_bytes():
    vault = Vault(KEYS)
    assert vault.seal("yes", **PLACE) != vault.seal("yes", **PLACE)


def test_nothing_opens_with_somebody_elses_keys():
    with pytest.raises(ConfigError, match="does not open"):
        Vault(Keys.generate()).open(Vault(KEYS).seal("Ann", **PLACE), **PLACE)


def test_a_number_is_found_by_an_index_that_another_key_does_not_give():
    number = "+12025550111"
    assert Vault(KEYS).index(number) == Vault(KEYS).index(number)
    assert Vault(KEYS).index(number) != Vault(Keys.generate()).index(number)
    assert number[-7:] not in Vault(KEYS).index(number)


def test_the_error_about_a_value_that_does_not_open_does_not_print_it():
    vault = Vault(KEYS)
    with pytest.raises(ConfigError) as caught:
        vault.open(vault.seal("Ann", **PLACE), **{**PLACE, "row": "r2"})
    assert caught.value.__cause__ is None
    assert "Ann" not in str(caught.value)


def test_a_key_file_is_its_owners_alone_and_reads_back(tmp_path):
    path = tmp_path / "var" / "keys.json"
    save_keys(path, KEYS)
    assert path.stat().st_mode & 0o077 == 0
    assert load_keys(path, create=False) == KEYS


def test_a_missing_key_file_stops_production_and_is_made_in_the_sandbox(tmp_path):
    path = tmp_path / "keys.json"
    with pytest.raises(ConfigError, match="tend keys create"):
        load_keys(path, create=False)
    assert load_keys(path, create=True) == load_keys(path, create=False)


@pytest.mark.parametrize("broken", ["", "{}", "[]", '{"current": "k9", "data": {}, "index": ""}'])
def test_a_broken_key_file_stops_the_start_and_says_what_to_do(tmp_path, broken):
    path = tmp_path / "keys.json"
    path.write_text(broken)
    with pytest.raises(ConfigError, match="backup"):
        load_keys(path, create=False)


def test_new_keys_keep_the_old_ones_and_the_index():
    twice = KEYS.with_new_key().with_new_key()
    assert list(twice.data) == ["k1", "k2", "k3"]
    assert (twice.current, twice.index) == ("k3", KEYS.index)
    assert list(twice.only_current().data) == ["k3"]


def test_her_words_copied_to_another_row_do_not_open_there(world):
    one, other = world.text("Ann", "my words"), world.text("Bea", "other words")
    with world.clinic.db.transaction(audited=False) as db:
        stolen = db.get_one(InboundMessage, one).body_sealed
        db.connection().execute(
            update(InboundMessage.__table__)
            .where(InboundMessage.id == other)
            .values(body_sealed=stolen)
        )
    with world.clinic.db.reading() as db:
        assert sealing.get(db, db.get_one(InboundMessage, one), "body") == "my words"
        with pytest.raises(ConfigError):
            sealing.get(db, db.get_one(InboundMessage, other), "body")


def test_everything_still_opens_after_rotation_and_the_old_key_is_gone(world, database_url):
    world.text("Ann", "before the new key")
    rotated = KEYS.with_new_key()
    second = Database(database_url, Vault(rotated))
    rows = list(keys.reseal_all(second, now=world.now, by="cli:test"))
    second.close()
    third = Database(database_url, Vault(rotated.only_current()))
    with third.reading() as db:
        names = {sealing.get(db, row, "name") for row in db.scalars(select(Patient))}
        staff = {sealing.get(db, row, "phone") for row in db.scalars(select(Staff))}
        said = {sealing.get(db, row, "body") for row in db.scalars(select(InboundMessage))}
    third.close()
    assert rows[-1] > 0
    assert {"Ann", "Bea", "Luz"} <= names
    assert "+12025550121" in staff
    assert said == {"before the new key"}


def test_rotation_leaves_no_value_under_the_old_key_in_any_sealed_column(world, database_url):
    world.text("Ann", "before the new key")
    rotated = KEYS.with_new_key()
    second = Database(database_url, Vault(rotated))
    list(keys.reseal_all(second, now=world.now, by="cli:test"))
    left = []
    with second.reading() as db:
        for table, column in sealing.sealed_columns():
            for value in db.connection().execute(select(table.c[column])).scalars():
                if value is not None and not second.vault.is_current(value):
                    left.append(f"{table.name}.{column}")
    second.close()
    assert left == []


def test_rotation_may_stop_half_way_and_begin_again(world, database_url):
    rotated = KEYS.with_new_key()
    second = Database(database_url, Vault(rotated))
    next(keys.reseal_all(second, now=world.now, by="cli:test"))
    list(keys.reseal_all(second, now=world.now, by="cli:test"))
    with second.reading() as db:
        names = {sealing.get(db, patient, "name") for patient in db.scalars(select(Patient))}
    assert {"Ann", "Luz"} <= names
    second.close()


def test_every_column_of_bytes_is_a_sealed_one():
    names = {f"{table.name}.{column}" for table, column in sealing.sealed_columns()}
    assert {"patients.name_sealed", "inbound_messages.body_sealed", "staff.phone_sealed"} <= names
    assert all(name.endswith("_sealed") for name in names)
