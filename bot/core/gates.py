"""A gate: one thing that must hold before a candidate model may go live; and who must approve it.

Nothing here knows how a figure was measured. A gate is passed or it stops, and says why in a
sentence that a support worker understands.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from bot.core.rota import StaffRole

_SHOWN = 20
# As many new examples of one intent as a change names.
MOST_SHOWN = 60
RULE = "rule"


@dataclass(frozen=True)
class Gate:
    """One thing that must hold.

    :param sentence: what was found, for staff.
    :param lines: the texts, answers or rules that it is about.
    """

    name: str
    passed: bool
    sentence: str
    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, found: Sequence[str], *, passed: str, stopped: str) -> "Gate":
        """A gate that is passed when nothing was found."""
        if not found:
            return cls(name, True, passed)
        more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        return cls(name, False, stopped, (*found[:_SHOWN], *more))

    def as_dict(self) -> dict[str, Any]:
        """For keeping."""
        return {**asdict(self), "lines": list(self.lines)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Gate":
        """What ``as_dict`` kept."""
        return cls(kept["name"], bool(kept["passed"]), kept["sentence"], tuple(kept["lines"]))


@dataclass(frozen=True)
class Change:
    """One thing that a candidate would say or understand otherwise than the live model.

    :param kind: *answer*, *examples* or *rule*.
    :param what: the text's or the intent's id.
    :param clinical: a clinician has to approve it.
    :param file: where it stands, from the project's folder.
    """

    kind: str
    what: str
    file: str
    clinical: bool
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For keeping."""
        return {**asdict(self), "added": list(self.added), "removed": list(self.removed)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Change":
        """What ``as_dict`` kept."""
        lists = {"added": tuple(kept["added"]), "removed": tuple(kept["removed"])}
        return cls(**{**kept, **lists})


class Teaching(Protocol):
    """One act of teaching, as it is on record: whose it is, and who stands for it."""

    @property
    def by(self) -> str:
        """Who taught it, such as ``staff:ID``."""

    @property
    def intent(self) -> str:
        """The intent that it teaches."""

    @property
    def files(self) -> Sequence[str]:
        """Files that it changed, from the project's folder."""

    @property
    def words(self) -> Collection[str]:
        """Its examples and answers, word for word."""

    @property
    def clinical(self) -> bool:
        """Somebody said, or the desk found, that a clinician must agree."""

    @property
    def approved_by(self) -> str | None:
        """Who approved it; none while nobody has."""

    @property
    def approved_as(self) -> StaffRole | None:
        """In which role."""


@dataclass(frozen=True)
class Approval:
    """Somebody stands for everything that changed in a candidate."""

    by: str
    role: StaffRole


# Numbers of help, and what only a clinician answers for. Anything else a colleague may approve.
_CLINICAL = re.compile(
    r"(?<!\d)(988|911)(?!\d)|\b("
    r"ketamine|ketamina|medicin\w*|dos(e|es|is)|mg|pill\w*|pastilla\w*|drug\w*|droga\w*|"
    r"breast\w*|milk|lactancia|leche|amamant\w*|pregnan\w*|embaraz\w*|"
    r"blood|pressure|presión|sangre|pain|dolor|bleed\w*|sangr\w*|symptom\w*|síntoma\w*|"
    r"side effects?|efectos?|treatment|tratamiento|session|sesión|therap\w*|terapia|"
    r"depress\w*|depresi\w*|anxi\w*|ansiedad|psychosis|psicosis|suicid\w*|die|dying|morir\w*|"
    r"harm|daño|hurt\w*|kill|matar\w*|crisis|emergenc\w*|safe|seguro|alcohol|smok\w*|fum\w*|"
    r"fever|fiebre|sick|enferm\w*|hospital|doctor|médic\w*|risk\w*|riesgo\w*|danger|peligro"
    r")\b",
    re.IGNORECASE,
)
_CLINICAL_INTENTS = ("crisis_", "report_")


def is_clinical(what: str, words: Iterable[str]) -> bool:
    """Does a clinician have to answer for this: danger, medicine, body or mind?"""
    bare = what.removeprefix("utter_")
    if bare.startswith(_CLINICAL_INTENTS):
        return True
    return any(_CLINICAL.search(text) for text in words)


def digest_of(changes: Iterable[Change]) -> str:
    """Says which changes somebody approved."""
    kept = [change.as_dict() for change in changes]
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def approved(
    changes: Sequence[Change],
    *,
    made_by: str,
    approvals: Sequence[Approval],
    taught: Sequence[Teaching] = (),
) -> Gate:
    """Every change is stood for by a second person, what is clinical by a clinician.

    :param made_by: who had the candidate trained; counts as the author of what nobody taught.
    """
    open_ones = [
        change
        for change in (with_teaching(one, taught) for one in changes)
        if not _is_approved(change, made_by=made_by, approvals=approvals, taught=taught)
    ]
    clinical = [change for change in open_ones if change.clinical]
    who = "a clinician" if clinical else "a second person"
    return Gate.of(
        "approved",
        [
            f"{change.what}: {'a clinician' if change.clinical else 'a second person'}"
            for change in open_ones
        ],
        passed="Everything that changed was approved by somebody other than its author.",
        stopped=f"{len(open_ones)} {'change waits' if len(open_ones) == 1 else 'changes wait'} "
        f"for the approval of {who} who did not write "
        f"{'it' if len(open_ones) == 1 else 'them'}.",
    )


def with_teaching(change: Change, taught: Sequence[Teaching]) -> Change:
    """The change as its author sees it: who ticked *health* is taken at their word."""
    if change.clinical or not any(one.clinical for one in _behind(change, taught)):
        return change
    return replace(change, clinical=True)


def _is_approved(
    change: Change,
    *,
    made_by: str,
    approvals: Sequence[Approval],
    taught: Sequence[Teaching],
) -> bool:
    behind = _behind(change, taught)
    if _is_covered(change, behind):
        return True
    authors = {one.by for one in behind} or {made_by}
    return any(
        approval.by not in authors and (approval.role is StaffRole.CLINICIAN or not change.clinical)
        for approval in approvals
    )


def _behind(change: Change, taught: Sequence[Teaching]) -> list[Teaching]:
    """Acts of teaching that a change comes from.

    An intent of the desk's own stands in a file of its own, so its name counts as well. What the
    live model was taught by somebody long ago makes nobody the author of what is new; where the
    change does not name all of it, everybody who touched it is one.
    """
    touching = [one for one in taught if change.file in one.files or change.what == one.intent]
    new = _new(change)
    if change.kind == RULE or not _names_all(change) or not new:
        return touching
    return [one for one in touching if new & {_plain(words) for words in one.words}]


def _is_covered(change: Change, behind: Sequence[Teaching]) -> bool:
    """Did somebody agree, when it was taught, to all that is new here and to nothing less?"""
    standing = [one for one in behind if _stands(one, clinical=change.clinical)]
    if change.kind == RULE:
        return not change.before and any(one.intent == change.what for one in standing)
    agreed = {_plain(words) for one in standing for words in one.words}
    new = _new(change)
    return _names_all(change) and bool(new) and new <= agreed


def _new(change: Change) -> set[str]:
    return {_plain(words) for words in (*change.added, change.after) if words}


def _names_all(change: Change) -> bool:
    return not change.removed and len(change.added) < MOST_SHOWN


def _plain(words: str) -> str:
    """Without what a file's line breaks change."""
    return " ".join(words.split())


def _stands(taught: Teaching, *, clinical: bool) -> bool:
    if taught.approved_by is None or taught.approved_by == taught.by:
        return False
    return taught.approved_as is StaffRole.CLINICIAN or not clinical
