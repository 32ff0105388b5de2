"""What staff have taught: who, when, which files, who else agreed, and how it is taken back.

The gate before a model goes live asks ``list_unapproved``: nothing there may be promoted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.rota import StaffRole
from bot.core.taught import Approval, TaughtKind, TaughtStatus, may_approve
from bot.errors import NotAllowed, NotFound
from bot.services.clinic import Clinic
from bot.services.logins import Visitor
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import TaughtChange
from bot.teaching import files, saving
from bot.teaching.lessons import Typed
from bot.teaching.workshop import Workshop

_SHOWN = 200


@dataclass(frozen=True)
class Change:
    """One change as pages and gates see it.

    :param files: path to a digest of the content as it was left; none for a file that went.
    :param said: what the checks said against it.
    """

    id: str
    kind: TaughtKind
    status: TaughtStatus
    intent: str
    by: str
    staff_id: str
    at: datetime
    typed: Typed
    files: Mapping[str, str | None]
    said: str
    needs: Approval
    approved_by: str
    approved_at: datetime | None
    undone_by: str
    undone_at: datetime | None
    checking_at: datetime | None
    git_commit: str | None

    @property
    def waits_for_approval(self) -> bool:
        """Must somebody else agree before it can go live?"""
        saved = self.status is TaughtStatus.SAVED
        return saved and self.needs is not Approval.NOBODY and self.approved_at is None


@dataclass(frozen=True)
class OnRecord:
    """One saved change as the gate before a model goes live reads it.

    :param by: who taught it, as audit events name this person; ``approved_by``: who agreed.
    :param files: what it changed, from the project's folder.
    :param words: its examples and answers.
    :param clinical: a clinician must agree to it.
    """

    by: str
    intent: str
    files: Sequence[str]
    words: Sequence[str]
    clinical: bool
    approved_by: str | None
    approved_as: StaffRole | None


def on_record(clinic: Clinic) -> list[OnRecord]:
    """Every change that stands in the files, with who stands for it."""
    query = select(TaughtChange).where(TaughtChange.status == TaughtStatus.SAVED)
    with clinic.db.reading() as db:
        roles = {one.id: StaffRole(one.role) for one in people.list_staff(db)}
        return [_on_record(db, row, roles) for row in db.scalars(query)]


def _on_record(db: Session, row: TaughtChange, roles: Mapping[str, StaffRole]) -> OnRecord:
    typed = Typed.from_json(sealing.get(db, row, "lesson"))
    return OnRecord(
        by=f"staff:{row.staff_id}",
        intent=row.intent,
        files=tuple(row.files),
        words=(*typed.texts, *typed.answers.values()),
        clinical=row.needs == Approval.CLINICIAN,
        approved_by=f"staff:{row.approved_by}" if row.approved_by else None,
        approved_as=roles.get(row.approved_by or ""),
    )


def list_changes(clinic: Clinic) -> list[Change]:
    """The newest changes, the newest first."""
    query = select(TaughtChange).order_by(TaughtChange.id.desc()).limit(_SHOWN)
    return _changes(clinic, query)


def list_unapproved(clinic: Clinic) -> list[Change]:
    """Changes in the files to which nobody has agreed who must: what the gate asks."""
    query = (
        select(TaughtChange)
        .where(
            TaughtChange.status == TaughtStatus.SAVED,
            TaughtChange.needs != Approval.NOBODY,
            TaughtChange.approved_at.is_(None),
        )
        .order_by(TaughtChange.id)
    )
    return _changes(clinic, query)


def get_change(clinic: Clinic, change_id: str) -> Change:
    """One change.

    :raises NotFound: there is none of that id.
    """
    found = _changes(clinic, select(TaughtChange).where(TaughtChange.id == change_id))
    if not found:
        raise NotFound("no such change")
    return found[0]


def approve(
    clinic: Clinic, workshop: Workshop, change_id: str, *, by: Visitor, now: datetime
) -> None:
    """A second person agrees; the answer's file then bears their name.

    :raises NotAllowed: it is their own, it is a clinician's, or there is nothing to agree to.
    """
    with saving.one_at_a_time(workshop.project):
        change = get_change(clinic, change_id)
        if not change.waits_for_approval:
            raise NotAllowed("There is nothing to approve here.")
        _refuse(change, by)
        edits = _signed(workshop, change, by)
        before = {edit.path: (workshop.project / edit.path).read_text("utf-8") for edit in edits}
        written = saving.write(workshop.project, edits)
        try:
            with clinic.db.transaction() as db:
                row = locked(db, change_id)
                if row.approved_at is not None or row.status != TaughtStatus.SAVED:
                    raise NotAllowed("Somebody was quicker. Load the page again.")
                row.approved_by, row.approved_at = by.staff_id, now
                row.files = {**row.files, **written}
                subject, details = f"taught:{change_id}", {"needs": change.needs}
                record(db, Audit(by.actor, "approve_taught", subject, details), now=now)
        except Exception:
            # The name must not stand in a file when it does not stand in the record.
            saving.write(workshop.project, [files.Edit(path, old) for path, old in before.items()])
            raise
        if written:
            saving.commit(
                workshop.project,
                list(written),
                author=author(by),
                message=f"Approve {change.intent}\n\nTaught-Change: {change_id}",
            )


def author(by: Visitor) -> str:
    """A member of staff as git names an author; the address is nobody's."""
    return f"{by.name} <{by.staff_id}@staff.invalid>"


def locked(db: Session, change_id: str) -> TaughtChange:
    """The row, so that two people do not change it at once."""
    row = db.get(TaughtChange, change_id, with_for_update=True)
    if row is None:
        raise NotFound("no such change")
    return row


def _refuse(change: Change, by: Visitor) -> None:
    made_it = by.staff_id == change.staff_id
    if may_approve(change.needs, role=by.role, made_it=made_it):
        return
    if made_it:
        raise NotAllowed("You made this. A second person must agree to it.")
    raise NotAllowed("This is about health or safety: a clinician must agree to it.")


def _signed(workshop: Workshop, change: Change, by: Visitor) -> list[files.Edit]:
    if change.kind is not TaughtKind.QUESTION:
        return []
    path = change.typed.question.path
    if saving.digest_of(workshop.project, str(path)) != change.files.get(str(path)):
        raise NotAllowed(f"{Path(path).name} has changed since. Read it again before you agree.")
    return files.approve_answers(workshop.project, path, approver=by.name)


def _changes(clinic: Clinic, query: object) -> list[Change]:
    with clinic.db.reading() as db:
        rows: Sequence[TaughtChange] = db.scalars(query).all()  # type: ignore[call-overload]
        names = {one.id: sealing.get(db, one, "name") for one in people.list_staff(db)}
        return [_change(db, row, names) for row in rows]


def _change(db: Session, row: TaughtChange, names: Mapping[str, str]) -> Change:
    return Change(
        id=row.id,
        kind=TaughtKind(row.kind),
        status=TaughtStatus(row.status),
        intent=row.intent,
        by=names.get(row.staff_id, "somebody who left"),
        staff_id=row.staff_id,
        at=row.at,
        typed=Typed.from_json(sealing.get(db, row, "lesson")),
        files=row.files,
        said=sealing.get(db, row, "said"),
        needs=Approval(row.needs),
        approved_by=names.get(row.approved_by or "", ""),
        approved_at=row.approved_at,
        undone_by=names.get(row.undone_by or "", ""),
        undone_at=row.undone_at,
        checking_at=row.checking_at,
        git_commit=row.git_commit,
    )
