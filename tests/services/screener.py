"""A screener that knows a handful of phrases: services are tested apart from the patterns."""

from bot.core.levels import Category, Level
from bot.crisis.model import CrisisModel
from bot.crisis.screening import Context, Layer, Screening, Signal

# What she writes, and what it means to the services. The real patterns have tests of their own.
_PHRASES: tuple[tuple[str, Category, Level, str], ...] = (
    ("limp", Category.INFANT_EMERGENCY, Level.EMERGENCY, "crisis_infant"),
    ("took all the pills", Category.OVERDOSE, Level.EMERGENCY, "crisis_overdose"),
    ("want to die", Category.SUICIDE, Level.URGENT, "crisis_suicide"),
    ("quiero morir", Category.SUICIDE, Level.URGENT, "crisis_suicide"),
    ("voices", Category.PSYCHOSIS, Level.URGENT, "crisis_psychosis"),
    ("hits me", Category.VIOLENCE, Level.SAME_DAY, "crisis_violence"),
    ("used to hit me", Category.VIOLENCE, Level.SAME_DAY, "crisis_violence"),
    ("cant do this", Category.SUICIDE, Level.SAME_DAY, "crisis_ask"),
    ("lost her", Category.LOSS, Level.SAME_DAY, "crisis_loss"),
    ("no better", Category.DISTRESS, Level.WATCH, ""),
)


class FakeScreener:
    """Finds its phrases in a text, and in a text joined with those just before it.

    :ivar seen: every text that it was asked about.
    """

    # No classifier: patterns alone.
    model: CrisisModel | None = None

    def __init__(self) -> None:
        self.seen: list[str] = []

    def note_of(self, pattern_id: str) -> str:
        """What the pattern looks for, for the console's page of an alert."""
        return f"as {pattern_id}"

    def text_for(self, category: Category) -> str:
        """What this kind of danger is answered with."""
        return next((reply for _, kind, _, reply in _PHRASES if kind == category), "")

    def screen(self, text: str, context: Context) -> Screening:
        self.seen.append(text)
        joined = " ".join((*context.recent, text)).lower()
        found = [
            Signal(category, level, Layer.PATTERN, f"fake:{category}", ((0, 1),), reply)
            for phrase, category, level, reply in _PHRASES
            if (phrase in joined and phrase not in " ".join(context.recent).lower())
            or phrase in text.lower()
        ]
        return Screening(tuple(sorted(found, key=lambda signal: -signal.level.rank)))
