"""One patient in full, as staff see her."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotFound
from bot.services import notes
from bot.services.check_in_records import CheckInLine, list_check_ins
from bot.services.clinic import Clinic
from bot.services.notes import WrittenNote
from bot.services.patient_care import running_takeover
from bot.services.patient_list import Flags, flags_of
from bot.services.talk_lines import (
    Line,
    for_support,
    inbound_line,
    outbound_line,
    spans_of,
    writers_of,
)
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Alert,
    Appointment,
    ConsentRecord,
    InboundMessage,
    OutboundMessage,
    Patient,
)

LINES = 40


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
    taken_over_by_id: str | None
    alerts: Sequence[Alert]
    lines: Sequence[Line]
    earlier: bool
    appointments: Sequence[Appointment]
    consents: Sequence[ConsentRecord]
    notes: Sequence[WrittenNote]
    sessions_blocked: bool
    check_ins: Sequence[CheckInLine] = field(default=())


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


def _full(
    db: Session, patient: Patient, *, before: datetime | None, with_scores: bool
) -> FullPatient:
    lines, earlier = conversation(db, patient.id, before=before, with_scores=with_scores)
    takeover = running_takeover(db, patient.id)
    taker = people.get_staff(db, takeover.staff_id) if takeover else None
    return FullPatient(
        id=patient.id,
        name=sealing.get(db, patient, "name"),
        number=sealing.get(db, patient, "phone"),
        language=patient.language,
        time_zone=patient.time_zone,
        since=patient.created_at,
        flags=flags_of(db, [patient.id]).get(patient.id, Flags()),
        question_route=people.enrolment_of(db, patient.id).question_route,
        taken_over_by=sealing.get(db, taker, "name") if taker else None,
        taken_over_by_id=taker.id if taker else None,
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
    db: Session, patient_id: str, *, before: datetime | None, with_scores: bool
) -> tuple[list[Line], bool]:
    """The last texts in both directions, oldest first; and whether there are earlier ones.

    :param with_scores: show what she answered to items; who adds the answers up has the score.
    """
    hers = select(InboundMessage).where(InboundMessage.patient_id == patient_id)
    ours = select(OutboundMessage).where(OutboundMessage.patient_id == patient_id)
    if before is not None:
        hers = hers.where(InboundMessage.received_at < before)
        ours = ours.where(OutboundMessage.created_at < before)
    in_rows = db.scalars(hers.order_by(InboundMessage.received_at.desc()).limit(LINES + 1)).all()
    out_rows = db.scalars(ours.order_by(OutboundMessage.created_at.desc()).limit(LINES + 1)).all()
    lines = [inbound_line(db, row, spans_of(row)) for row in in_rows]
    if not with_scores:
        lines = for_support(db, lines)
    writers = writers_of(db, out_rows)
    lines += [outbound_line(db, row, writers) for row in out_rows]
    lines.sort(key=lambda line: (line.at, not line.hers, line.id))
    return lines[-LINES:], len(lines) > LINES
