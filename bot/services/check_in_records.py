"""Her check-ins as staff see them: scores, trends, every answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.administrations import AdministrationStatus
from bot.storage.tables import Administration, ItemResponse

_TRENDS = ("phq9", "gad7", "mood")


@dataclass(frozen=True)
class LastScore:
    """The last complete check-in with one instrument."""

    instrument_id: str
    at: datetime
    score: int
    band: str | None


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


def last_scores(db: Session, patient_id: str) -> list[LastScore]:
    """The last complete check-in with each instrument."""
    query = (
        select(Administration)
        .where(Administration.patient_id == patient_id, Administration.score.is_not(None))
        .order_by(Administration.ended_at.desc())
        .limit(60)
    )
    found: dict[str, LastScore] = {}
    for row in db.scalars(query):
        if row.score is not None and row.ended_at is not None:
            last = LastScore(row.instrument_id, row.ended_at, row.score, row.band)
            found.setdefault(row.instrument_id, last)
    return sorted(found.values(), key=lambda score: score.instrument_id)


def recent_scores(db: Session, ids: Sequence[str]) -> dict[str, list[LastScore]]:
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
    found: dict[str, list[LastScore]] = {}
    for patient_id, instrument, at, score, band in db.execute(query):
        if at is not None and score is not None:
            last = LastScore(instrument, at, score, band)
            found.setdefault(patient_id, []).append(last)
    return found


def last_and_trend(
    scores: Sequence[LastScore],
) -> tuple[LastScore | None, int | None]:
    """The newest score, and how far it is from the one before it with the same instrument."""
    for instrument_id in _TRENDS:
        same = [score for score in scores if score.instrument_id == instrument_id]
        if same:
            return same[0], same[0].score - same[1].score if len(same) > 1 else None
    return None, None
