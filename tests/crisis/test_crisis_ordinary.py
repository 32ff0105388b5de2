"""Ordinary questions stay quiet, in Spanish as in English: who is paged for nothing stops looking.

The texts are the blind ones of the dialogue model: their authors had seen neither its examples nor
those of the crisis classifier.
"""

from collections import Counter

import pytest

from bot.bootstrap import load_screener
from bot.core.languages import Language
from bot.core.levels import Level
from bot.crisis.screening import Context
from bot.training.examples import Example, load_files
from tests.conftest import DATA, ROOT

# Where a person is to hear of it anyway: danger, how she is, signs that call for a doctor.
_NOT_ORDINARY = (
    "crisis",
    "report_",
    "request_help",
    "faq_baby_ill",
    "faq_call_when",
    "faq_emergencies",
    "faq_intrusive",
    "faq_psychosis",
)
_FILES = [ROOT / "tests" / "nlu" / f"{name}.yml" for name in ("held_out", "noisy", "out_of_scope")]
# Shares of the texts: of 870 English ones 2.1 and 0.6 % when this was written, of 557 Spanish ones
# 1.6 and 0.9 % (8.1 and 2.7 % before the classifier had read ordinary Spanish).
_FLAGGED, _PAGED = 0.035, 0.02


def ordinary() -> list[Example]:
    return [one for one in load_files(_FILES) if not one.intent.startswith(_NOT_ORDINARY)]


@pytest.mark.parametrize("language", list(Language))
def test_ordinary_texts_raise_hardly_anything(language: Language) -> None:
    screener = load_screener(DATA, ROOT / "models")
    assert screener.model is not None, "train it: make train"
    texts = [one for one in ordinary() if one.language is language]
    levels = Counter(
        screener.screen(one.text, Context(language=language)).level or Level.WATCH for one in texts
    )
    paged = sum(count for level, count in levels.items() if level.at_least(Level.URGENT))
    flagged = sum(count for level, count in levels.items() if level.at_least(Level.SAME_DAY))
    print(f"{language}: {len(texts)} texts, {flagged} flagged, {paged} paged")  # noqa: T201
    assert len(texts) > 500
    assert flagged <= _FLAGGED * len(texts)
    assert paged <= _PAGED * len(texts)
