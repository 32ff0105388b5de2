"""Some weeks of check-ins, sessions and texts for one of the cast."""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.administrations import AdministrationStatus
from bot.core.appointments import AppointmentStatus
from bot.core.ids import new_id
from bot.core.instruments import score
from bot.storage.tables import Administration, Appointment, ItemResponse
from tests.world import World

# Days ago, instrument, answers in order; None is a skip.
Taken = tuple[int, str, Sequence[int | None]]
WEEKS: Sequence[Taken] = (
    (38, "phq9", (2, 2, 3, 2, 2, 2, 2, 1, 1)),
    (38, "gad7", (2, 2, 2, 2, 1, 2, 1)),
    (33, "mood", (3,)),
    (27, "phq9", (2, 2, 2, 2, 1, 2, 1, 1, 0)),
    (26, "mood", (4,)),
    (24, "gad7", (1, 2, 2, 1, 1, 1, 1)),
    (19, "mood", (6,)),
    (14, "phq9", (1, 1, 2, 1, 1, 1, 1, 0, 0)),
    (10, "gad7", (1, 1, 1, 1, 0, 1, 0)),
    (9, "mood", (7,)),
    (5, "phq9", (1, 1, None, 1, 1, 1, 1, 0, 0)),
    (2, "mood", (5,)),
)


def give(world: World, patient_id: str, weeks: Sequence[Taken] = WEEKS) -> None:
    """Write it into the records as if it had happened."""
    with world.clinic.db.transaction(audited=False) as db:
        for days, instrument_id, answers in weeks:
            _take(world, db, patient_id, days, instrument_id, answers)
        for days in (30, 20, 6):
            db.add(
                Appointment(
                    patient_id=patient_id,
                    starts_at=world.now - timedelta(days=days),
                    status=AppointmentStatus.DONE,
                )
            )


def _take(world, db, patient_id, days, instrument_id, answers) -> None:
    instrument = world.clinic.instruments[instrument_id]
    at = world.now - timedelta(days=days)
    given = dict(zip((item.number for item in instrument.scored_items), answers, strict=True))
    total = score(instrument, given)
    status = AdministrationStatus.COMPLETED if total else AdministrationStatus.ABANDONED
    row = Administration(
        id=new_id(),
        patient_id=patient_id,
        instrument_id=instrument_id,
        instrument_version=instrument.version,
        status=status,
        started_at=at,
        expires_at=at + timedelta(days=2),
        ended_at=at + timedelta(minutes=6),
        score=total.total if total else None,
        band=total.band if total else None,
    )
    db.add(row)
    db.flush()
    for number, answer in given.items():
        db.add(
            ItemResponse(
                administration_id=row.id,
                item=number,
                score=answer,
                skipped=answer is None,
                at=at,
            )
        )
