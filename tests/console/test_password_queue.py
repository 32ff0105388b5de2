"""A crowd of wrong logins holds no page up: who waits too long is turned away unread."""

import asyncio
import threading

import pytest

from bot.console.password_queue import AT_ONCE, PasswordQueue, TooManyAtOnce
from tests.engines import SQLITE_ONLY


def test_two_at_a_time_and_the_others_are_turned_away_unread() -> None:
    queue, go_on, looked = PasswordQueue(waits=0.2), threading.Event(), []

    def look() -> str:
        looked.append(1)
        go_on.wait(5)
        return "looked at"

    async def crowd() -> list[object]:
        asked = [asyncio.create_task(queue.run(look)) for _ in range(60)]
        await asyncio.sleep(0.6)
        assert len(looked) == AT_ONCE, "nobody else was hashed"
        go_on.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    said = asyncio.run(crowd())
    assert said.count("looked at") == AT_ONCE
    assert sum(isinstance(one, TooManyAtOnce) for one in said) == 60 - AT_ONCE
    assert asyncio.run(queue.run(lambda: "again")) == "again", "every place is free again"


def test_an_error_frees_its_place() -> None:
    queue = PasswordQueue(waits=0.2)

    def breaks() -> None:
        raise KeyError

    for _ in range(2 * AT_ONCE):
        with pytest.raises(KeyError):
            asyncio.run(queue.run(breaks))


@SQLITE_ONLY
def test_who_is_turned_away_reads_why(console) -> None:
    queue = console.app.state.desk.passwords
    object.__setattr__(queue, "waits", 0.0)
    for _ in range(AT_ONCE):
        assert queue._free.acquire(blocking=False)
    refused = console.browser().post("/login", login_name="dr.bose", password="x")
    assert refused.status_code == 429
    assert "was not looked at" in refused.text
    assert "ACK and its code" in refused.text
    assert console.audited("guess") == []
