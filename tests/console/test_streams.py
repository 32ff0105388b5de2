"""Live pages: so many for one login, so many in all; the oldest makes way."""

import asyncio
from contextlib import ExitStack

from litestar import Request

from bot.console import now
from bot.console.streams import MOST_PER_LOGIN, Streams
from bot.services import logins
from tests.engines import SQLITE_ONLY


def test_the_oldest_of_the_same_login_makes_way():
    streams = Streams(per_login=2, in_all=10)
    with ExitStack() as stack:
        bose = [stack.enter_context(streams.opened("bose")) for _ in range(2)]
        lund = stack.enter_context(streams.opened("lund"))
        bose.append(stack.enter_context(streams.opened("bose")))
        assert [one.ended.is_set() for one in bose] == [True, False, False]
        assert not lund.ended.is_set(), "nobody else loses a page"
        assert streams.count == 3
    assert streams.count == 0


def test_there_is_an_end_in_all_too():
    streams = Streams(per_login=2, in_all=3)
    with ExitStack() as stack:
        opened = [stack.enter_context(streams.opened(f"login-{n}")) for n in range(5)]
        assert [one.ended.is_set() for one in opened] == [True, True, False, False, False]
        assert streams.count == 3


def asked_by(console, browser) -> Request:
    """A request for the live list, as the door leaves it for the page."""
    visitor = logins.recognise(console.world.clinic, browser.cookie, now=console.world.now)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/now/live",
        "headers": [],
        "query_string": b"",
    }
    scope |= {"litestar_app": console.app, "tend_visitor": visitor, "tend_token": browser.cookie}
    return Request(scope)


@SQLITE_ONLY
def test_150_streams_of_one_login_are_a_handful(console):
    """Through the page's own generator, as the server runs it."""
    browser = console.as_("Dr Bose")
    desk = console.app.state.desk
    asked = asked_by(console, browser)

    async def open_many() -> tuple[int, list[str]]:
        live = [now.changes(asked) for _ in range(150)]
        for one in live:
            await anext(one)
        count = desk.streams.count
        last_words = [(await anext(live[0])).event]
        for one in live:
            await one.aclose()
        return count, last_words

    count, last_words = asyncio.run(open_many())
    assert count == MOST_PER_LOGIN
    assert last_words == ["full"], "the page is told, so that it says so"
    assert desk.streams.count == 0
