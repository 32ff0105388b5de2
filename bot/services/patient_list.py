"""The list of patients: who there is, and what the eye should find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.enrolments import ConversationMode
from bot.core.levels import Level
from bot.services.check_in_records import LastScore, last_and_trend, recent_scores
from bot.services.clinic import Clinic
from bot.services.patient_directory import Entry
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Alert,
    Conversation,
    Enrolment,
    InboundMessage,
    NumberState,
    Patient,
)


@dataclass(frozen=True)
class Flags:
    """What the eye should find in a list."""

    alert: Level | None = None
    human: bool = False
    opted_out: bool = False
    unreachable: bool = False
    loss: bool = False
    read_along: bool = False
    forget: bool = False
    enrolment: str = ""


@dataclass(frozen=True)
class Row:
    """One patient in the list.

    :param trend: last score minus the one before it, with the same instrument.
    """

    entry: Entry
    flags: Flags
    last_wrote_at: datetime | None = None
    last_score: LastScore | None = None
    trend: int | None = None


def list_rows(
    clinic: Clinic,
    entries: Sequence[Entry],
    *,
    with_scores: bool,
    about: str,
    by: str,
    now: datetime,
) -> list[Row]:
    """These patients as the list shows them; that they were listed goes on record.

    :param about: which list it is, without words: ``page 2`` or ``search``.
    """
    ids = [entry.id for entry in entries]
    with clinic.db.reading() as db:
        flags = flags_of(db, ids)
        wrote = {
            patient_id: at
            for patient_id, at in db.execute(
                select(InboundMessage.patient_id, func.max(InboundMessage.received_at))
                .where(InboundMessage.patient_id.in_(ids))
                .group_by(InboundMessage.patient_id)
            )
        }
        scores = recent_scores(db, ids) if with_scores else {}
    with clinic.db.transaction() as db:
        details = {"list": about, "count": len(ids)}
        record(db, Audit(by, "list_patients", "patients", details), now=now)
    return [
        Row(
            entry,
            flags.get(entry.id, Flags()),
            wrote.get(entry.id),
            *last_and_trend(scores.get(entry.id, [])),
        )
        for entry in entries
    ]


def with_open_alert(clinic: Clinic) -> set[str]:
    """Ids of the patients about whom an alert is not closed."""
    query = select(Alert.patient_id).where(
        Alert.status != AlertStatus.RESOLVED, Alert.patient_id.is_not(None)
    )
    with clinic.db.reading() as db:
        return {patient_id for patient_id in db.scalars(query) if patient_id}


def with_person(clinic: Clinic) -> set[str]:
    """Ids of the patients with whom people speak in place of the bot."""
    query = select(Conversation.patient_id).where(Conversation.mode == ConversationMode.HUMAN)
    with clinic.db.reading() as db:
        return set(db.scalars(query))


def flags_of(db: Session, ids: Sequence[str]) -> dict[str, Flags]:
    """What stands out about these patients, by id."""
    levels: dict[str, Level] = {}
    open_alerts = select(Alert.patient_id, Alert.level).where(
        Alert.patient_id.in_(ids), Alert.status != AlertStatus.RESOLVED
    )
    for patient_id, level in db.execute(open_alerts):
        before = levels.get(patient_id or "")
        if before is None or Level(level).at_least(before):
            levels[patient_id or ""] = Level(level)
    query = (
        select(
            Patient.id,
            Patient.loss_at,
            Patient.read_along_since,
            Patient.forget_asked_at,
            Enrolment.status,
            Conversation.mode,
            NumberState.opted_out_at,
            NumberState.unreachable_at,
        )
        .outerjoin(Enrolment, Enrolment.patient_id == Patient.id)
        .outerjoin(Conversation, Conversation.patient_id == Patient.id)
        .outerjoin(NumberState, NumberState.phone_index == Patient.phone_index)
        .where(Patient.id.in_(ids))
    )
    return {
        row_id: Flags(
            alert=levels.get(row_id),
            human=mode == ConversationMode.HUMAN,
            opted_out=opted_out is not None,
            unreachable=unreachable is not None,
            loss=loss is not None,
            read_along=read is not None,
            forget=forget is not None,
            enrolment=str(status or ""),
        )
        for row_id, loss, read, forget, status, mode, opted_out, unreachable in db.execute(query)
    }
