"""What staff teach passes Rasa's own checks, and Rasa reads it as it was meant."""

import pytest
from rich.console import Console

from bot.core.languages import Language
from bot.core.taught import LeadsTo, TaughtKind
from bot.teaching import saving
from bot.teaching.files import Edit
from bot.teaching.lessons import Typed
from bot.training.train import validate
from tests.conftest import ROOT

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(600)]

QUESTION = Typed(
    TaughtKind.QUESTION,
    "faq_parking",
    ["where do i leave my car", "donde dejo el coche"],
    title="Where can I leave my car?",
    answers={
        Language.ENGLISH: "You can leave it behind the house. It is free.",
        Language.SPANISH: "Puede dejarlo atras de la casa. Es gratis.",
    },
    source="front desk",
)
INTENT = Typed(
    TaughtKind.INTENT,
    "request_receipt",
    ["i need a receipt", "necesito un recibo"],
    title="Wants a receipt.",
    leads_to=LeadsTo.SUPPORT,
)
EXAMPLE = Typed(TaughtKind.EXAMPLES, "greet", ["a very good new day to you"])


def check(edits: list[Edit]) -> None:
    with saving.tried_out(ROOT, edits) as copy:
        saving.check_quickly(copy)
        validate(copy, console=Console(quiet=True))


def test_a_question_an_intent_and_an_example_pass_rasas_checks() -> None:
    check([edit for typed in (QUESTION, INTENT, EXAMPLE) for edit in typed.edits(ROOT)])
    assert not (ROOT / "data" / "nlu" / "taught.yml").exists()
