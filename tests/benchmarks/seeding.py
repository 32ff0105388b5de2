"""Fills a fresh database with mothers, open check-ins, and reminders by the million."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from bot import bootstrap
from bot.bootstrap import App
from bot.conversations import cast
from bot.core.enrolments import QuestionRoute
from bot.core.ids import new_id
from bot.core.languages import Language
from bot.core.messages import Lane, OutboundStatus
from bot.services import check_ins, enrolments
from bot.settings import Settings, load_settings
from bot.storage import care, people, schema
from bot.storage.audit import Audit, record
from bot.storage.database import make_engine
from bot.storage.tables import OutboundMessage

# Not 202: the cast lives there.
_AREAS = (
    *(201, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219),
    *(224, 225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262),
)
_ZONE = "America/New_York"
_BATCH = 5_000
_AT_ONCE = 50


@dataclass(frozen=True)
class Mothers:
    """Phone numbers by what the mothers are doing."""

    all: tuple[str, ...]
    in_check_in: tuple[str, ...]


def numbers(count: int) -> tuple[str, ...]:
    """Numbers from the range that is kept for fiction, over several area codes.

    :raises ValueError: more than there are.
    """
    if count > 100 * len(_AREAS):
        raise ValueError(f"there are {100 * len(_AREAS)} numbers for fiction here")
    return tuple(f"+1{_AREAS[n // 100]}5550{100 + n % 100}" for n in range(count))


def settings_for(folder: Path, **given: object) -> Settings:
    """Settings of a clinic that lives in this folder."""
    return load_settings(
        database_url=f"sqlite:///{folder / 'tend.db'}",
        key_file=folder / "keys.json",
        log_level="ERROR",
        **given,
    )


def open_clinic(folder: Path, **given: object) -> App:
    """The clinic of this folder, in the process of the benchmark itself."""
    settings = settings_for(folder, **given)
    engine = make_engine(settings.database_url)
    schema.upgrade(engine)
    engine.dispose()
    return bootstrap.build(settings)


def seed(app: App, *, count: int, in_check_in: int = 0) -> Mothers:
    """Write the cast and so many mothers in treatment; the first ones are asked something."""
    now = datetime.now(UTC)
    cast.seed(app.clinic, now=now)
    everyone = numbers(count)
    for first in range(0, count, _AT_ONCE):
        with app.clinic.db.transaction() as db:
            for number in everyone[first : first + _AT_ONCE]:
                new = enrolments.NewPatient("Ann", number, Language.ENGLISH, _ZONE)
                then = now - timedelta(days=3)
                patient = enrolments.add_patient(app.clinic, db, new, by="bench", now=then)
                enrolments.admit(db, patient, route=QuestionRoute.TEXT, now=then)
                care.conversation_of(db, patient.id).automated_notice_at = now
    for number in everyone[:in_check_in]:
        _ask(app, number, now=now - timedelta(minutes=10))
    return Mothers(all=everyone, in_check_in=everyone[:in_check_in])


def _ask(app: App, number: str, *, now: datetime) -> None:
    """A PHQ-9 is open with her, and its first item was delivered."""
    with app.clinic.db.transaction() as db:
        patient = people.find_patient(db, people.index_of(db, number))
        assert patient is not None  # just written
        instrument = app.clinic.instruments["phq9"]
        administration = check_ins.open_now(app.clinic, db, patient, instrument, now=now)
        db.flush()
        db.execute(
            update(OutboundMessage)
            .where(OutboundMessage.administration_id == administration.id)
            .values(status=OutboundStatus.DELIVERED, sent_at=now, delivered_at=now)
        )


def add_reminders(app: App, due: Iterator[datetime], *, count: int) -> Iterator[int]:
    """Put reminders into the outbox in batches; yields how many are in.

    :param due: when each is to go out, aware.
    """
    with app.clinic.db.reading() as db:
        patients = [
            (patient.id, patient.phone_index, number)
            for number in numbers(200)
            if (patient := people.find_patient(db, people.index_of(db, number))) is not None
        ]
    done = 0
    while done < count:
        size = min(_BATCH, count - done)
        with app.clinic.db.transaction() as db:
            rows = [_reminder(app, patients[(done + i) % 200], next(due)) for i in range(size)]
            db.execute(insert(OutboundMessage), rows)
            record(db, Audit("system", "queue", "bench"), now=datetime.now(UTC))
        done += size
        yield done


def _reminder(app: App, patient: tuple[str, str, str], send_after: datetime) -> dict[str, object]:
    patient_id, phone_index, number = patient
    row_id = new_id()
    vault, table = app.clinic.db.vault, OutboundMessage.__tablename__
    return {
        "id": row_id,
        "dedupe_key": f"bench:{row_id}",
        "lane": Lane.REMINDER,
        "status": OutboundStatus.QUEUED,
        "phone_sealed": vault.seal(number, table=table, row=row_id, column="phone_sealed"),
        "phone_index": phone_index,
        "body_sealed": vault.seal("A reminder.", table=table, row=row_id, column="body_sealed"),
        "text_id": "bench",
        "text_version": 1,
        "language": Language.ENGLISH,
        "patient_id": patient_id,
        "created_at": datetime.now(UTC),
        "send_after": send_after,
    }


def outbound_ids(app: App, *, text_id: str) -> dict[str, datetime]:
    """When each of these texts was to go out, by id of the row."""
    with app.clinic.db.reading() as db:
        query = select(OutboundMessage.id, OutboundMessage.send_after)
        return {
            row_id: send_after
            for row_id, send_after in db.execute(query.where(OutboundMessage.text_id == text_id))
        }
