"""The sandbox's page over HTTP: every route, live changes, and nobody's words run as code."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.content.protocol import Weekday
from bot.core.alerts import Disposition
from bot.core.languages import Language
from bot.core.messages import OutboundStatus
from bot.errors import ConfigError, NotAllowed
from bot.sandbox import fresh_start, strip
from bot.sandbox.clock import next_check_in
from bot.sandbox.page import LONGEST_TEXT, refuse_real_carriers
from bot.sandbox.views import OUTCOMES
from bot.services import enrolments
from bot.settings import load_settings
from bot.storage import audit
from bot.storage.tables import OutboundMessage
from tests.web.sandbox_house import MONDAY_10, House, house

ANN = "+12025550111"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ROUTES = [
    "/phones/ann/texts",
    "/phones/ann/switch",
    "/clock",
    "/start",
    "/alerts/K7/resolve",
    "/rasa",
    "/reset",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, signed: dict[str, object]) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("sandbox"), signed) as built:
        yield built


@pytest.fixture
def home(built: House) -> House:
    """The one sandbox of this module, as on its first day."""
    built.sandbox.reset()
    built.dialogue.heard.clear()
    built.rasa.clear()
    return built


@pytest.fixture
def browser(home: House) -> Iterator[httpx.Client]:
    client = home.browser()
    yield client
    client.close()


def text(browser: httpx.Client, home: House, slug: str, body: str) -> None:
    answer = browser.post(f"/phones/{slug}/texts", data={"body": body})
    assert answer.status_code == 200, answer.text
    home.settle()


def live(browser: httpx.Client, *, until: str, world: str) -> dict[str, list[object]]:
    """What an open page hears until an event of this name."""
    heard: dict[str, list[object]] = {}
    name = ""
    with browser.stream("GET", "/live", params={"cursor": 0, "world": world}) as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            if line.startswith("data:"):
                heard.setdefault(name, []).append(json.loads(line.removeprefix("data:")))
                if name == until:
                    return heard
    return heard


def world_of(browser: httpx.Client) -> str:
    return browser.get("/").text.split('data-world="', 1)[1].split('"', 1)[0]


# --- the page itself --------------------------------------------------------------------------


def test_page_shows_every_phone_and_says_that_nobody_is_real(browser: httpx.Client) -> None:
    page = browser.get("/")

    assert page.status_code == 200
    assert "Sandbox: nobody here is real. No text leaves this machine." in page.text
    for name in ["Ann", "Bea", "Cat", "Dee", "Eva", "Luz", "Bose", "Ruiz", "Lund", "Sam"]:
        assert name in page.text
    assert "10:00 am" in page.text
    assert "Monday, January 5" in page.text


def test_page_allows_no_inline_script_or_style(browser: httpx.Client) -> None:
    page = browser.get("/")

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert page.text.count("<script") == page.text.count("<script src=")
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize("name", ["sandbox.css", "sandbox.js", "icon.svg"])
def test_static_files_are_served(browser: httpx.Client, name: str) -> None:
    assert browser.get(f"/static/{name}").status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_form_of_another_site_is_refused(home: House, route: str) -> None:
    stranger = httpx.Client(base_url=home.url, trust_env=False)

    assert stranger.post(route, data={"body": "x"}).status_code == 403
    assert home.on_phone("Ann") == []


@pytest.mark.parametrize("route", ROUTES)
def test_route_refuses_to_be_read(browser: httpx.Client, route: str) -> None:
    assert browser.get(route).status_code == 405


@pytest.mark.parametrize("route", ROUTES)
def test_empty_form_is_answered_and_never_breaks(browser: httpx.Client, route: str) -> None:
    answer = browser.post(route, content=b"")

    assert answer.status_code in (200, 409)
    assert answer.json()["notice"]


# --- texts ------------------------------------------------------------------------------------


def test_reply_arrives_on_the_phone_when_she_texts(home: House, browser: httpx.Client) -> None:
    text(browser, home, "ann", "hello")

    assert home.dialogue.heard == ["hello"]
    mine, reply = home.carrier.messages("+12025550111")
    assert (mine.body, mine.status) == ("hello", "sent")
    assert reply.status == "delivered"


def test_help_is_answered_in_the_clinics_words_as_go_live_asks(
    home: House, browser: httpx.Client
) -> None:
    text(browser, home, "ann", "HELP")
    heard = [one.body for one in home.carrier.messages(ANN) if one.from_carrier]
    assert len(heard) == 1
    assert "988" in heard[0]
    assert home.app.clinic.protocol.practice.shown_phone in heard[0]


def test_form_works_without_the_script(home: House, browser: httpx.Client) -> None:
    del browser.headers["x-csrftoken"]
    token = browser.get("/").text.split('data-token="', 1)[1].split('"', 1)[0]
    answer = browser.post(
        "/phones/ann/texts",
        data={"body": "hello", "_csrf_token": token},
        headers={"accept": "text/html"},
    )

    assert answer.status_code == 303
    assert "Sent from Ann" in browser.get("/").text
    assert "Sent from Ann" not in browser.get("/").text


def test_photo_goes_without_text(home: House, browser: httpx.Client) -> None:
    browser.post("/phones/ann/texts", data={"body": "not sent", "photo": "1"})

    photo = home.carrier.messages("+12025550111")[0]
    assert (photo.body, photo.media_count) == ("", 1)


@pytest.mark.parametrize("body", ["", "   ", "x" * (LONGEST_TEXT + 1)])
def test_text_is_refused_when_empty_or_too_long(
    home: House, browser: httpx.Client, body: str
) -> None:
    assert browser.post("/phones/ann/texts", data={"body": body}).status_code == 409
    assert home.on_phone("Ann") == []


def test_phone_of_nobody_is_not_found(browser: httpx.Client) -> None:
    assert browser.post("/phones/mallory/texts", data={"body": "x"}).status_code == 404
    assert browser.post("/phones/mallory/switch", data={"state": "on"}).status_code == 404


def test_words_never_become_markup(home: House, browser: httpx.Client) -> None:
    world = world_of(browser)
    text(browser, home, "ann", NASTY)

    page = browser.get("/").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    heard = live(browser, until="texts", world=world)
    html = heard["texts"][0][0]["html"]  # type: ignore[index]
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html


# --- alerts and the strip ---------------------------------------------------------------------


def test_crisis_is_followed_to_its_end_on_the_page(home: House, browser: httpx.Client) -> None:
    text(browser, home, "bea", "i want to die")
    [alert] = strip.open_alerts(home.app.clinic)
    page = browser.get("/").text
    assert f"alert {alert.code} raised: {alert.level} (suicide), about Bea" in page
    assert f"page 1 for {alert.code} to Dr Bose" in page

    early = browser.post(f"/alerts/{alert.code}/resolve", data={"outcome": "reached_safe"})
    assert early.status_code == 409
    assert f"ACK {alert.code}" in early.json()["notice"]

    text(browser, home, "dr-bose", f"ack {alert.code}")
    assert strip.open_alerts(home.app.clinic)[0].holder == "Dr Bose"
    text(browser, home, "dr-bose", f"back {alert.code}")
    assert f"{alert.code} is open again, handed back by Dr Bose" in browser.get("/").text
    text(browser, home, "dr-bose", f"ack {alert.code}")
    wrong = browser.post(f"/alerts/{alert.code}/resolve", data={"outcome": "bored"})
    assert wrong.status_code == 409
    done = browser.post(f"/alerts/{alert.code}/resolve", data={"outcome": "reached_safe"})
    assert done.status_code == 200
    assert strip.open_alerts(home.app.clinic) == []
    assert f"{alert.code} resolved by Dr Bose: reached safe" in browser.get("/").text
    again = browser.post(f"/alerts/{alert.code}/resolve", data={"outcome": "reached_safe"})
    assert again.status_code == 409


def test_every_outcome_can_be_chosen() -> None:
    assert OUTCOMES.keys() == set(Disposition)


def test_strip_begins_empty_and_its_newest_line_is_first(
    home: House, browser: httpx.Client
) -> None:
    assert 'newest first"></ol>' in browser.get("/").text
    text(browser, home, "ann", "hello")
    text(browser, home, "luz", "hola")

    lines = [line.words for line in strip.happenings(home.app.clinic)]
    assert lines.index("Luz texted") < lines.index("Ann texted")
    assert "reply utter_greet sent to Ann" in lines


def test_strip_says_what_was_not_sent_and_why(home: House, browser: httpx.Client) -> None:
    browser.post("/start", data={"what": "session", "name": "Ann"})
    text(browser, home, "ann", "STOP")

    lines = [line.words for line in strip.happenings(home.app.clinic)]
    assert any(line.startswith("suppressed: opted_out (reminder") for line in lines)


def test_live_page_hears_texts_strip_alerts_clock_and_switches(
    home: House, browser: httpx.Client
) -> None:
    world = world_of(browser)
    text(browser, home, "bea", "i want to die")

    heard = live(browser, until="clock", world=world)
    assert heard.keys() == {"texts", "switches", "strip", "alerts", "clock"}
    assert heard["texts"][0][0]["phone"] == "bea"  # type: ignore[index]
    assert heard["switches"][0]["ann"] == "on"  # type: ignore[index]
    assert heard["clock"][0]["time"] == "10:00 am"  # type: ignore[index]


def test_page_of_an_older_world_is_told_to_load_again(browser: httpx.Client) -> None:
    assert live(browser, until="never", world="an older one").keys() == {"anew"}


# --- the clock and the buttons ----------------------------------------------------------------


def test_unanswered_alert_climbs_when_the_clock_is_moved(
    home: House, browser: httpx.Client
) -> None:
    text(browser, home, "bea", "i want to die")
    home.move(browser, "2h")

    assert home.clock.offset.total_seconds() == 2 * 3600
    assert home.on_phone("Dr Ruiz")
    assert home.on_phone("Dr Lund")
    with home.app.clinic.db.reading() as db:
        rows = db.query(OutboundMessage).all()
        assert not [row for row in rows if row.status == OutboundStatus.SENDING]
        assert audit.verify(db).problem is None
    # Nothing went twice though time flew.
    assert len(home.on_phone("Bea")) == len(set(home.on_phone("Bea")))


def test_next_morning_is_nine_oclock_in_new_york(home: House, browser: httpx.Client) -> None:
    home.clock.time = MONDAY_10.replace(hour=13, minute=30)  # half past eight
    home.move(browser, "morning")

    assert "9:00 am" in browser.get("/").text
    assert "Monday, January 5" in browser.get("/").text


def test_clock_refuses_a_second_journey_and_a_reset_under_way(
    home: House, browser: httpx.Client
) -> None:
    def meanwhile() -> None:
        assert browser.post("/clock", data={"by": "15m"}).status_code == 409
        assert browser.post("/reset").status_code == 409

    home.sandbox.travel.alone(meanwhile)
    assert browser.post("/clock", data={"by": "yesterday"}).status_code == 409
    assert home.clock.now() == MONDAY_10


@pytest.mark.parametrize("instrument", ["mood", "phq2", "phq9"])
def test_check_in_begins_when_its_button_is_pressed(
    home: House, browser: httpx.Client, instrument: str
) -> None:
    answer = browser.post("/start", data={"what": instrument, "name": "Ann"})
    home.settle()

    assert answer.status_code == 200
    assert home.on_phone("Ann")
    assert any("begins for Ann" in line.words for line in strip.happenings(home.app.clinic))


def test_button_says_when_a_check_in_has_to_wait(home: House, browser: httpx.Client) -> None:
    home.clock.time = MONDAY_10.replace(hour=8)  # three in the morning in New York
    answer = browser.post("/start", data={"what": "mood", "name": "Ann"})

    assert "waits" in answer.json()["notice"]
    home.settle()
    assert home.on_phone("Ann") == []


def test_session_is_tomorrow_at_two_on_her_clock(home: House, browser: httpx.Client) -> None:
    answer = browser.post("/start", data={"what": "session", "name": "Luz"})
    assert "tomorrow" in answer.json()["notice"]

    lines = [line.words for line in strip.happenings(home.app.clinic)]
    assert "reminder reminder_two_hours to Luz planned" in lines


def test_eva_is_invited_once(home: House, browser: httpx.Client) -> None:
    assert browser.post("/start", data={"what": "mood", "name": "Eva"}).status_code == 409
    assert browser.post("/start", data={"what": "invite", "name": "Ann"}).status_code == 200
    assert browser.post("/start", data={"what": "invite", "name": "Ann"}).status_code == 409
    home.settle()

    assert len(home.on_phone("Eva")) == 1


@pytest.mark.parametrize("what", ["", "epds", "../../etc"])
def test_nothing_unknown_is_started(browser: httpx.Client, what: str) -> None:
    assert browser.post("/start", data={"what": what, "name": "Ann"}).status_code == 409


def test_rasa_is_switched_by_the_hook(home: House, browser: httpx.Client) -> None:
    browser.post("/rasa", data={"state": "off"})
    browser.post("/rasa", data={"state": "on"})

    assert home.rasa == [False, True]


def test_phone_is_switched_off_and_on(home: House, browser: httpx.Client) -> None:
    browser.post("/phones/ann/switch", data={"state": "off"})
    assert 'data-switch="off"' in browser.get("/").text
    text(browser, home, "ann", "hello")
    assert "waits, phone is off" in browser.get("/").text

    browser.post("/phones/ann/switch", data={"state": "on"})
    assert "waits, phone is off" not in browser.get("/").text
    assert browser.post("/phones/ann/switch", data={"state": "lost"}).status_code == 409


# --- reset and guard --------------------------------------------------------------------------


def test_reset_begins_the_world_anew(home: House, browser: httpx.Client) -> None:
    world = world_of(browser)
    text(browser, home, "bea", "i want to die")
    browser.post("/start", data={"what": "invite"})
    home.move(browser, "15m")

    assert browser.post("/reset").status_code == 200
    assert world_of(browser) != world
    assert home.on_phone("Bea") == []
    assert strip.open_alerts(home.app.clinic) == []
    assert home.clock.now() == MONDAY_10
    text(browser, home, "ann", "hello")
    assert len(home.on_phone("Ann")) == 2
    with home.app.clinic.db.reading() as db:
        assert audit.verify(db).problem is None


def test_reset_keeps_the_audit_append_only(home: House, browser: httpx.Client) -> None:
    browser.post("/reset")

    with (
        pytest.raises(Exception, match="append-only"),
        home.app.clinic.db.transaction(audited=False) as db,
    ):
        db.connection().exec_driver_sql("DELETE FROM audit_events")


def test_reset_refuses_when_somebody_may_be_real(tmp_path: Path, signed: dict[str, object]) -> None:
    with house(tmp_path, signed) as home:
        _refuses_when_somebody_may_be_real(home, home.browser())


def _refuses_when_somebody_may_be_real(home: House, browser: httpx.Client) -> None:
    # Outside the range that is kept for fiction, and never written down as a number.
    real = "+1212" + "6660" + "100"
    someone = enrolments.NewPatient("Someone", real, Language.ENGLISH, "America/New_York")
    enrolments.invite(home.app.clinic, someone, by="cli:test", now=home.clock.now())

    answer = browser.post("/reset")
    assert answer.status_code == 409
    assert "TEND_DATABASE_URL" in answer.json()["notice"]
    with pytest.raises(NotAllowed):
        fresh_start.start_afresh(home.app.clinic, now=home.clock.now())


def test_sandbox_refuses_a_real_carrier_and_production() -> None:
    twilio = load_settings(
        sms_provider="twilio",
        twilio_account_sid="AC0",
        twilio_auth_token="x",
        twilio_from_number="+15005550006",
        public_url="https://tend.example",
    )
    with pytest.raises(ConfigError, match="TEND_SMS_PROVIDER=sandbox"):
        refuse_real_carriers(twilio)
    production = load_settings().model_copy(update={"production": True})
    with pytest.raises(ConfigError, match="TEND_PRODUCTION=false"):
        refuse_real_carriers(production)


# --- the next check-in ------------------------------------------------------------------------


def test_on_a_weekend_the_clock_goes_to_the_next_check_in(
    browser: httpx.Client, home: House
) -> None:
    home.clock.move(timedelta(days=5))  # Saturday, ten in the morning
    waits = browser.post("/start", data={"what": "phq2", "name": "Ann"}).json()["notice"]
    assert "on Monday, Tuesday, Wednesday, Thursday" in waits
    assert '"Next check-in" beside the clock goes there.' in waits

    home.move(browser, "check_in")

    # Monday: when it is nine for the mother whose clock is behind the others'.
    there = home.clock.now()
    zones = [phone.zone for phone in home.sandbox._parts.phones.values() if not phone.is_staff]
    shown = {there.astimezone(zone).strftime("%A %H") for zone in zones}
    assert "Monday 09" in shown
    assert min(shown) == "Monday 09"
    assert any("2 weeks" in words or "two weeks" in words for words in home.on_phone("Ann"))
    again = browser.post("/clock", data={"by": "check_in"})
    assert (again.status_code, "already" in again.json()["notice"]) == (409, True)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-01-05 08:59", "2026-01-05 09:00"),
        ("2026-01-05 09:00", "2026-01-05 09:00"),
        ("2026-01-05 13:59", "2026-01-05 13:59"),
        ("2026-01-05 14:00", "2026-01-06 09:00"),
        ("2026-01-08 15:00", "2026-01-12 09:00"),
        ("2026-03-07 21:00", "2026-03-09 09:00"),  # over the night in which the clocks go forward
    ],
)
def test_the_next_check_in_is_when_the_protocol_says(now: str, then: str) -> None:
    zone = ZoneInfo("America/New_York")

    def local(written: str) -> datetime:
        return datetime.fromisoformat(written).replace(tzinfo=zone)

    days = {Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY}
    found = next_check_in(
        local(now).astimezone(UTC), days=days, opens=time(9), closes=time(14), zones=[zone]
    )

    assert found == local(then)


def test_the_next_check_in_may_go_to_every_zone() -> None:
    east, central = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
    found = next_check_in(
        datetime(2026, 1, 5, 14, 30, tzinfo=UTC),  # half past nine, and half past eight
        days=set(Weekday), opens=time(9), closes=time(14), zones=[east, central],
    )  # fmt: skip

    assert found == datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
