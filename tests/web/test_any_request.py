"""Whatever is asked of the public door, the console or the sandbox, nothing breaks inside.

Made-up requests over every route: odd paths, odd forms, odd methods, by an admin, by a clinician
and by nobody. Anything may be refused; a 5xx would be a fault of ours.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from actions.server import every_action, serve
from bot import gateway
from bot.core.alerts import Disposition, Outcome, Verdict
from bot.core.rota import Duty, StaffRole
from bot.services.results import TurnResult
from tests.adapters.fake_sms import signed_request
from tests.console.browser import Console
from tests.engines import SQLITE_ONLY
from tests.services.conftest import signed
from tests.web.sandbox_house import house

__all__ = ["signed"]

PARAMETER = re.compile(r"\{[^}]+\}")
# A stream never ends by itself; it has tests of its own. Logging off ends the visit too early.
APART = {"/now/live", "/live", "/logout"}
# Not to be served before the dialogue answers: 503 is what it is for.
NOT_READY = {"/health/ready"}
FIELDS = re.findall(
    r"\w+",
    """
    actor again answer_en answer_es at below body by candidate check clinical close code days
    disposition duty end ends from instead intent key kind language leads leads_to login_name
    more name new next old on outcome page password phone photo q reached reason role since
    sources staff_id start starts subject text until verb verdict vouched what words
    """,
)
KNOWN = [
    *(str(one) for kind in (Disposition, Outcome, Verdict, Duty, StaffRole) for one in kind),
    *("yes", "no", "1", "0", "-1", "9" * 25, "2026-01-05T10:00", "2026-99-99T99:99", "0001-01-01"),
    *("9999-12-31T23:59", "+12025550111", "en", "es", "NaN", "../../etc/passwd", "/now", "//evil"),
    *("\x00", "\ud83d", "é", "'; drop table alerts; --", "{{ 7 * 7 }}", "<script>", "%00", "%ff"),
    *("a" * 5000, "", " ", "Ann", "ann", "phq9", "2026-01-05", "1e309"),
]
WORDS = st.one_of(st.sampled_from(KNOWN), st.text(max_size=40))
FORMS = st.dictionaries(st.sampled_from(FIELDS), WORDS, max_size=6)
PIECES = st.one_of(
    st.sampled_from([one for one in KNOWN if one and len(one) < 300]),
    st.text(min_size=1, max_size=20),
)
# A request that takes long is no fault here; what is looked for is a 5xx.
TRIES = settings(
    # As many as a test run bears; TEND_TRIES=2000 looks further.
    max_examples=int(os.environ.get("TEND_TRIES", "120")),
    # To make a failing request smaller takes minutes over HTTP; it is small enough to read.
    phases=(Phase.generate,),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

type Route = tuple[str, str]


def routes(app: Litestar) -> list[Route]:
    found = {
        (method, route.path_format)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if route.path_format not in APART
    }
    return sorted(found)


def encoded(words: str) -> str:
    return quote(words.encode("utf-8", "surrogatepass"), safe="")


class Asker:
    """Sends one made-up request, and says what came back."""

    def __init__(self, client: TestClient[Litestar], ids: list[str], **headers: str) -> None:
        self.client, self.ids, self.headers = client, ids, headers

    def ask(self, route: Route, piece: str, form: dict[str, str], known: int, token: str) -> int:
        method, path = route
        ids = [*self.ids, piece, piece]
        filled = PARAMETER.sub(lambda _: encoded(ids[known % len(ids)]), path)
        query = "&".join(f"{name}={encoded(words)}" for name, words in list(form.items())[:3])
        body = "&".join(
            f"{name}={encoded(words)}" for name, words in {"_csrf_token": token, **form}.items()
        )
        answer = self.client.request(
            method,
            f"{filled}?{query}",
            content=None if method in ("GET", "HEAD", "OPTIONS") else body,
            headers={"content-type": "application/x-www-form-urlencoded", **self.headers},
            follow_redirects=False,
        )
        return answer.status_code


def hold(asker: Asker, places: list[Route], data: st.DataObject, token: str = "") -> None:
    """One request that was made up: refused or not, it breaks nothing."""
    route = data.draw(st.sampled_from(places))
    piece, form = data.draw(PIECES), data.draw(FORMS)
    known = data.draw(st.integers(0, 20))
    status = asker.ask(route, piece, form, known, token)
    assert status < 500 or (status == 503 and route[1] in NOT_READY), (route, piece, form, status)


@pytest.fixture
def console(world) -> Iterator[Console]:
    made = Console(world)
    yield made
    made.close()


def some_ids(console: Console) -> list[str]:
    """Ids that exist: of an alert, a patient and a colleague."""
    world = console.world
    world.text("Bea", "i want to die")
    world.text("+12025550177", "i want to die")
    world.clock.time += timedelta(minutes=1)
    alert = world.alert("Bea")
    assert alert is not None
    assert alert.patient_id is not None
    return [alert.id, alert.patient_id, console.staff_id("Dr Lund"), console.staff_id("Sam")]


@SQLITE_ONLY
@pytest.mark.parametrize("name", ["Dr Lund", "Sam", ""])
def test_the_console_breaks_at_nothing(console, name):
    ids = some_ids(console)
    browser = console.as_(name) if name else console.browser()
    browser.get("/account" if name else "/login")
    asker = Asker(browser.client, ids, accept="text/html")
    places = routes(console.app)
    assert len(places) > 60

    @TRIES
    @given(data=st.data())
    def one_request(data: st.DataObject) -> None:
        hold(asker, places, data, browser.token)

    one_request()


@SQLITE_ONLY
def test_the_public_door_breaks_at_nothing_that_is_not_signed(world):
    app = gateway.build(world.app)
    with TestClient(app, raise_server_exceptions=False) as client:
        asker = Asker(client, ["answered", "key", "ended"])

        @TRIES
        @given(data=st.data())
        def one_request(data: st.DataObject) -> None:
            hold(asker, routes(app), data)

        one_request()


# What a carrier may put into a text, a receipt or a moment of a call.
SAID = st.fixed_dictionaries(
    {},
    optional={
        name: WORDS
        for name in ("id", "from", "to", "body", "status", "reference", "key", "moment", "error")
    },
)
CARRIERS_PATHS = ["/sms/inbound", "/sms/receipts", "/sms/fallback", "/voice/answered", "/voice/key"]


@SQLITE_ONLY
def test_the_public_door_breaks_at_nothing_that_a_carrier_signed(world):
    app = gateway.build(world.app)
    with TestClient(app, raise_server_exceptions=False) as client:

        @TRIES
        @given(path=st.sampled_from(CARRIERS_PATHS), content=SAID)
        def one_request(path: str, content: dict[str, object]) -> None:
            request = signed_request(path, content)
            answer = client.post(path, content=request.body, headers=dict(request.headers))
            assert answer.status_code < 500, (path, content)

        one_request()


# What anybody could send in place of Rasa's call, with and without the fields that it has.
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
EVENTS = st.lists(
    st.one_of(JSON, st.fixed_dictionaries({"event": st.just("user"), "metadata": JSON})), max_size=3
)
TRACKERS = st.fixed_dictionaries(
    {},
    optional={
        "sender_id": st.one_of(st.just("c1"), JSON),
        "slots": st.one_of(st.just({}), JSON),
        "latest_message": st.one_of(
            JSON, st.fixed_dictionaries({"text": JSON, "intent": JSON}, optional={"x": JSON})
        ),
        "events": st.one_of(EVENTS, JSON),
        "active_loop": JSON,
        "latest_action_name": JSON,
    },
)
ACTIONS = sorted(action.name() for action in every_action(lambda *_: TurnResult()))
CALLS = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {"next_action": st.one_of(st.sampled_from(ACTIONS), JSON), "tracker": TRACKERS},
        optional={"domain": JSON},
    ),
)


@pytest.mark.parametrize("token", ["t0ken", "another", ""])
def test_the_actions_break_at_nothing(token):
    app = serve(lambda *_: TurnResult(), "t0ken")
    answered: Counter[int] = Counter()
    with TestClient(app, raise_server_exceptions=False) as client:

        @settings(TRIES, max_examples=5 * TRIES.max_examples)
        @given(call=CALLS)
        def one_request(call: object) -> None:
            answer = client.post(f"/webhook?token={token}", content=json.dumps(call))
            answered[answer.status_code] += 1
            assert answer.status_code < 500, (call, answer.text)

        one_request()
    # Not all of them may end at the door, or nothing was tried.
    assert (answered[200] > 0) is (token == "t0ken")
    assert answered[401] == 0 or token != "t0ken"


def test_the_sandbox_breaks_at_nothing(tmp_path, signed):
    with house(tmp_path, signed) as home:
        app = home.sandbox.asgi()
        with TestClient(app, raise_server_exceptions=False) as client:
            token = client.get("/").text.split('data-token="', 1)[1].split('"', 1)[0]
            places = [place for place in routes(app) if place[1] not in ("/clock", "/reset")]
            asker = Asker(client, ["ann", "bea", "page.js"], **{"x-csrftoken": token})

            @TRIES
            @given(data=st.data())
            def one_request(data: st.DataObject) -> None:
                hold(asker, places, data)

            one_request()


ODD_FILES = ["%00", "a%00b", "..%2f..%2fetc%2fpasswd", "%ff", "a" * 5000, "%2e%2e", "con", "%f0%9f"]


@SQLITE_ONLY
@pytest.mark.parametrize("odd", ODD_FILES)
def test_a_file_with_an_odd_name_is_simply_not_there(world, tmp_path, signed, odd):
    console = Console(world)
    with house(tmp_path, signed) as home:
        page = TestClient(home.sandbox.asgi(), raise_server_exceptions=False)
        for client in (console.browser().client, page):
            assert 400 <= client.get(f"/static/{odd}").status_code < 500
    console.close()
