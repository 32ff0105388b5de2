"""A console for each test, on both engines where the database matters, else on SQLite."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from bot.services import accounts
from tests.console.browser import Console
from tests.world import World


@pytest.fixture
def console(world: World) -> Iterator[Console]:
    """The console of the test's world, as the sandbox has it."""
    made = Console(world)
    yield made
    made.close()


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Hashes that cost little: how much one costs in the clinic is argon2's default, untouched."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", cheap)
        patch.setattr(accounts, "_NOBODYS", cheap.hash("nobody's"))
        yield
