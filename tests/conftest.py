"""Fixtures that every test may use: a clinic on SQLite and on PostgreSQL, and its world.

Migrations run once an engine and run; every test then gets a copy of that empty database.
"""

import gc
import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot import bootstrap
from bot.content.crisis import load_crisis
from bot.content.escalation import load_policies
from bot.content.instruments import load_instruments
from bot.content.protocol import load_protocol
from bot.content.texts import load_catalogue
from bot.conversations import cast
from bot.crisis.screening import Screener
from bot.services.clinic import Clinic
from bot.storage import schema
from bot.storage.database import Database, make_engine
from bot.storage.vault import Keys, Vault
from tests import postgres
from tests.world import MONDAY_10, World

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
# One set of keys for the whole run: making them is not what is tested.
KEYS = Keys.generate()
_TEMPLATE = "tend_template"
_SEEDED = "tend_with_cast"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a Rasa or a browser comes first and then the longest files.

    No process then ends with much to do while the other has nothing left
    (``--no-loadscope-reorder``).
    """
    groups = {item: group_of(item.nodeid) for item in items}
    sizes = Counter(groups.values())
    heavy = {groups[item] for item in items if _starts_much(item)}
    items.sort(key=lambda item: (groups[item] not in heavy, -sizes[groups[item]], groups[item]))


def _starts_much(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("rasa", "browser"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """When the run is spread over processes (``make test``), a group stays in one of them.

    Its fixtures are then made once. xdist would read groups from a marker, which it hands on in
    the tests' ids; since pytest 9.2 an id cannot be changed, and every test was alone in its group.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log) if config.getoption("dist") == "loadgroup" else None


def group_of(nodeid: str) -> str:
    """Which tests share a process: those of one file.

    What plays with Rasa stands apart from the rest of its file, so that two processes can play the
    golden conversations, one with Rasa and one without; the tests of Rasa itself stay together,
    for each of their processes would start one.
    """
    path, _, test = nodeid.partition("::")
    if path.startswith("tests/rasa/"):
        return "tests/rasa"
    return f"{path} with Rasa" if "with_rasa" in test.partition("[")[0] else path


def pytest_collection_finish() -> None:
    """What was loaded stays: to look through it for garbage again and again takes a tenth of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL that this test run started for itself."""
    with postgres.server() as url:
        postgres.hurry(url)
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The same, with an empty database of the current schema to copy."""
    upgraded(postgres.create(postgres_server, _TEMPLATE))
    return postgres_server


@pytest.fixture(scope="session")
def postgres_with_cast(postgres_template: str, signed: dict[str, object]) -> str:
    """The same, with a database to copy in which the cast is, too."""
    seed(postgres.create(postgres_template, _SEEDED, template=_TEMPLATE), signed)
    return postgres_template


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: str) -> Iterator[dict[str, postgres.Copy]]:
    """The database that every test gets as if it were new, by what it is a copy of."""
    copies: dict[str, postgres.Copy] = {}
    yield copies
    for copy in copies.values():
        copy.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an empty database of the current schema to copy."""
    path = tmp_path_factory.mktemp("template") / "tend.db"
    upgraded(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_with_cast(sqlite_template: Path, signed: dict[str, object]) -> Path:
    """The same with the cast in it."""
    path = sqlite_template.with_name("with-cast.db")
    shutil.copy(sqlite_template, path)
    seed(f"sqlite:///{path}", signed)
    return path


def seed(url: str, signed: dict[str, object]) -> None:
    """Write the cast into the database at this URL, as a test's world would."""
    db = Database(url, Vault(KEYS))
    cast.seed(Clinic(db=db, **signed), now=MONDAY_10)  # type: ignore[arg-type]
    db.close()  # SQLite's last connection leaves everything in the one file that is copied


def upgraded(url: str) -> None:
    """Bring the database at this URL to the current schema."""
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def signed() -> dict[str, object]:
    """Everything under data/, read once."""
    return {
        "protocol": load_protocol(DATA / "protocol" / "demo.yml"),
        "texts": load_catalogue(DATA),
        "instruments": load_instruments(DATA),
        "policies": load_policies(DATA / "escalation"),
        "screener": Screener(load_crisis(DATA / "crisis")),
    }


@pytest.fixture(scope="session")
def quick_path() -> Iterator[Path]:
    """A folder in memory where there is one: every commit waits for the disk otherwise."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def kept_databases() -> Iterator[dict[str, Database]]:
    """One engine for each URL and run: a fresh one would translate every statement again."""
    kept: dict[str, Database] = {}
    yield kept
    for db in kept.values():
        db.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, kept_databases: dict[str, Database]) -> str:
    """The URL of a database of the current schema, on both engines.

    It is empty, but for the cast where the test asks for a world.
    """
    with_cast = _has_world(request)
    for db in kept_databases.values():
        db.close()
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("quick_path") / "tend.db"
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        template = "sqlite_with_cast" if with_cast else "sqlite_template"
        shutil.copy(request.getfixturevalue(template), path)
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgres_with_cast" if with_cast else "postgres_template")
    template = _SEEDED if with_cast else _TEMPLATE
    copies: dict[str, postgres.Copy] = request.getfixturevalue("postgres_copies")
    if template not in copies:
        copies[template] = postgres.Copy(server, f"{template}_copy", template=template)
    return copies[template].as_it_was()


def _has_world(request: pytest.FixtureRequest) -> bool:
    return "world" in request.fixturenames


@pytest.fixture
def open_database(
    database_url: str, kept_databases: dict[str, Database]
) -> Iterator[Callable[[], Database]]:
    """Opens the test's database as one more process would: its own pool and its own gate."""
    opened: list[Database] = []

    def open_one() -> Database:
        db = Database(database_url, Vault(KEYS))
        if opened:
            opened.append(db)
            return db
        opened.append(kept_databases.setdefault(database_url, db))
        return opened[0]

    yield open_one
    for db in opened:
        db.close()


@pytest.fixture
def database(open_database: Callable[[], Database]) -> Database:
    """An empty database of the current schema, on both engines."""
    return open_database()


@pytest.fixture
def clinic(database: Database, signed: dict[str, object]) -> Clinic:
    """A clinic with the repository's own data."""
    return Clinic(db=database, **signed)  # type: ignore[arg-type]  # as read by ``signed``


@pytest.fixture
def world(clinic: Clinic) -> World:
    """The cast in that clinic, on a Monday morning."""
    return World(clinic, seeded=True)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A process's start configures logging for good; a test's start must not."""
    loggers = [logging.getLogger(), *map(logging.getLogger, bootstrap.QUIET)]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    structlog.reset_defaults()


os.environ.setdefault("TEND_LOG_LEVEL", "ERROR")
