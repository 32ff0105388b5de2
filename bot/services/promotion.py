"""Makes a model live, and takes it back: first the record, then every Rasa, then the pointer.

While Rasa changes models, her texts wait in the queue for some seconds instead of getting no
answer. Whatever is killed on the way, the record says what was meant, and the next worker that
looks carries it out or takes it back: the live model goes on in the meantime.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.core.gates import Teaching
from bot.core.releases import ReleaseKind, ReleaseStatus, check_transition
from bot.errors import DialogueUnavailable, NotAllowed
from bot.ports import ModelHost
from bot.services import model_proof
from bot.services.clinic import Clinic
from bot.storage import models
from bot.storage.audit import Audit, record
from bot.storage.tables import ModelRelease

log = structlog.get_logger()

# As long as one worker is left alone with a swap.
LEASE = timedelta(seconds=60)
# Her texts wait this long for a swap, and then no longer.
PAUSE = timedelta(seconds=25)
_BUSY = "Another model is just being made live. Look again in a moment."


def adopt(clinic: Clinic, name: str, *, now: datetime) -> None:
    """The model that runs is on record from now on; nothing to do where one is."""
    with clinic.db.transaction() as db:
        if models.find_live(db) is not None:
            return
        _add(db, ReleaseKind.ADOPT, name, None, by="system", now=now, status=ReleaseStatus.LIVE)


def live_on_record(clinic: Clinic) -> str | None:
    """The name of the live model; none where nobody ever promoted one."""
    with clinic.db.reading() as db:
        live = models.find_live(db)
        return live.model if live else None


@dataclass(frozen=True)
class LiveSeen:
    """Which model is live, which one may be gone back to, and how the last change went.

    :param swapping: the model that is just being made live.
    :param problem: why the last change did not succeed.
    """

    model: str | None
    since: datetime | None
    by: str
    previous: str | None
    swapping: str | None
    problem: str | None


def look_at(clinic: Clinic) -> LiveSeen:
    """How things stand."""
    with clinic.db.reading() as db:
        live, swap = models.find_live(db), models.find_swap(db)
        newest = next(iter(models.list_releases(db, most=1)), None)
    return LiveSeen(
        model=live.model if live else None,
        since=live.ended_at or live.at if live else None,
        by=live.by if live else "",
        previous=live.previous if live else None,
        swapping=swap.model if swap else None,
        problem=newest.problem if newest else None,
    )


def promote(
    clinic: Clinic, name: str, *, by: str, now: datetime, taught: Sequence[Teaching] = ()
) -> None:
    """Make a candidate live, if every gate is passed; a worker then does it within seconds.

    :param taught: acts of teaching on record, which carry approvals of their own.
    :raises NotAllowed: a gate stops it, or another change is on its way; says which.
    """
    try:
        with clinic.db.transaction() as db:
            _refuse_stopped(db, name, taught=taught)
            _begin(db, ReleaseKind.PROMOTE, name, by=by, now=now)
    except IntegrityError:  # two pressed at the same moment
        raise NotAllowed(_BUSY) from None


def roll_back(clinic: Clinic, *, by: str, now: datetime) -> str:
    """Go back to the model that was live before; its name.

    :raises NotAllowed: there was none, or another change is on its way.
    """
    try:
        with clinic.db.transaction() as db:
            live = models.find_live(db)
            if live is None or live.previous is None:
                raise NotAllowed("No other model was live before this one.")
            _begin(db, ReleaseKind.ROLL_BACK, live.previous, by=by, now=now)
            return live.previous
    except IntegrityError:  # two pressed at the same moment
        raise NotAllowed(_BUSY) from None


def must_wait(clinic: Clinic, *, now: datetime) -> bool:
    """Is Rasa changing models right now, so that her texts had better wait some seconds?"""
    with clinic.db.looking() as connection:
        since = models.find_swap_moment(connection)
    return since is not None and now - since < PAUSE


def is_asked_for(clinic: Clinic) -> bool:
    """Is there a change of models to be carried out?"""
    with clinic.db.looking() as connection:
        return models.find_swap_moment(connection) is not None


def carry_out(
    clinic: Clinic, host: ModelHost, models_dir: Path, *, worker: str, now: datetime
) -> bool:
    """Let every Rasa load what the record asks for; false when nothing is asked for."""
    with clinic.db.transaction(audited=False) as db:
        swap = models.claim_swap(db, worker=worker, lease=LEASE, now=now)
    if swap is None:
        return False
    clinic.db.assert_none_open()
    try:
        host.load_everywhere(models_dir / f"{swap.model}.tar.gz")
    except DialogueUnavailable as error:
        _take_back(clinic, host, models_dir, swap, str(error), now=now)
        return True
    # Only now: a model that no Rasa could load must not be what the next start loads.
    host.point_to(models_dir, swap.model)
    _end(clinic, swap.id, ReleaseStatus.LIVE, now=now)
    return True


def follow(clinic: Clinic, host: ModelHost, models_dir: Path) -> bool:
    """Let a Rasa that came back with another model load the live one; true when one had to."""
    with clinic.db.reading() as db:
        live, swap = models.find_live(db), models.find_swap(db)
    if live is None or swap is not None or not (models_dir / f"{live.model}.tar.gz").exists():
        return False
    host.point_to(models_dir, live.model)
    try:
        return host.load_where_missing(models_dir / f"{live.model}.tar.gz")
    except DialogueUnavailable as error:
        log.warning("rasa does not follow the live model", because=str(error))
        return False


def _take_back(
    clinic: Clinic,
    host: ModelHost,
    models_dir: Path,
    swap: ModelRelease,
    because: str,
    *,
    now: datetime,
) -> None:
    """Some Rasa did not take it: all go back to what is live, and the record says why."""
    log.error("model not made live", model=swap.model, because=because)
    problem = f"Rasa did not load it ({because}). The model that was live still is."
    _end(clinic, swap.id, ReleaseStatus.FAILED, problem=problem, now=now)
    follow(clinic, host, models_dir)


def _end(
    clinic: Clinic, release_id: str, status: ReleaseStatus, *, now: datetime, problem: str = ""
) -> None:
    with clinic.db.transaction() as db:
        row = db.get_one(ModelRelease, release_id)
        if row.status != ReleaseStatus.SWAPPING:
            return  # another worker was quicker
        check_transition(ReleaseStatus(row.status), status)
        row.status, row.ended_at, row.problem = status, now, problem[:400] or None
        subject, details = f"model:{row.model}", {"status": status.value, "number": row.number}
        record(db, Audit("system", "end_release", subject, details), now=now)


def _refuse_stopped(db: Session, name: str, *, taught: Sequence[Teaching]) -> None:
    """Every gate, as it stands at this moment."""
    seen = model_proof.see(db, models.get_card(db, name), taught=taught)
    if seen.is_live:
        raise NotAllowed("It is live already.")
    if not seen.gates:
        raise NotAllowed("It has not been proved yet.")
    if seen.outdated:
        raise NotAllowed("Another model went live since it was proved. Train and prove again.")
    stopped = [gate for gate in seen.gates if not gate.passed]
    if stopped:
        raise NotAllowed(stopped[0].sentence)


def _begin(db: Session, kind: ReleaseKind, name: str, *, by: str, now: datetime) -> None:
    if models.find_swap(db) is not None:
        raise NotAllowed(_BUSY)
    live = models.find_live(db)
    models.end_all_shadows(db, now=now)
    _add(db, kind, name, live.model if live else None, by=by, now=now)


def _add(
    db: Session,
    kind: ReleaseKind,
    name: str,
    previous: str | None,
    *,
    by: str,
    now: datetime,
    status: ReleaseStatus = ReleaseStatus.SWAPPING,
) -> None:
    db.add(
        ModelRelease(
            number=models.next_number(db),
            kind=kind,
            status=status,
            model=name,
            previous=previous,
            by=by,
            at=now,
        )
    )
    db.flush()
    record(db, Audit(by, kind.value, f"model:{name}", {"previous": previous}), now=now)
