"""Every route refuses who may not: without login, without role, without a form's token."""

import re

import pytest
from litestar.handlers import HTTPRouteHandler

from bot.console import words
from bot.console.app import HEADERS, build
from bot.core.rights import RIGHTS, Right, rights_of
from bot.core.rota import StaffRole
from bot.errors import ConfigError
from bot.settings import load_settings
from tests.console.browser import Browser, Console

PUBLIC = {"/login", "/login/code", "/setup/{token:str}", "/tap/{staff_id:str}"}


def routes(console: Console) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Every address of the console with its method and handler, static files apart."""
    return [
        (method, route.path_format, handler)
        for route in console.app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods)
        if method in ("GET", "POST") and not route.path.startswith("/static")
    ]


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "0" * 28, path)


def ask(browser: Browser, method: str, path: str, *, token: str = "") -> int:
    if method == "GET":
        if path == "/now/live":
            return browser.client.get(path, headers={"accept": "text/event-stream"}).status_code
        return browser.client.get(path, follow_redirects=False).status_code
    data = {"_csrf_token": token} if token else {"x": "y"}
    return browser.client.post(path, data=data, follow_redirects=False).status_code


def test_every_route_says_what_it_needs(console):
    assert len(routes(console)) > 40
    for method, path, handler in routes(console):
        public = handler.opt.get("public") is True
        assert public == (
            re.sub(r":\w+", ":str", path) in {p.replace(":str", ":str") for p in PUBLIC}
            or path in {re.sub(r":\w+", "", p) for p in PUBLIC}
        ), (method, path)
        assert public or isinstance(handler.opt.get("needs"), Right), (method, path)


def test_every_route_refuses_without_login(console):
    browser = console.browser()
    browser.get("/login")
    for method, path, handler in routes(console):
        if handler.opt.get("public") is True:
            continue
        status = ask(browser, method, filled(path), token=browser.token)
        if method == "GET" and status == 303:
            answer = browser.client.get(filled(path), follow_redirects=False)
            assert answer.headers["location"].startswith("/login"), path
        else:
            assert status == 401, (method, path, status)


@pytest.mark.parametrize("accept", ["*/*", "text/html,*/*;q=0.8", None])
def test_who_asks_for_anything_is_led_to_the_login(console, accept):
    """A link checker, a preview or a terminal: nobody whose login has ended."""
    client = console.browser().client
    client.headers.pop("accept")
    headers = {"accept": accept} if accept else {}
    for path, login in (("/", "/login"), ("/rota", "/login?next=%2Frota")):
        answer = client.get(path, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, login)


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "text/event-stream"},
        {"accept": "application/json"},
        {"accept": "*/*", "sec-fetch-mode": "cors"},
    ],
)
def test_a_script_hears_that_there_is_no_login(console, headers):
    answer = console.browser().client.get("/now/live", headers=headers, follow_redirects=False)
    assert answer.status_code == 401
    assert "Log in first" in answer.text
    assert "has ended" not in answer.text, "there never was one"


@pytest.mark.parametrize("name", ["Sam", "Dr Bose"])
def test_every_route_refuses_without_the_right(console, name):
    browser = console.as_(name)
    role = StaffRole.SUPPORT if name == "Sam" else StaffRole.CLINICIAN
    mine = rights_of(role, leads=False, support_sees_scores=False)
    refused = 0
    for method, path, handler in routes(console):
        needed = handler.opt.get("needs")
        if needed is None or needed in mine:
            continue
        assert ask(browser, method, filled(path), token=browser.token) == 403, (method, path)
        refused += 1
    assert refused >= 6


def test_every_form_refuses_without_its_token(console):
    browser = console.as_("Dr Lund")
    posts = [path for method, path, _ in routes(console) if method == "POST"]
    assert len(posts) > 25
    for path in posts:
        assert ask(browser, "POST", filled(path)) == 403, path
        assert ask(browser, "POST", filled(path), token="x" * 128) == 403, path


def test_the_token_of_another_browser_is_refused(console):
    other = console.as_("Dr Bose")
    browser = console.as_("Dr Lund")
    assert ask(browser, "POST", "/rota/mine", token=other.token) == 403


def test_a_token_is_bound_to_its_login(console):
    """In the very same browser: a form of the login before counts no more, whoever comes next."""
    browser = console.as_("Dr Lund")
    old, before = browser.token, browser.cookie
    assert ask(browser, "POST", "/rota/mine", token=old) == 303
    browser.get("/login")
    browser.post(f"/tap/{console.staff_id('Dr Bose')}")
    assert browser.cookie != before
    assert ask(browser, "POST", "/rota/mine", token=old) == 403
    browser.get("/account")
    assert ask(browser, "POST", "/rota/mine", token=browser.token) == 303


def test_a_token_is_bound_to_its_browser(console):
    """A cookie that was stolen is worth nothing with a token that was made elsewhere."""
    browser, thief = console.as_("Dr Lund"), console.browser()
    thief.get("/login")
    name = next(name for name in browser.client.cookies if name.endswith("_login"))
    thief.client.cookies.set(name, browser.cookie)
    assert ask(thief, "POST", "/rota/mine", token=browser.token) == 403


def test_a_form_of_before_the_login_counts_only_there(console):
    browser = console.browser()
    browser.get("/login")
    before = browser.token
    browser.post(f"/tap/{console.staff_id('Dr Lund')}")
    assert ask(browser, "POST", "/rota/mine", token=before) == 403


def test_a_token_in_another_kind_of_body_does_not_count(console):
    browser = console.as_("Dr Lund")
    browser.get("/rota")
    data = {"_csrf_token": browser.token}
    for sent in ({"json": data}, {"files": {"_csrf_token": (None, browser.token)}}):
        assert browser.client.post("/rota/mine", **sent).status_code == 403


def test_a_page_that_forgot_to_say_its_right_is_closed(console):
    handler = next(h for _, path, h in routes(console) if path == "/health")
    handler.opt.pop("needs")
    try:
        assert console.as_("Dr Lund").get("/health").status_code in (303, 401, 403)
    finally:
        handler.opt["needs"] = Right.SEE_HEALTH


def test_an_administrator_sees_no_patient():
    clinical = {Right.SEE_PATIENTS, Right.SEE_ALERTS, Right.SEE_SCORES, Right.SEE_INBOX}
    assert not clinical & RIGHTS[StaffRole.ADMIN]


def test_support_sees_scores_only_where_the_clinic_says_so():
    def sees(allowed: bool) -> bool:
        found = rights_of(StaffRole.SUPPORT, leads=False, support_sees_scores=allowed)
        return Right.SEE_SCORES in found

    assert not sees(False)
    assert sees(True)


def test_every_answer_carries_the_careful_headers(console):
    browser = console.as_("Dr Bose")
    for path in ("/now", "/login", "/nothing-here", "/patients/nobody"):
        answer = browser.client.get(path, follow_redirects=False)
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (path, name)
        assert "unsafe-inline" not in answer.headers["content-security-policy"]


def test_no_page_holds_a_script_or_a_style_of_its_own(console, world):
    world.text("Bea", "i want to die")
    browser = console.as_("Dr Lund")
    for path in ("/now", "/patients", f"/alerts/{world.alert('Bea').id}", "/inbox", "/login"):
        html = browser.get(path).text
        assert not re.search(r"<script(?![^>]*src=)", html), path
        assert not re.search(r"\son\w+=|\sstyle=|<style", html), path


def test_the_door_of_the_sandbox_is_not_there_otherwise(world):
    console = Console(world, one_tap=False)
    try:
        assert "/tap/{staff_id}" not in {path for _, path, _ in routes(console)}
        browser = console.browser()
        assert browser.post(f"/tap/{console.staff_id('Dr Lund')}").status_code in (404, 405)
        assert "Dr Lund" not in browser.get("/login").text
    finally:
        console.close()


@pytest.mark.parametrize(
    "given",
    [
        {
            "sms_provider": "twilio",
            "twilio_account_sid": "AC0",
            "twilio_auth_token": "x",
            "twilio_from_number": "+12025550100",
            "public_url": "https://sms.example.org",
        },
    ],
)
def test_one_tap_is_refused_beside_a_real_carrier(world, given):
    app = type(world.app)(**{**vars(world.app), "settings": load_settings(**given)})
    with pytest.raises(ConfigError, match="without a password"):
        build(app, one_tap=True)


def test_http_is_refused_but_on_the_loopback(world):
    settings = load_settings(console_url="http://console.example.org")
    app = type(world.app)(**{**vars(world.app), "settings": settings})
    with pytest.raises(ConfigError, match="https"):
        build(app)


def test_over_https_cookies_are_secure_and_bound_to_the_host(world):
    settings = load_settings(console_url="https://console.example.org")
    app = type(world.app)(**{**vars(world.app), "settings": settings})
    made = build(app)
    cookies = made.state.cookies
    assert cookies.secure
    assert cookies.login.startswith("__Host-")


@pytest.mark.parametrize("name", ["%00", "console.css%00", "a" * 5000])
def test_a_file_with_an_impossible_name_is_not_there(console, name):
    assert console.browser().get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    "query", ["before=9223372036854775808", "end=9999-12-31T23:59", "start=0001-01-01T00:00"]
)
def test_the_audit_of_another_age_is_no_error_of_ours(console, query):
    assert console.as_("Dr Lund").get(f"/audit?{query}").status_code in (200, 400)


HERE = "http://127.0.0.1:8090"


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        ({"sec-fetch-site": "cross-site", "origin": "null"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://127.0.0.1:9999"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, False),
        ({"sec-fetch-site": "same-origin", "origin": HERE}, True),
        # What a page says that names itself to nobody (Referrer-Policy: no-referrer).
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({}, True),
    ],
)
def test_a_form_that_another_site_sends_is_refused_with_a_right_token_too(console, headers, counts):
    browser = console.as_("Dr Lund")
    data, before = {"_csrf_token": browser.token}, len(console.audited("add_shift"))
    answer = browser.client.post("/rota/mine", data=data, headers=headers, follow_redirects=False)
    assert answer.status_code == (303 if counts else 403)
    assert counts == (len(console.audited("add_shift")) > before)


@pytest.mark.parametrize(
    ("path", "field", "most"),
    [("/staff", "name", 600), ("/rota/shifts", "starts", 600), ("/teach/save", "answer_en", 2000)],
)
def test_a_field_that_nobody_can_have_typed_is_refused(console, path, field, most):
    assert console.as_("Dr Lund").post(path, **{field: "x" * (most + 1)}).status_code == 413
    assert console.as_("Dr Lund").post(path, **{field: "x" * most}).status_code != 413


FREE = re.compile(r"<(?:textarea|input)\b[^>]*>")
NO_LENGTH = ("hidden", "radio", "checkbox", "datetime-local", "date", "file", "readonly")


def test_every_field_of_every_page_says_how_long_it_may_be():
    found = [
        (template.name, field)
        for template in (words.HERE / "templates").glob("*.html")
        for field in FREE.findall(template.read_text(encoding="utf-8"))
    ]
    assert len(found) > 40
    free = [one for one in found if not any(kind in one[1] for kind in NO_LENGTH)]
    assert [one for one in free if "maxlength=" not in one[1]] == []
