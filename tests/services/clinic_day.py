"""What the service tests ask of a world again and again."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.core.alerts import Disposition, Verdict
from bot.core.enrolments import QuestionRoute
from bot.services import appointments, check_ins, closing
from bot.storage import alerts as stored_alerts
from bot.storage import care, people
from bot.storage.tables import (
    Administration,
    Alert,
    Appointment,
    AuditEvent,
    ConsentRecord,
    Conversation,
    Enrolment,
    OutboundMessage,
    Page,
    Patient,
)
from tests.world import World, number_of


def patient_of(world: World, name: str) -> Patient:
    with world.clinic.db.reading() as db:
        found = people.find_patient(db, people.index_of(db, number_of(name)))
        assert found is not None
        return found


def conversation_of(world: World, name: str) -> Conversation:
    with world.clinic.db.reading() as db:
        return care.conversation_of(db, patient_of(world, name).id)


def enrolment_of(world: World, name: str) -> Enrolment:
    with world.clinic.db.reading() as db:
        return people.enrolment_of(db, patient_of(world, name).id)


def consents(world: World, name: str) -> list[ConsentRecord]:
    query = select(ConsentRecord).where(ConsentRecord.patient_id == patient_of(world, name).id)
    with world.clinic.db.reading() as db:
        return list(db.scalars(query.order_by(ConsentRecord.id)))


def pages(world: World, name: str) -> list[Page]:
    alert = world.alert(name)
    assert alert is not None
    with world.clinic.db.reading() as db:
        return list(stored_alerts.list_pages(db, alert.id))


def all_alerts(world: World) -> list[Alert]:
    with world.clinic.db.reading() as db:
        return list(db.scalars(select(Alert).order_by(Alert.id)))


def administrations(world: World, name: str) -> list[Administration]:
    query = select(Administration).where(Administration.patient_id == patient_of(world, name).id)
    with world.clinic.db.reading() as db:
        return list(db.scalars(query.order_by(Administration.id)))


def audited(world: World, verb: str) -> list[AuditEvent]:
    with world.clinic.db.reading() as db:
        return list(db.scalars(select(AuditEvent).where(AuditEvent.verb == verb)))


def rows_of(world: World, name: str, text_id: str) -> list[OutboundMessage]:
    return [row for row in world.rows_to(name) if row.text_id == text_id]


def pass_time(world: World, **how_long: float) -> None:
    """Time jumps; then what is due is done, once."""
    world.clock.time += timedelta(**how_long)
    world.settle()


def resolve(
    world: World,
    name: str,
    *,
    disposition: Disposition = Disposition.REACHED_SAFE,
    verdict: Verdict = Verdict.TRUE,
) -> None:
    """Dr Bose takes the alert about her and closes it with an outcome."""
    alert = world.alert(name)
    assert alert is not None
    if alert.status == "open":
        world.text("Dr Bose", f"ack {alert.code}")
    closing.resolve(
        world.clinic,
        code=alert.code,
        by="staff:x",
        staff_id=None,
        disposition=disposition,
        note="spoke with her",
        verdict=verdict,
        now=world.now,
    )


def open_instrument(world: World, name: str, instrument_id: str) -> str:
    """She asked for this instrument herself: its first item is on her phone."""
    with world.clinic.db.transaction() as db:
        patient = people.find_patient(db, people.index_of(db, number_of(name)))
        assert patient is not None
        instrument = world.clinic.instruments[instrument_id]
        opened = check_ins.open_now(world.clinic, db, patient, instrument, now=world.now).id
    world.settle()
    return opened


def plan(world: World, name: str, instrument_id: str, *, due_at: datetime) -> str:
    patient = patient_of(world, name)
    with world.clinic.db.transaction() as db:
        return check_ins.plan(
            world.clinic,
            db,
            patient_id=patient.id,
            instrument_id=instrument_id,
            due_at=due_at,
            by="staff:x",
            now=world.now,
        ).id


def schedule(world: World, name: str, starts_at: datetime) -> str:
    return appointments.schedule(
        world.clinic,
        patient_id=patient_of(world, name).id,
        starts_at=starts_at,
        by="staff:x",
        now=world.now,
    )


def appointment(world: World, appointment_id: str) -> Appointment:
    with world.clinic.db.reading() as db:
        return db.get_one(Appointment, appointment_id)


def set_route(world: World, name: str, route: QuestionRoute) -> None:
    patient = patient_of(world, name)
    with world.clinic.db.transaction(audited=False) as db:
        people.enrolment_of(db, patient.id).question_route = route
