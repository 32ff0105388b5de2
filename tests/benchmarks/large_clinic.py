"""Fills a database with a large clinic: 5,000 patients, 200,000 texts, 500 alerts."""

from datetime import UTC, datetime, timedelta
from itertools import batched
from random import Random
from typing import Any

from sqlalchemy import select

from bot.bootstrap import App
from bot.content.escalation import to_record
from bot.core.alerts import SupportKind
from bot.core.ids import new_id
from bot.core.levels import Category, Level
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Administration,
    Alert,
    AlertSignal,
    AuditEvent,
    Conversation,
    Enrolment,
    InboundMessage,
    ItemResponse,
    OutboundMessage,
    Patient,
    SupportItem,
    Understanding,
)
from bot.storage.tables.base import Table
from tests.benchmarks import seeding

PATIENTS, TEXTS, ALERTS = 5_000, 200_000, 500
TASKS, UNSURE = 300, 0.02
_AT_ONCE = 20_000
_FIRST_NAMES = ("Ann", "Bea", "Cat", "Dee", "Eva", "Luz", "Mia", "Noa", "Ida", "Zoe")
_WORDS = (
    *("how long does it take", "can i eat before it", "my sister drives me, is that ok"),
    *("the baby woke up four times", "thanks a lot", "what if i forget it", "i feel a bit better"),
    *("when is my next visit", "puedo dormir despues", "who do i call about the bill"),
    *("is it normal to be dizzy", "i moved to a new place", "can you change the time"),
)
_LAST_NAMES = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Linden", "Maple", "Oak", "Rowan")


def fill(app: App, size: float) -> list[str]:
    """Write the whole clinic, or a part of it; the patients' ids."""
    seeding.seed(app, count=1)
    now, chance = datetime.now(UTC), Random(2)
    patients = [_patient(app, number) for number in range(int(PATIENTS * size))]
    _insert(app, Patient, [row for row, _, _ in patients])
    _insert(app, Enrolment, [row for _, row, _ in patients])
    _insert(app, Conversation, [row for _, _, row in patients])
    people = [row for row, _, _ in patients]
    for talks in batched(_talks(int(TEXTS * size), people, now, chance), _AT_ONCE):
        texts = [_text(app, patient, at, hers, chance) for at, patient, hers in talks]
        _insert(app, InboundMessage, [row for row in texts if "received_at" in row])
        _insert(app, OutboundMessage, [row for row in texts if "send_after" in row])
    _tasks_and_readings(app, now, chance)
    _check_ins(app, people, now, chance)
    _alerts(app, chance.sample(people, int(ALERTS * size)), now)
    events = [
        {"at": now, "actor": "system", "verb": "send", "subject": f"outbound:{n}", "details": {}}
        for n in range(int(TEXTS * size))
    ]
    _insert(app, AuditEvent, events)
    return [row["id"] for row in people]


def _insert(app: App, table: type[Table], rows: list[dict[str, Any]]) -> None:
    """Write rows of equal shape as the driver takes them.

    A clinic of this size is 800,000 rows: SQLAlchemy's way of binding each takes minutes.
    """
    if not rows:
        return
    columns = table.__table__.c
    dialect = app.clinic.db.engine.dialect
    defaults = {
        column.name: column.default.arg
        for column in columns
        if column.name not in rows[0] and column.default is not None and column.default.is_scalar
    }
    names = [*rows[0], *defaults]
    binders = [columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.__tablename__} ({', '.join(names)}) VALUES ({marks})"
    bound = [
        tuple(
            bind(value) if bind else value
            for bind, value in zip(binders, [*row.values(), *defaults.values()], strict=True)
        )
        for row in rows
    ]
    with app.clinic.db.transaction() as db:
        db.connection().exec_driver_sql(statement, bound)
        record(db, Audit("bench", "seed", "bench"), now=datetime.now(UTC))


def _patient(app: App, number: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    vault, row_id, now = app.clinic.db.vault, new_id(), datetime.now(UTC)
    name = f"{_FIRST_NAMES[number % 10]} {_LAST_NAMES[number // 10 % 10]} {number}"
    # Area codes from 301 on: the cast and the other benchmarks live below.
    phone = f"+1{301 + number // 100}5550{100 + number % 100}"
    place = {"table": "patients", "row": row_id}
    patient = {
        "id": row_id,
        "name_sealed": vault.seal(name, **place, column="name_sealed"),
        "phone_sealed": vault.seal(phone, **place, column="phone_sealed"),
        "phone_index": vault.index(phone),
        "language": "en",
        "time_zone": "America/New_York",
        "created_at": now,
    }
    enrolment = {"id": new_id(), "patient_id": row_id, "status": "active", "invited_at": now}
    talk = {"id": new_id(), "patient_id": row_id, "key": new_id(), "mode": "bot"}
    return patient, enrolment, talk | {"not_understood": 0}


def _talks(
    count: int, people: list[dict[str, Any]], now: datetime, chance: Random
) -> list[tuple[datetime, dict[str, Any], bool]]:
    """Who wrote when over sixty days, in order: short talks of two texts each way."""
    lines = []
    for _ in range(count // 4):
        patient = chance.choice(people)
        start = now - timedelta(minutes=chance.randint(15, 60 * 24 * 60))
        lines += [
            (start + timedelta(minutes=2 * place), patient, place % 2 == 0) for place in range(4)
        ]
    return sorted(lines, key=lambda line: line[0])


def _text(
    app: App, patient: dict[str, Any], at: datetime, hers: bool, chance: Random
) -> dict[str, Any]:
    vault, row_id = app.clinic.db.vault, new_id()
    table = "inbound_messages" if hers else "outbound_messages"
    body = vault.seal(chance.choice(_WORDS), table=table, row=row_id, column="body_sealed")
    phone = vault.seal("+12025550111", table=table, row=row_id, column="phone_sealed")
    row = {
        "id": row_id,
        "phone_sealed": phone,
        "phone_index": patient["phone_index"],
        "body_sealed": body,
        "patient_id": patient["id"],
        "provider": "sandbox",
        "provider_id": row_id,
    }
    if hers:
        more = {"media_count": 0, "signals": [], "dialogue_status": "done", "attempts": 1}
        return row | more | {"received_at": at}
    return row | {
        "dedupe_key": row_id,
        "lane": "reply",
        "status": "delivered",
        "text_id": "bench",
        "text_version": 1,
        "language": "en",
        "created_at": at,
        "send_after": at,
        "sent_at": at,
        "waits_for_day": False,
        "despite_opt_out": False,
        "attempts": 1,
    }


def _check_ins(app: App, people: list[dict[str, Any]], now: datetime, chance: Random) -> None:
    rows, answers = [], []
    for patient in people:
        for week in range(6):
            row_id, at = new_id(), now - timedelta(days=7 * week + 1)
            given = [chance.randint(0, 2) for _ in range(9)]
            rows.append(
                {
                    "id": row_id,
                    "patient_id": patient["id"],
                    "instrument_id": "phq9",
                    "instrument_version": app.clinic.instruments["phq9"].version,
                    "mode": "sms",
                    "status": "completed",
                    "started_at": at,
                    "expires_at": at,
                    "ended_at": at,
                    "score": sum(given),
                    "band": "mild",
                }
            )
            answers += [
                {
                    "id": new_id(),
                    "administration_id": row_id,
                    "item": item,
                    "score": score,
                    "skipped": False,
                    "at": at,
                }
                for item, score in enumerate(given, start=1)
            ]
    _insert(app, Administration, rows)
    _insert(app, ItemResponse, answers)


def _tasks_and_readings(app: App, now: datetime, chance: Random) -> None:
    """Some hundred open tasks, and what the bot made of every text of hers."""
    with app.clinic.db.reading() as db:
        query = select(InboundMessage.id, InboundMessage.patient_id, InboundMessage.received_at)
        texts = [tuple(row) for row in db.execute(query.order_by(InboundMessage.id))]
    tasks = [
        {
            "id": new_id(),
            "kind": SupportKind.NOT_UNDERSTOOD,
            "status": "open",
            "patient_id": patient_id,
            "inbound_id": inbound_id,
            "created_at": at,
            "due_at": now + timedelta(hours=chance.randint(-5, 20)),
        }
        for inbound_id, patient_id, at in chance.sample(texts, min(TASKS, len(texts)))
    ]
    _insert(app, SupportItem, tasks)
    readings = [
        {
            "inbound_id": inbound_id,
            "intent": "faq_hours",
            # A bot in use is sure of nearly everything.
            "confidence": 0.3 if chance.random() < UNSURE else 0.95,
            "at": at,
        }
        for inbound_id, _, at in texts
    ]
    _insert(app, Understanding, readings)


def _alerts(app: App, people: list[dict[str, Any]], now: datetime) -> None:
    policy = to_record(app.clinic.policies[Level.URGENT])
    rows = [
        {
            "id": new_id(),
            "code": f"K{number}",
            "patient_id": patient["id"],
            "phone_index": patient["phone_index"],
            "level": Level.URGENT,
            "category": Category.SUICIDE,
            "status": "open",
            "policy": policy,
            "steps_taken": 1,
            "rounds": 1,
            "next_step_at": now + timedelta(hours=1),
            "raised_at": now - timedelta(minutes=number),
            "last_words_at": now - timedelta(minutes=number),
        }
        for number, patient in enumerate(people)
    ]
    _insert(app, Alert, rows)
    signals = [
        {
            "id": new_id(),
            "alert_id": row["id"],
            "category": Category.SUICIDE,
            "level": Level.URGENT,
            "layer": "pattern",
            "pattern_id": "bench",
            "spans": [],
            "at": now,
        }
        for row in rows
    ]
    _insert(app, AlertSignal, signals)
