"""Checks the database and what stands in it: schema, audit chain, heartbeat, rota; and the disk."""

import stat
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.core.rota import Duty, Gap, gaps
from bot.doctor.audit_chain import verify_newest
from bot.doctor.files import protocol_of
from bot.doctor.findings import Finding, State, Surroundings
from bot.errors import ConfigError
from bot.storage import people, schema
from bot.storage.database import Database
from bot.storage.tables import Heartbeat
from bot.storage.vault import Keys, Vault, load_keys

# SQLite's own files, and the one at which writers queue.
_ENDS = ("", "-wal", "-shm", "-gate")
_CONNECT_SECONDS = "5"
_NEWEST_EVENTS = 1000
# The worker beats every 15 seconds; the gateway calls it silent after a minute too.
_SILENT_AFTER = timedelta(seconds=60)
_ROTA_AHEAD = timedelta(hours=72)
_LITTLE, _TOO_LITTLE = 2 * 1024**3, 256 * 1024**2  # bytes


def check(around: Surroundings) -> Iterator[Finding]:
    """The database, and everything that can be seen only through it."""
    url = make_url(around.settings.database_url)
    if missing := _missing_file(url):
        yield Finding("database", State.WRONG, missing)
        return
    if url.get_backend_name() == "postgresql":
        # Without it a firewall that swallows packets would hold us up for minutes.
        url = url.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    keys = _keys(around)
    db = Database(url.render_as_string(hide_password=False), Vault(keys or Keys.generate()))
    try:
        yield from _inside(db, around, has_keys=keys is not None)
    finally:
        db.close()


def disk(around: Surroundings) -> Iterator[Finding]:
    """Is there room for what will come?"""
    url = make_url(around.settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    folder = _existing(Path(str(url.database)) if is_file else around.settings.models_dir)
    free = around.free_bytes(folder)
    left = f"{free / 1024**3:.1f} GB free where {folder} lies."
    if free < _TOO_LITTLE:
        yield Finding("disk", State.WRONG, f"{left} Make room now: without it no text is stored.")
    elif free < _LITTLE:
        yield Finding("disk", State.WARNING, f"{left} Make room soon.")
    else:
        yield Finding("disk", State.OK, left)


def is_missing(database_url: str) -> bool:
    """Is it a file, and is there no such file?"""
    return _missing_file(make_url(database_url)) is not None


def _missing_file(url: URL) -> str | None:
    """Connecting would make an empty database, so a missing file is found before."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    if Path(str(url.database)).exists():
        return None
    return f"{url.database}: there is no database. `tend up` or `tend db upgrade` makes it."


def _open_to_others(url: URL, around: Surroundings) -> Iterator[Finding]:
    """Can everybody on this machine read the database? A group may be the operator's wish."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return
    files = [Path(f"{url.database}{end}") for end in _ENDS]
    readable = [str(one) for one in files if one.exists() and one.stat().st_mode & stat.S_IROTH]
    if readable:
        state = State.WRONG if around.settings.production else State.WARNING
        cure = f"Run `chmod o-rwx {' '.join(readable)}`."
        sentence = f"{readable[0]}: everybody on this machine can read it. {cure}"
        yield Finding("database file", state, sentence)


def _keys(around: Surroundings) -> Keys | None:
    try:
        return load_keys(around.settings.key_file, create=False)
    except (ConfigError, OSError):
        return None  # a finding of its own among the files


def _inside(db: Database, around: Surroundings, *, has_keys: bool) -> Iterator[Finding]:
    try:
        with db.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        # The error's words quote the address: only its kind is shown.
        sentence = (
            f"{db.engine.url.render_as_string()}: no answer ({type(error).__name__}). "
            "Start the database, or mend TEND_DATABASE_URL."
        )
        yield Finding("database", State.WRONG, sentence)
        return
    yield Finding("database", State.OK, f"{db.engine.dialect.name} answers.")
    yield from _open_to_others(db.engine.url, around)
    try:
        schema.require_current(db.engine)
    except ConfigError as error:
        yield Finding("schema", State.WRONG, str(error))
        return
    yield Finding("schema", State.OK, "It is this version's.")
    looks: list[Callable[[Session, Surroundings], Iterator[Finding]]] = [_heartbeat, _rota]
    if has_keys:
        looks.insert(0, _audit)
    else:
        sentence = "Not looked at: without the key file nobody can check it."
        yield Finding("audit chain", State.WARNING, sentence)
    for look in looks:
        with db.reading() as session:
            yield from look(session, around)


def _audit(db: Session, _around: Surroundings) -> Iterator[Finding]:
    checked, problem = verify_newest(db, count=_NEWEST_EVENTS)
    if problem:
        sentence = f"{problem}. Keep a copy of the database, and run `tend audit verify`."
        yield Finding("audit chain", State.WRONG, sentence)
    else:
        yield Finding("audit chain", State.OK, f"The newest {checked} events are unchanged.")


def _heartbeat(db: Session, around: Surroundings) -> Iterator[Finding]:
    beat = db.get(Heartbeat, "worker")
    if beat is None:
        sentence = "None has ever run here. Start `tend worker`, or `tend up`."
        yield Finding("worker", State.WRONG, sentence)
        return
    silent = around.now() - beat.at
    if silent > _SILENT_AFTER:
        sentence = (
            f"Silent for {_long(silent)}: nothing is sent and nobody is paged. Restart it, and "
            "look into its log."
        )
        yield Finding("worker", State.WRONG, sentence)
    elif silent < -_SILENT_AFTER:
        sentence = f"Its last sign of life is {_long(-silent)} ahead. Set this machine's clock."
        yield Finding("worker", State.WRONG, sentence)
    else:
        yield Finding("worker", State.OK, f"Gave a sign of life {_long(silent)} ago.")


def _rota(db: Session, around: Surroundings) -> Iterator[Finding]:
    now = around.now()
    clinicians = {staff.id: staff for staff in people.list_clinicians(db)}
    if not clinicians:
        sentence = "No clinician has a phone number here, so nobody can be paged. Add one."
        yield Finding("rota", State.WRONG, sentence)
        return
    until = now + _ROTA_AHEAD
    shifts = people.list_shifts_between(db, start=now, end=until, holidays=_holidays(around))
    ids = clinicians.keys()
    on_call = gaps(shifts, Duty.ON_CALL, can_be_paged=ids, start=now, end=until)
    yield _on_call(on_call, now, _zone(around))
    backup = gaps(shifts, Duty.BACKUP, can_be_paged=ids, start=now, end=until)
    if backup:
        sentence = (
            f"Nobody is backup {_span(backup[0], now, _zone(around))}; that step of an alert "
            "pages everyone instead. Add a shift."
        )
        yield Finding("rota: backup", State.WARNING, sentence)
    if not any(staff.leads for staff in clinicians.values()):
        sentence = "No clinician with a phone leads; that step of an alert pages everyone instead."
        yield Finding("rota: lead", State.WARNING, sentence)


def _on_call(found: list[Gap], now: datetime, zone: ZoneInfo) -> Finding:
    if not found:
        sentence = "Somebody with a phone is on call, now and for the next 72 hours."
        return Finding("rota", State.OK, sentence)
    more = f" (and {len(found) - 1} more gaps)" if len(found) > 1 else ""
    sentence = (
        f"Nobody with a phone is on call {_span(found[0], now, zone)}{more}; an alert would page "
        "everyone. Add a shift."
    )
    return Finding("rota", State.WRONG, sentence)


def _span(gap: Gap, now: datetime, zone: ZoneInfo) -> str:
    start, end = gap.starts_at.astimezone(zone), gap.ends_at.astimezone(zone)
    begins = "now" if gap.starts_at == now else f"from {start:%Y-%m-%d %H:%M}"
    if gap.ends_at >= now + _ROTA_AHEAD:
        return f"{begins} and for the rest of the next 72 hours"
    return f"{begins} until {end:%Y-%m-%d %H:%M} ({zone.key})"


def _zone(around: Surroundings) -> ZoneInfo:
    try:
        return ZoneInfo(protocol_of(around.settings).staffed_hours.zone)
    except ConfigError:
        return ZoneInfo("UTC")  # a broken protocol is a finding of its own


def _holidays(around: Surroundings) -> frozenset[date]:
    try:
        return frozenset(protocol_of(around.settings).staffed_hours.closed_on)
    except ConfigError:
        return frozenset()


def _existing(path: Path) -> Path:
    while not path.is_dir():
        path = path.parent
    return path


def _long(time: timedelta) -> str:
    seconds = max(0, int(time.total_seconds()))
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"
