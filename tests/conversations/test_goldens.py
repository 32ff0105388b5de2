"""Every golden conversation happens as written with Rasa; those about danger without it, too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import configure_logging
from bot.conversations.format import load_conversation
from bot.conversations.player import play
from bot.errors import ConfigError
from bot.rasa_process import newest_model
from bot.sandbox.stage import RealStage, Theatre
from bot.sandbox.stage_dialogue import RealRasa
from bot.settings import load_settings

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
GOLDENS = [load_conversation(path) for path in FILES]
# Where somebody may be in danger, all happens without Rasa too; the others would only repeat.
DANGER = re.compile(r"crisis_|alert:|page:|rasa: down|opt_out:")
WITHOUT_RASA = [
    golden
    for golden in GOLDENS
    if not golden.needs_rasa and DANGER.search(golden.path.read_text("utf-8"))
]


@pytest.fixture(scope="module")
def without_rasa() -> Iterator[Theatre]:
    """Gateway, worker and carrier; Rasa is down."""
    configure_logging("ERROR")
    theatre = Theatre()
    yield theatre
    theatre.close()


@pytest.fixture(scope="module")
def with_rasa() -> Iterator[Theatre]:
    """The same with the real Rasa and the newest trained model."""
    configure_logging("ERROR")
    try:
        newest_model(load_settings().models_dir)
    except ConfigError as error:
        pytest.skip(str(error))
    theatre = Theatre(RealRasa)
    yield theatre
    theatre.close()


@pytest.mark.parametrize("golden", WITHOUT_RASA, ids=lambda golden: golden.path.stem)
def test_it_happens_as_written_when_rasa_is_down(golden, without_rasa):
    played = play(golden, RealStage(without_rasa))
    assert played.as_written, played.difference


@pytest.mark.rasa
@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.path.stem)
def test_it_happens_as_written_with_rasa(golden, with_rasa):
    played = play(golden, RealStage(with_rasa))
    assert played.as_written, played.difference
