"""Shadow mode: a candidate reads what mothers text for a day, and answers nobody.

Kept is what each model made of a text, by the text's id. The words stay where they are, sealed;
texts in which danger was seen are not read along at all.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.errors import NotAllowed
from bot.services.clinic import Clinic
from bot.storage import models, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import InboundMessage, ShadowReading, ShadowRun

USUAL = timedelta(days=1)
_MOST = 2000
_AT_ONCE = 20


@dataclass(frozen=True)
class Unread:
    """A text that the candidate has not read yet."""

    inbound_id: str
    text: str


@dataclass(frozen=True)
class BothRead:
    """What both models made of a text."""

    inbound_id: str
    live: tuple[str, float]
    candidate: tuple[str, float]


@dataclass(frozen=True)
class Difference:
    """A text that both understand otherwise.

    :param words: hers; empty when they may not be shown.
    """

    at: datetime
    words: str
    live: tuple[str, float]
    candidate: tuple[str, float]


@dataclass(frozen=True)
class ShadowSeen:
    """How a run goes, or went.

    :param pairs: live intent, candidate's intent, how often; only where they differ.
    """

    run_id: str
    model: str
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    read: int
    different: int
    pairs: Sequence[tuple[str, str, int]]
    differences: Sequence[Difference]


def start(clinic: Clinic, name: str, *, by: str, now: datetime, span: timedelta = USUAL) -> None:
    """Let a candidate read along from now on.

    :raises NotAllowed: another one does, or it is live.
    """
    with clinic.db.transaction() as db:
        models.get_card(db, name)
        if models.find_shadow(db) is not None:
            raise NotAllowed("Another candidate reads along already. Stop it first.")
        live = models.find_live(db)
        if live is not None and live.model == name:
            raise NotAllowed("It is live: it reads everything anyway.")
        run = ShadowRun(model=name, started_by=by, started_at=now, ends_at=now + span)
        db.add(run)
        record(db, Audit(by, "start_shadow", f"model:{name}", {"run": run.id}), now=now)


def stop(clinic: Clinic, *, by: str, now: datetime) -> None:
    """Nobody reads along any more; what was read is kept."""
    with clinic.db.transaction() as db:
        run = models.find_shadow(db)
        if run is not None:
            run.ended_at = now
            record(db, Audit(by, "stop_shadow", f"model:{run.model}", {"run": run.id}), now=now)


def going(clinic: Clinic, *, now: datetime) -> tuple[str, str] | None:
    """Id and model of the run that goes on; one whose day is over is ended."""
    with clinic.db.reading() as db:
        run = models.find_shadow(db)
    if run is None:
        return None
    if run.ends_at <= now:
        stop(clinic, by="system", now=now)
        return None
    return run.id, run.model


def list_unread(clinic: Clinic, run_id: str) -> list[Unread]:
    """The oldest texts that the dialogue has dealt with since, and the candidate has not read."""
    with clinic.db.reading() as db:
        run = db.get_one(ShadowRun, run_id)
        read = select(ShadowReading.inbound_id).where(ShadowReading.run_id == run_id)
        query = (
            select(InboundMessage)
            .where(
                InboundMessage.received_at >= run.started_at,
                InboundMessage.dialogue_status == "done",
                InboundMessage.patient_id.is_not(None),
                InboundMessage.id.not_in(read),
            )
            .order_by(InboundMessage.received_at)
            .limit(_AT_ONCE * 5)
        )
        rows = [row for row in db.scalars(query) if not row.signals][:_AT_ONCE]
        found = [Unread(row.id, sealing.get(db, row, "body")) for row in rows]
    return [one for one in found if one.text.strip()]


def keep(clinic: Clinic, run_id: str, read: Sequence[BothRead], *, now: datetime) -> None:
    """Write down what both made of these texts."""
    with clinic.db.transaction(audited=False) as db:
        for one in read:
            db.add(
                ShadowReading(
                    run_id=run_id,
                    inbound_id=one.inbound_id,
                    live_intent=one.live[0],
                    live_confidence=one.live[1],
                    candidate_intent=one.candidate[0],
                    candidate_confidence=one.candidate[1],
                    at=now,
                )
            )


def look_at(clinic: Clinic, name: str, *, by: str, now: datetime) -> ShadowSeen | None:
    """The newest run of a candidate, with the texts that both understand otherwise.

    Her words are shown, so the look is on record.
    """
    with clinic.db.transaction() as db:
        newest = select(ShadowRun).where(ShadowRun.model == name)
        run = db.scalars(newest.order_by(ShadowRun.started_at.desc()).limit(1)).first()
        if run is None:
            return None
        readings = models.list_shadow_readings(db, run.id, most=_MOST)
        other = [one for one in readings if one.live_intent != one.candidate_intent]
        pairs = Counter((one.live_intent, one.candidate_intent) for one in other)
        shown = []
        for one in other[:50]:
            row = db.get(InboundMessage, one.inbound_id)
            shown.append(
                Difference(
                    at=one.at,
                    words=sealing.get(db, row, "body") if row is not None else "",
                    live=(one.live_intent, one.live_confidence),
                    candidate=(one.candidate_intent, one.candidate_confidence),
                )
            )
        if shown:
            details = {"run": run.id, "texts": len(shown)}
            record(db, Audit(by, "see_shadow", f"model:{name}", details), now=now)
        return ShadowSeen(
            run_id=run.id,
            model=run.model,
            started_at=run.started_at,
            ends_at=run.ends_at,
            ended_at=run.ended_at,
            read=len(readings),
            different=len(other),
            pairs=[(live, found, count) for (live, found), count in pairs.most_common(20)],
            differences=shown,
        )
