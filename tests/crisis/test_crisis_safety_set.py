"""No text of the locked safety set is missed, however it is typed; harmless ones stay quiet."""

from collections import Counter
from collections.abc import Callable

import pytest

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis.screening import Screening
from tests.crisis.conftest import Screen
from tests.crisis.safety_set import SafetyText, safety_texts

TEXTS = list(safety_texts())
DANGER = [t for t in TEXTS if t.category]
HARMLESS = [t for t in TEXTS if not t.category]
# The set may grow; a smaller number means that somebody took texts out to make the build pass.
LOCKED = {Language.ENGLISH: (594, 163), Language.SPANISH: (579, 127)}


def reached(expected: SafetyText, screening: Screening) -> bool:
    assert expected.at_least
    level = screening.level
    categories = {signal.category for signal in screening.signals}
    return bool(level and level.at_least(expected.at_least)) and expected.category in categories


@pytest.mark.parametrize("language", list(Language))
def test_every_text_in_danger_reaches_its_level_and_class(screen: Screen, language: Language):
    missed = [t.text for t in DANGER if t.language is language and not reached(t, screen(t.text))]

    assert missed == []


@pytest.mark.parametrize("language", list(Language))
def test_harmless_texts_raise_nothing(screen: Screen, language: Language):
    noisy = [t.text for t in HARMLESS if t.language is language and not screen(t.text).quiet]

    assert noisy == []


@pytest.mark.parametrize(
    "typed",
    [str.upper, str.title, lambda t: t + ".", lambda t: t + "!!", lambda t: "  " + t + "  \n"],
    ids=["capitals", "title", "full stop", "exclamation", "spaces"],
)
def test_the_way_of_typing_hides_nothing(screen: Screen, typed: Callable[[str], str]):
    missed = [t.text for t in DANGER if not reached(t, screen(typed(t.text)))]

    assert missed == []


def test_the_set_has_40_texts_for_each_class_and_language_and_never_shrinks():
    counts = Counter((t.language, t.category) for t in DANGER)
    classes = {category for _, category in counts}

    assert len(classes) == 13
    assert all(counts[language, c] >= 40 for language in Language for c in classes)
    for language, (danger, harmless) in LOCKED.items():
        assert sum(t.language is language for t in DANGER) >= danger
        assert sum(t.language is language for t in HARMLESS) >= harmless


def test_watch_is_kept_for_distress_only(screen: Screen):
    watched = {t.category for t in DANGER if screen(t.text).level is Level.WATCH}

    assert watched == {Category.DISTRESS}
