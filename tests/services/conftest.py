"""Services are tested with a screener that knows a few phrases; its patterns have own tests."""

import pytest

from bot.content.escalation import load_policies
from bot.content.instruments import load_instruments
from bot.content.protocol import load_protocol
from bot.content.texts import load_catalogue
from tests.conftest import DATA
from tests.services.screener import FakeScreener


@pytest.fixture(scope="session")
def signed() -> dict[str, object]:
    """Everything under data/ but the crisis patterns, read once."""
    return {
        "protocol": load_protocol(DATA / "protocol" / "demo.yml"),
        "texts": load_catalogue(DATA),
        "instruments": load_instruments(DATA),
        "policies": load_policies(DATA / "escalation"),
        "screener": FakeScreener(),
    }
