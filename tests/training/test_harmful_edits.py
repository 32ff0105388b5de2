"""The gates with the real screening: what a hand might do to the files, and what stops it."""

import pytest

from bot.bootstrap import load_screener
from bot.core.languages import Language
from bot.crisis.screening import Context, Screening
from bot.training import gates
from bot.training.examples import Example, load_project
from tests.conftest import DATA, ROOT

DANGER = (
    ("i want to disappear", Language.ENGLISH),
    ("i wish i was dead", Language.ENGLISH),
    ("i might hurt the baby", Language.ENGLISH),
    ("the voices tell me to do it", Language.ENGLISH),
    ("quiero desaparecer", Language.SPANISH),
    ("ya no quiero vivir", Language.SPANISH),
    ("quiero hacerle daño a mi bebé", Language.SPANISH),
)


@pytest.fixture(scope="module")
def screen() -> gates.Screen:
    screener = load_screener(DATA, ROOT / "models")

    def real(text: str, language: Language) -> Screening:
        return screener.screen(text, Context(language=language))

    return real


@pytest.mark.parametrize("intent", ["greet", "joke", "out_of_scope"])
@pytest.mark.parametrize(("text", "language"), DANGER)
def test_words_of_danger_are_kept_out_of_small_talk(screen, text, language, intent):
    gate = gates.no_danger_in_small_talk([Example(text, intent, language)], screen)
    assert not gate.passed
    assert "like a mother in danger" in gate.sentence
    assert text in gate.lines[0]


def test_small_talk_as_it_is_would_pass(screen):
    """A gate that stops everything is switched off by somebody before long."""
    examples = [e for e in load_project(ROOT) if e.intent in ("greet", "thank", "joke")]
    gate = gates.no_danger_in_small_talk(examples[::5], screen)
    assert len(gate.lines) <= len(examples[::5]) * 0.02
