"""The rules as shipped, loaded once; a short way to screen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.crisis import load_crisis
from bot.core.languages import Language
from bot.crisis.rules import CrisisRules
from bot.crisis.screening import Context, Screener, Screening

FOLDER = Path(__file__).parents[2] / "data" / "crisis"

type Screen = Callable[..., Screening]


@pytest.fixture(scope="session")
def rules() -> CrisisRules:
    return load_crisis(FOLDER)


@pytest.fixture(scope="session")
def screener(rules: CrisisRules) -> Screener:
    return Screener(rules)


@pytest.fixture(scope="session")
def screen(screener: Screener) -> Screen:
    def screen_text(text: str, *recent: str) -> Screening:
        return screener.screen(text, Context(Language.ENGLISH, recent=recent))

    return screen_text
