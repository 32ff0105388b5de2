"""Her words are read before the transaction, and read again when that was too early."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.core.messages import InboundText
from bot.crisis.screening import Context, Screening
from bot.services import inbound, screening
from tests.world import number_of


class Interrupted:
    """A screener during whose first reading something else happens."""

    def __init__(self, screener, meanwhile) -> None:
        self._screener, self._meanwhile = screener, meanwhile
        self.read: list[tuple[str, tuple[str, ...]]] = []

    def screen(self, text: str, context: Context) -> Screening:
        self.read.append((text, context.recent))
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        meanwhile()
        return self._screener.screen(text, context)


@pytest.fixture
def receive(world):
    """Takes in a text of Bea's, while something happens between its reading and its storing."""

    def run(body: str, *, meanwhile=lambda: None) -> Interrupted:
        screener = Interrupted(world.clinic.screener, meanwhile)
        clinic = replace(world.clinic, screener=screener)
        text = InboundText("sandbox", f"ahead-{body}", number_of("Bea"), "+12025550100", body)
        inbound.receive(clinic, text, now=world.now)
        return screener

    return run


def test_a_text_is_read_once(receive):
    assert receive("good morning").read == [("good morning", ())]


def test_the_first_half_that_comes_while_the_second_is_read_is_read_with_it(world, receive):
    """Else "i want to" / "die" would pass unseen when two gateways have one half each."""
    screener = receive("die", meanwhile=lambda: world.text("Bea", "i want to", settle=False))
    assert screener.read == [("die", ()), ("die", ("i want to",))]
    assert world.alert("Bea").category == "suicide"


def test_nobody_waits_for_the_reading_of_a_text(world, receive):
    """Reading keeps no gate shut: another gateway stores its text while it goes on."""
    receive("hello", meanwhile=lambda: world.text("Luz", "hola", settle=False))
    world.settle()
    assert world.to("Luz") == ["utter_greet"]


def test_one_text_is_read_at_a_time(world, receive):
    free: list[bool] = []

    def look() -> None:
        with ThreadPoolExecutor(1) as pool:
            free.append(pool.submit(screening._ONE_AT_A_TIME.acquire, blocking=False).result())

    receive("hello", meanwhile=look)
    assert free == [False]
