"""Live pages: so many for one login, so many in all; the oldest makes way."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from litestar import Request
from sqlalchemy import event

from bot.console import now
from bot.console.streams import (
    MOST_OPENINGS,
    MOST_PER_LOGIN,
    OPENINGS_WITHIN,
    Openings,
    Streams,
)
from bot.services import logins
from tests.engines import SQLITE_ONLY
from tests.world import SUNDAY_2340


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


@contextmanager
def statements(clinic) -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    found: list[str] = []

    def note(*given) -> None:
        found.append(given[2])

    event.listen(clinic.db.engine, "before_cursor_execute", note)
    yield found
    event.remove(clinic.db.engine, "before_cursor_execute", note)


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


def test_openings_are_limited_for_each_cookie_and_for_a_while():
    openings = Openings()
    asked = [openings.may_open("bose", now=SUNDAY_2340) for _ in range(200)]
    assert asked == [True] * MOST_OPENINGS + [False] * (200 - MOST_OPENINGS)
    assert openings.may_open("lund", now=SUNDAY_2340), "nobody else is refused"
    assert openings.may_open("bose", now=SUNDAY_2340 + OPENINGS_WITHIN)
    openings = Openings()
    for _ in range(MOST_OPENINGS):
        openings.may_open("bose", now=SUNDAY_2340)
    assert openings.may_open("bose", now=SUNDAY_2340 - OPENINGS_WITHIN), "the clock was set back"


def test_invented_cookies_do_not_fill_the_memory():
    openings = Openings()
    for number in range(5000):
        openings.may_open(f"invented-{number}", now=SUNDAY_2340)
    assert openings.count <= 1001


@SQLITE_ONLY
def test_the_surplus_is_refused_before_any_look_at_the_database(console):
    """Through the door, as the server asks it: every statement is counted."""
    desk, cookies = console.app.state.desk, console.app.state.cookies
    for _ in range(MOST_OPENINGS):
        assert desk.openings.may_open("bose", now=desk.now())
    browser = console.browser()
    browser.client.cookies.set(cookies.login, "bose")
    with statements(desk.clinic) as looks:
        answers = [browser.get("/now/live") for _ in range(5)]
        assert [(one.status_code, one.content) for one in answers] == [(429, b"")] * 5
        assert answers[0].headers["retry-after"] == "4"
        assert looks == []
        assert browser.get("/now").status_code == 303, "an ordinary page is looked up"
        assert looks
