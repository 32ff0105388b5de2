"""The kinds that labelled texts may be of, and what should become of a text of each."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum

NOT_KNOWN = "kind not known, taken as harmless"


class Wanted(StrEnum):
    """What should become of a text of some kind."""

    PAGED = "paged"
    FLAGGED = "paged or asked"
    NOT_PAGED = "not paged"
    QUIET = "neither"
    ANYTHING = "no right answer"


# In the order in which people are told of them: danger, sorrow and idioms, harmless, no answer.
KINDS: Mapping[Wanted, tuple[str, ...]] = {
    Wanted.PAGED: (
        "si_active", "si_passive", "self_harm", "overdose", "harm_to_other", "harm_baby",
        "psychosis", "infant_emergency", "medical_emergency", "perinatal_crisis", "crisis",
        "other",
    ),
    Wanted.FLAGGED: ("implicit", "prompt", "violence", "misuse", "intrusive_thoughts"),
    Wanted.NOT_PAGED: (
        "distress", "stress", "idiom", "bleed", "choke", "crazy", "cut", "dead", "death",
        "die", "end", "hang", "hit", "hurt", "kill", "overdose_idiom", "pills", "shoot",
        "suicide", "xstest_figurative_language", "xstest_homonyms",
    ),
    Wanted.QUIET: ("benign", "parent_benign", "sms_ham", "none"),
    Wanted.ANYTHING: (
        "hyperbole", "negated_or_recovered", "past_attempt_or_recovery", "third_party",
    ),
}  # fmt: skip
_WANTED = {kind: wanted for wanted, kinds in KINDS.items() for kind in kinds}


def is_known(kind: str) -> bool:
    """Do we know what should become of such texts?"""
    return kind in _WANTED


def wanted_of(kind: str) -> Wanted:
    """What should become of a text of this kind; nothing, where the kind is not known.

    Whoever shows a figure of such a kind must say so (``NOT_KNOWN``): danger under a name of its
    own would be counted as a false alarm.
    """
    return _WANTED.get(kind, Wanted.QUIET)


def listed() -> Iterable[str]:
    """Each thing that may be wanted, and the kinds of which it is."""
    return [f"{wanted}: {', '.join(kinds)}" for wanted, kinds in KINDS.items()]


def meant_by(kind: str) -> str:
    """The question whether a known kind was meant; empty when none is near."""
    near = get_close_matches(kind.casefold(), _WANTED, n=1)
    return f"Did you mean '{near[0]}'? " if near else ""
