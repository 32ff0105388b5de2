"""Pills that are counted were not taken: suicide with its page, whatever the classifier says."""

from pathlib import Path

import pytest

from bot.content.classifier import load_lesson
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis.model import Thresholds, Verdict
from bot.crisis.screening import Context, Screener, Screening

LESSON = load_lesson(Path(__file__).parents[2] / "data" / "crisis")
OVERDOSE = next(label for label in LESSON.labels if label.name == "overdose")


class HearsOverdose:
    """A classifier that takes every text for an overdose."""

    thresholds, unsure = Thresholds(ask=0.99, page=0.97, agree=0.2), LESSON.unsure

    def read(self, *_text: object, **_how: object) -> Verdict:
        return Verdict(ask=1.0, page=1.0, labels=(OVERDOSE,))


@pytest.fixture(scope="module")
def misled(screener: Screener):
    model = HearsOverdose()

    def screen(text: str) -> Screening:
        reader = Screener.sharing_patterns(screener, model=model)  # type: ignore[arg-type]
        return reader.screen(text, Context(Language.ENGLISH))

    return screen


COUNTED = [
    "i counted the pills tonight there are 40",
    "counted the meds. 32",
    "i laid the pills out on the bed and counted them",
    "cant sleep. counted the pills again",
    "conté las pastillas, hay 40",
    "puse las pastillas en la mesa y las conté",
]


@pytest.mark.parametrize("text", COUNTED)
def test_counted_pills_page_as_suicide_and_nobody_asks_which_medicine_it_was(misled, text: str):
    found = misled(text)

    assert (found.category, found.reply) == (Category.SUICIDE, "crisis_suicide")
    # How fast a person looks is not lowered by it.
    assert found.level is Level.EMERGENCY


@pytest.mark.parametrize("text", COUNTED)
def test_the_patterns_alone_page(screen, text: str):
    assert (screen(text).category, screen(text).level) == (Category.SUICIDE, Level.URGENT)


@pytest.mark.parametrize(
    "text",
    [
        "i took 40 pills",
        "i counted the pills and took them",
        "i counted the pills. there were 40. i swallowed half",
        "i counted the pills there were 40 and theyre all gone, im sleepy",
        "i counted the pills there were 40 now there are 10",
        "counted the pills. the bottle is empty",
        "conté las pastillas y me las tomé",
        "conté 40 pastillas y ya no queda ninguna",
        "conté las pastillas. me tragué veinte",
        "my chest hurts",
    ],
)
def test_what_was_taken_stays_an_overdose(misled, text: str):
    assert (misled(text).category, misled(text).reply) == (Category.OVERDOSE, "crisis_overdose")


@pytest.mark.parametrize(
    "text",
    [
        "i counted my pills for the refill, 6 left",
        "the pharmacist counted my pills wrong",
        "conte las pastillas para el refill quedan 6",
        "i didnt count my pills",
        "counted the diapers there are 40",
    ],
)
def test_counting_for_a_refill_is_nothing(screen, text: str):
    assert screen(text).quiet
