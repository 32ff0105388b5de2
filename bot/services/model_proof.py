"""Keeps what is known of a candidate: of what it was made, how it was proved, who stands for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.core.gates import Approval, Change, Gate, Teaching, approved, digest_of, with_teaching
from bot.core.rota import StaffRole
from bot.errors import NotAllowed
from bot.services.clinic import Clinic
from bot.storage import models, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import ModelApproval, ModelCard, TestQuestion

_LONGEST = 320


@dataclass(frozen=True)
class CardSeen:
    """A model, as the console and ``tend models`` show it.

    :param gates: all of them, that of the approvals as it stands at this moment last.
    :param outdated: it was compared with a model that is not live any more.
    """

    name: str
    made_by: str
    made_at: datetime
    fingerprint: str
    facts: Mapping[str, Any]
    proof: Mapping[str, Any]
    gates: tuple[Gate, ...]
    changes: tuple[Change, ...]
    approvals: tuple[tuple[str, StaffRole, datetime], ...]
    compared_with: str | None
    is_live: bool
    was_live: bool
    outdated: bool

    @property
    def may_go_live(self) -> bool:
        """Is there nothing that stops it?"""
        return bool(self.gates) and all(gate.passed for gate in self.gates) and not self.outdated


@dataclass(frozen=True)
class Question:
    """A text of the staff's own, with what it must be understood as."""

    id: str
    text: str
    intent: str


def keep(clinic: Clinic, found: Mapping[str, Any], *, by: str, now: datetime) -> None:
    """Write down what a training job found about its candidate; the newest proof counts.

    :param found: what ``bot/training/job.py`` wrote.
    :param by: who asked for the candidate.
    """
    with clinic.db.transaction() as db:
        card = models.find_card(db, found["model"])
        if card is None:
            card = ModelCard(name=found["model"], fingerprint="", made_by=by, made_at=now)
            db.add(card)
        card.fingerprint = str(found["facts"].get("fingerprint", ""))
        card.facts = dict(found["facts"])
        card.compared_with, card.proved_at = found["compared_with"], now
        card.proof, card.gates = dict(found["proof"]), list(found["gates"])
        card.changes = list(found["changes"])
        details = {"stopped": [gate["name"] for gate in found["gates"] if not gate["passed"]]}
        record(db, Audit(by, "prove_model", f"model:{card.name}", details), now=now)


def approve(clinic: Clinic, name: str, *, staff_id: str, now: datetime) -> None:
    """Somebody has read everything that changed in a candidate, and stands for it.

    :raises NotAllowed: nothing of it is proved yet.
    """
    with clinic.db.transaction() as db:
        card = models.get_card(db, name)
        person = people.get_staff(db, staff_id)
        if card.proved_at is None:
            raise NotAllowed("It has not been proved yet.")
        digest = digest_of(_changes(card))
        if not any(
            one.staff_id == staff_id and one.digest == digest
            for one in models.list_approvals(db, card.id)
        ):
            role = StaffRole(person.role)
            db.add(
                ModelApproval(card_id=card.id, staff_id=staff_id, role=role, digest=digest, at=now)
            )
        actor = f"staff:{staff_id}"
        details = {"digest": digest[:16]}
        record(db, Audit(actor, "approve_model", f"model:{name}", details), now=now)


def look_at(clinic: Clinic, name: str, *, taught: Sequence[Teaching] = ()) -> CardSeen:
    """One model.

    :param taught: acts of teaching on record, which carry approvals of their own.
    :raises NotFound: no such model.
    """
    with clinic.db.reading() as db:
        return see(db, models.get_card(db, name), taught=taught)


def list_seen(clinic: Clinic, *, taught: Sequence[Teaching] = (), most: int = 50) -> list[CardSeen]:
    """The newest models first.

    :param taught: acts of teaching on record, which carry approvals of their own.
    """
    with clinic.db.reading() as db:
        return [see(db, card, taught=taught) for card in models.list_cards(db, most=most)]


def see(db: Session, card: ModelCard, *, taught: Sequence[Teaching] = ()) -> CardSeen:
    """A model with its gates as they stand now."""
    changed, valid = _changes(card), _valid(db, card)
    gate = _approved(db, card, taught=taught)
    live = models.list_live(db, most=1000)
    current = live[0].model if live else None
    return CardSeen(
        name=card.name,
        made_by=card.made_by,
        made_at=card.made_at,
        fingerprint=card.fingerprint,
        facts=card.facts,
        proof=card.proof,
        gates=(*(Gate.from_dict(kept) for kept in card.gates), gate) if card.gates else (),
        changes=tuple(with_teaching(change, taught) for change in changed),
        approvals=tuple((_name(db, one.staff_id), StaffRole(one.role), one.at) for one in valid),
        compared_with=card.compared_with,
        is_live=card.name == current,
        was_live=any(one.model == card.name for one in live[1:]),
        outdated=card.compared_with is not None and card.compared_with != current,
    )


def would_help(
    clinic: Clinic, name: str, *, staff_id: str, role: StaffRole, taught: Sequence[Teaching]
) -> bool:
    """Does the candidate wait for the approval of just this person, or of one like them?"""
    mine = Approval(f"staff:{staff_id}", role)
    with clinic.db.reading() as db:
        card = models.get_card(db, name)
        now = _approved(db, card, taught=taught)
        then = _approved(db, card, taught=taught, more=[mine])
    return then != now


def _approved(
    db: Session, card: ModelCard, *, taught: Sequence[Teaching], more: Sequence[Approval] = ()
) -> Gate:
    given = [Approval(f"staff:{one.staff_id}", StaffRole(one.role)) for one in _valid(db, card)]
    return approved(_changes(card), made_by=card.made_by, approvals=[*given, *more], taught=taught)


def _valid(db: Session, card: ModelCard) -> list[ModelApproval]:
    """Approvals of the changes as they are, and not of an earlier proof."""
    digest = digest_of(_changes(card))
    return [one for one in models.list_approvals(db, card.id) if one.digest == digest]


def who(clinic: Clinic, actor: str) -> str:
    """An actor's name for people: ``staff:ID`` becomes the name."""
    kind, _, staff_id = actor.partition(":")
    if kind != "staff":
        return actor
    with clinic.db.reading() as db:
        return _name(db, staff_id)


def add_question(clinic: Clinic, text: str, intent: str, *, by: str, now: datetime) -> None:
    """From now on every candidate is tested with this text.

    :raises NotAllowed: no words, or too many.
    """
    words = " ".join(text.split())
    if not words or len(words) > _LONGEST:
        raise NotAllowed(f"Write a text of 1 to {_LONGEST} characters.")
    with clinic.db.transaction() as db:
        row = TestQuestion(intent=intent, added_by=by, added_at=now)
        sealing.put(db, row, text=words)
        db.add(row)
        details = {"intent": intent}
        record(db, Audit(by, "add_test_question", f"question:{row.id}", details), now=now)


def remove_question(clinic: Clinic, question_id: str, *, by: str, now: datetime) -> None:
    """Candidates are no longer tested with it."""
    with clinic.db.transaction() as db:
        row = db.get_one(TestQuestion, question_id)
        row.removed_at = row.removed_at or now
        record(db, Audit(by, "remove_test_question", f"question:{question_id}"), now=now)


def list_questions(clinic: Clinic) -> list[Question]:
    """The staff's own test questions."""
    with clinic.db.reading() as db:
        return [
            Question(row.id, sealing.get(db, row, "text"), row.intent)
            for row in models.list_test_questions(db)
        ]


def _changes(card: ModelCard) -> list[Change]:
    return [Change.from_dict(kept) for kept in card.changes]


def _name(db: Session, staff_id: str) -> str:
    return sealing.get(db, people.get_staff(db, staff_id), "name")
