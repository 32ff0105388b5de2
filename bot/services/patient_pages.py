"""What the console shows of patients: the list, and one patient in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.core.administrations import AdministrationStatus
from bot.core.alerts import AlertStatus
from bot.core.enrolments import ConversationMode
from bot.core.levels import Level
from bot.errors import NotFound
from bot.services import alert_pages, notes
from bot.services.alert_pages import Line
from bot.services.clinic import Clinic
from bot.services.notes import WrittenNote
from bot.services.patient_care import running_takeover
from bot.services.patient_directory import Entry
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Administration,
    Alert,
    Appointment,
    ConsentRecord,
    Conversation,
    Enrolment,
    InboundMessage,
    ItemResponse,
    NumberState,
    OutboundMessage,
    Patient,
)

LINES = 40
_TRENDS = ("phq9", "gad7", "mood")


@dataclass(frozen=True)
class Flags:
    """What the eye should find in a list."""

    alert: Level | None = None
    human: bool = False
    opted_out: bool = False
    unreachable: bool = False
    loss: bool = False
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
    last_score: alert_pages.LastScore | None = None
    trend: int | None = None


@dataclass(frozen=True)
class CheckInLine:
    """One administration with its answers; unscored when it is not complete."""

    id: str
    instrument_id: str
    version: str
    status: AdministrationStatus
    started_at: datetime
    ended_at: datetime | None
    score: int | None
    band: str | None
    answers: Mapping[int, int | None]


@dataclass(frozen=True)
class FullPatient:
    """One patient in full."""

    id: str
    name: str
    number: str
    language: str
    time_zone: str
    since: datetime
    flags: Flags
    question_route: str | None
    taken_over_by: str | None
    alerts: Sequence[Alert]
    lines: Sequence[Line]
    earlier: bool
    appointments: Sequence[Appointment]
    consents: Sequence[ConsentRecord]
    notes: Sequence[WrittenNote]
    sessions_blocked: bool
    check_ins: Sequence[CheckInLine] = field(default=())


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
        flags = _flags(db, ids)
        wrote = {
            patient_id: at
            for patient_id, at in db.execute(
                select(InboundMessage.patient_id, func.max(InboundMessage.received_at))
                .where(InboundMessage.patient_id.in_(ids))
                .group_by(InboundMessage.patient_id)
            )
        }
        scores = _recent_scores(db, ids) if with_scores else {}
    with clinic.db.transaction() as db:
        details = {"list": about, "count": len(ids)}
        record(db, Audit(by, "list_patients", "patients", details), now=now)
    return [
        Row(
            entry,
            flags.get(entry.id, Flags()),
            wrote.get(entry.id),
            *_last_and_trend(scores.get(entry.id, [])),
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


def look_at(
    clinic: Clinic,
    patient_id: str,
    *,
    before: datetime | None,
    with_scores: bool,
    by: str,
    now: datetime,
) -> FullPatient:
    """One patient in full; that she was looked at goes on record.

    :param before: show the texts before this moment; the newest when none.
    :raises NotFound: there is none.
    """
    with clinic.db.reading() as db:
        patient = db.get(Patient, patient_id)
        if patient is None:
            raise NotFound("no such patient")
        full = _full(db, patient, before=before, with_scores=with_scores)
    with clinic.db.transaction() as db:
        details = {"scores": with_scores}
        record(db, Audit(by, "view_patient", f"patient:{patient_id}", details), now=now)
    return full


def list_check_ins(db: Session, patient_id: str) -> list[CheckInLine]:
    """Every administration of hers with its answers, oldest first."""
    rows = db.scalars(
        select(Administration)
        .where(Administration.patient_id == patient_id)
        .order_by(Administration.started_at, Administration.id)
    ).all()
    answers: dict[str, dict[int, int | None]] = {row.id: {} for row in rows}
    responses = select(ItemResponse).where(ItemResponse.administration_id.in_(list(answers)))
    for response in db.scalars(responses):
        given = None if response.skipped else response.score
        answers[response.administration_id][response.item] = given
    return [
        CheckInLine(
            id=row.id,
            instrument_id=row.instrument_id,
            version=row.instrument_version,
            status=AdministrationStatus(row.status),
            started_at=row.started_at,
            ended_at=row.ended_at,
            # Only a complete one has a score; half a questionnaire is never read as a whole one.
            score=row.score if row.status == AdministrationStatus.COMPLETED else None,
            band=row.band if row.status == AdministrationStatus.COMPLETED else None,
            answers=dict(sorted(answers[row.id].items())),
        )
        for row in rows
    ]


def _full(
    db: Session, patient: Patient, *, before: datetime | None, with_scores: bool
) -> FullPatient:
    lines, earlier = conversation(db, patient.id, before=before)
    takeover = running_takeover(db, patient.id)
    taker = people.get_staff(db, takeover.staff_id) if takeover else None
    return FullPatient(
        id=patient.id,
        name=sealing.get(db, patient, "name"),
        number=sealing.get(db, patient, "phone"),
        language=patient.language,
        time_zone=patient.time_zone,
        since=patient.created_at,
        flags=_flags(db, [patient.id]).get(patient.id, Flags()),
        question_route=people.enrolment_of(db, patient.id).question_route,
        taken_over_by=sealing.get(db, taker, "name") if taker else None,
        alerts=db.scalars(
            select(Alert).where(Alert.patient_id == patient.id).order_by(Alert.raised_at.desc())
        ).all(),
        lines=lines,
        earlier=earlier,
        appointments=db.scalars(
            select(Appointment)
            .where(Appointment.patient_id == patient.id)
            .order_by(Appointment.starts_at.desc())
        ).all(),
        consents=db.scalars(
            select(ConsentRecord)
            .where(ConsentRecord.patient_id == patient.id)
            .order_by(ConsentRecord.at.desc())
        ).all(),
        notes=notes.list_about(db, notes.About(patient_id=patient.id)),
        sessions_blocked=patient.sessions_blocked_at is not None,
        check_ins=list_check_ins(db, patient.id) if with_scores else (),
    )


def conversation(
    db: Session, patient_id: str, *, before: datetime | None
) -> tuple[list[Line], bool]:
    """The last texts in both directions, oldest first; and whether there are earlier ones."""
    hers = select(InboundMessage).where(InboundMessage.patient_id == patient_id)
    ours = select(OutboundMessage).where(OutboundMessage.patient_id == patient_id)
    if before is not None:
        hers = hers.where(InboundMessage.received_at < before)
        ours = ours.where(OutboundMessage.created_at < before)
    in_rows = db.scalars(hers.order_by(InboundMessage.received_at.desc()).limit(LINES + 1)).all()
    out_rows = db.scalars(ours.order_by(OutboundMessage.created_at.desc()).limit(LINES + 1)).all()
    lines = [alert_pages.inbound_line(db, row, _spans_of(row)) for row in in_rows]
    lines += [alert_pages.outbound_line(db, row) for row in out_rows]
    lines.sort(key=lambda line: (line.at, not line.hers, line.id))
    return lines[-LINES:], len(lines) > LINES


def _spans_of(row: InboundMessage) -> list[tuple[int, int]]:
    return [(int(s), int(e)) for signal in row.signals for s, e in signal.get("spans", ())]


def _flags(db: Session, ids: Sequence[str]) -> dict[str, Flags]:
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
            forget=forget is not None,
            enrolment=str(status or ""),
        )
        for row_id, loss, forget, status, mode, opted_out, unreachable in db.execute(query)
    }


def _recent_scores(db: Session, ids: Sequence[str]) -> dict[str, list[alert_pages.LastScore]]:
    """Complete check-ins of these patients, the newest first."""
    query = (
        select(
            Administration.patient_id,
            Administration.instrument_id,
            Administration.ended_at,
            Administration.score,
            Administration.band,
        )
        .where(
            Administration.patient_id.in_(ids),
            Administration.status == AdministrationStatus.COMPLETED,
            Administration.score.is_not(None),
            Administration.instrument_id.in_(_TRENDS),
        )
        .order_by(Administration.ended_at.desc())
    )
    found: dict[str, list[alert_pages.LastScore]] = {}
    for patient_id, instrument, at, score, band in db.execute(query):
        if at is not None and score is not None:
            last = alert_pages.LastScore(instrument, at, score, band)
            found.setdefault(patient_id, []).append(last)
    return found


def _last_and_trend(
    scores: Sequence[alert_pages.LastScore],
) -> tuple[alert_pages.LastScore | None, int | None]:
    for instrument_id in _TRENDS:
        same = [score for score in scores if score.instrument_id == instrument_id]
        if same:
            return same[0], same[0].score - same[1].score if len(same) > 1 else None
    return None, None
