"""How fast a person must look, and at what kind of danger."""

from enum import StrEnum


class Level(StrEnum):
    """The four levels of the clinic's rules, from *watch* up to *emergency*.

    Source: clinic rules, "Levels". Compare with ``rank``, never as text.
    """

    WATCH = "watch"
    SAME_DAY = "same-day"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        return _RANK[self]

    def at_least(self, other: "Level") -> bool:
        """Is this level as pressing as the other, or more?"""
        return self.rank >= other.rank


_RANK = {level: rank for rank, level in enumerate(Level)}


def highest(levels: "list[Level] | tuple[Level, ...]") -> Level | None:
    """The most pressing of several levels; none of none. Signals only raise (rule S2)."""
    return max(levels, key=lambda level: level.rank, default=None)


class Category(StrEnum):
    """What an alert is about. Clinicians see it after login; a page never carries it."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    HARM_BABY = "harm_baby"
    INTRUSIVE_THOUGHTS = "intrusive_thoughts"
    HARM_OTHERS = "harm_others"
    PSYCHOSIS = "psychosis"
    INFANT_EMERGENCY = "infant_emergency"
    OVERDOSE = "overdose"
    MEDICAL_EMERGENCY = "medical_emergency"
    VIOLENCE = "violence"
    MISUSE = "misuse"
    LOSS = "loss"
    ALERTING_ITEM = "alerting_item"
    HELP_KEYWORD = "help_keyword"
    OPT_OUT = "opt_out"
    DISTRESS = "distress"
    UNDELIVERED = "undelivered"
    MEDIA = "media"
    STAFF = "staff"
    FOLLOW_UP = "follow_up"


# A body is in danger, hers or a child's: 911 can help, and a line for thoughts of dying cannot.
OF_THE_BODY = frozenset({Category.INFANT_EMERGENCY, Category.OVERDOSE, Category.MEDICAL_EMERGENCY})
