"""Logging in: what opens the door, what keeps it shut, and when it closes by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from bot.core import passwords
from bot.core.logins import Failures, wait_at_address
from bot.errors import NotAllowed, NotFound
from bot.services import accounts, known_browsers, logins
from bot.services.guesses import Place
from bot.services.logins import Caller
from bot.settings import load_settings
from bot.storage.tables import AuditEvent, Login, StaffAccount
from tests.console.browser import PASSWORD, Console

HERE = Caller("192.0.2.7", "Firefox on Linux")
THERE = Caller("192.0.2.99", "A browser")


def half(console, name="Dr Bose", caller=HERE):
    login_name, secret = console.account(name)
    clinic, now = console.world.clinic, console.world.now
    token = logins.check_password(
        clinic, login_name=login_name, password=PASSWORD, caller=caller, now=now
    )
    return token, login_name, secret


def full(console, name="Dr Bose"):
    token, _login_name, secret = half(console, name)
    console.world.clock.time += timedelta(minutes=1)
    code = pyotp.TOTP(secret).at(console.world.now)
    return logins.check_code(
        console.world.clinic, token, code=code, caller=HERE, now=console.world.now
    ).token


def seen(console, token, **given):
    return logins.recognise(console.world.clinic, token, now=console.world.now, **given)


def test_name_password_and_code_let_somebody_in(console):
    visitor = seen(console, full(console))
    assert visitor.name == "Dr Bose"
    assert console.audited("log_in")[-1].actor == f"staff:{visitor.staff_id}"


def test_the_whole_way_in_a_browser(console):
    login_name, secret = console.account("Dr Bose")
    console.world.clock.time += timedelta(minutes=1)
    browser = console.browser()
    browser.get("/login?next=/rota")
    before = browser.cookie
    answer = browser.post("/login", login_name=login_name, password=PASSWORD, next="/rota")
    assert answer.headers["location"].startswith("/login/code")
    between = browser.cookie
    assert browser.get("/now").status_code == 303, "a password alone opens nothing"
    browser.get("/login/code")
    code = pyotp.TOTP(secret).at(console.world.now)
    answer = browser.post("/login/code", code=code, next="/rota")
    assert answer.headers["location"] == "/rota"
    assert browser.get("/rota").status_code == 200
    # Session fixation: whoever knew the cookie before the login knows nothing now.
    assert len({before, between, browser.cookie}) == 3


def test_a_planted_cookie_is_worth_nothing_after_login(console):
    planted, _name, secret = half(console)
    console.world.clock.time += timedelta(minutes=1)
    code = pyotp.TOTP(secret).at(console.world.now)
    real = logins.check_code(
        console.world.clinic, planted, code=code, caller=HERE, now=console.world.now
    ).token
    assert real != planted
    assert seen(console, planted) is None
    with pytest.raises(NotFound):
        logins.check_code(
            console.world.clinic, planted, code=code, caller=HERE, now=console.world.now
        )


def test_a_password_alone_is_no_login(console):
    token, _name, _secret = half(console)
    assert seen(console, token) is None


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "12345678"])
def test_a_wrong_code_is_refused(console, code):
    token, _name, _secret = half(console)
    with pytest.raises(NotAllowed):
        logins.check_code(
            console.world.clinic, token, code=code, caller=HERE, now=console.world.now
        )


def test_a_code_is_good_once(console):
    login_name, secret = console.account("Dr Bose")
    console.world.clock.time += timedelta(minutes=1)
    now, clinic = console.world.now, console.world.clinic
    code = pyotp.TOTP(secret).at(now)
    tokens = [
        logins.check_password(
            clinic, login_name=login_name, password=PASSWORD, caller=HERE, now=now
        )
        for _ in range(2)
    ]
    logins.check_code(clinic, tokens[0], code=code, caller=HERE, now=now)
    with pytest.raises(NotAllowed):
        logins.check_code(clinic, tokens[1], code=code, caller=HERE, now=now)


def test_a_recovery_code_is_good_once(console):
    clinic, world = console.world.clinic, console.world
    login_name, _secret = console.account("Dr Bose")
    codes = accounts.renew_recovery_codes(
        clinic, console.staff_id("Dr Bose"), password=PASSWORD, now=world.now
    )

    def use() -> str:
        token = logins.check_password(
            clinic, login_name=login_name, password=PASSWORD, caller=HERE, now=world.now
        )
        code = codes[3].upper()
        return logins.check_code(clinic, token, code=code, caller=HERE, now=world.now).token

    assert seen(console, use()) is not None
    with pytest.raises(NotAllowed):
        use()


def test_who_guesses_is_stopped_and_others_are_not(console):
    login_name, _secret = console.account("Dr Bose")
    clinic, world = console.world.clinic, console.world

    def guess(password: str, caller: Caller = THERE) -> str:
        return logins.check_password(
            clinic, login_name=login_name, password=password, caller=caller, now=world.now
        )

    for _ in range(5):
        with pytest.raises(NotAllowed, match="not right"):
            guess("a wrong password")
    with pytest.raises(NotAllowed, match="15 minutes"):
        guess(PASSWORD)
    assert guess(PASSWORD, HERE), "the clinician herself still gets in from elsewhere"
    world.clock.time += timedelta(minutes=16)
    assert guess(PASSWORD)


def test_guesses_from_everywhere_lock_the_name_at_last(console):
    login_name, _secret = console.account("Dr Bose")
    clinic, world = console.world.clinic, console.world
    for number in range(25):
        with pytest.raises(NotAllowed):
            logins.check_password(
                clinic,
                login_name=login_name,
                password="x",
                caller=Caller(f"198.51.100.{number}", ""),
                now=world.now,
            )
    with pytest.raises(NotAllowed, match="15 minutes"):
        logins.check_password(
            clinic, login_name=login_name, password=PASSWORD, caller=HERE, now=world.now
        )


def wrong_tries(console, count, *, address="192.0.2.99", name="mallory"):
    """Somebody at this address tries names that there are not."""
    world = console.world
    for number in range(count):
        caller = Caller(address, "")
        with pytest.raises(NotAllowed, match="not right"):
            logins.check_password(
                world.clinic,
                login_name=f"{name}{number}",
                password="x",
                caller=caller,
                now=world.now,
            )


def let_in(console, login_name, secret, caller=THERE):
    """Both halves of a login; the mark that the browser is given."""
    clinic, now = console.world.clinic, console.world.now
    token = logins.check_password(
        clinic, login_name=login_name, password=PASSWORD, caller=caller, now=now
    )
    code = pyotp.TOTP(secret).at(now)
    return logins.check_code(clinic, token, code=code, caller=caller, now=now).mark


def test_an_address_with_many_wrong_tries_only_waits_seconds(console):
    """A whole clinic may sit behind it: it is slowed down, and never shut out."""
    login_name, secret = console.account("Dr Bose")
    world = console.world
    world.clock.time += timedelta(minutes=1)
    wrong_tries(console, 30)
    with pytest.raises(NotAllowed, match=r"Wait 2 s and try again.*ACK and its code"):
        let_in(console, login_name, secret)
    world.clock.time += timedelta(seconds=2)
    assert let_in(console, login_name, secret)


def test_the_wait_doubles_and_is_a_minute_at_most():
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    waits = [
        wait_at_address(Failures(0, 0, tries, now), now=now).total_seconds()
        for tries in (29, 30, 35, 40, 50, 200, 100_000)
    ]
    assert waits == [0, 2, 4, 8, 32, 60, 60]


def test_a_browser_that_is_known_waits_for_nobodys_wrong_tries(console):
    login_name, secret = console.account("Dr Bose")
    world = console.world
    world.clock.time += timedelta(minutes=1)
    mark = let_in(console, login_name, secret)
    world.clock.time += timedelta(minutes=1)
    wrong_tries(console, 30)
    for number in range(25):
        caller = Caller(f"198.51.100.{number}", "")
        with pytest.raises(NotAllowed):
            logins.check_password(
                world.clinic, login_name=login_name, password="x", caller=caller, now=world.now
            )
    with pytest.raises(NotAllowed):
        let_in(console, login_name, secret)
    known = Caller(THERE.address, THERE.browser, mark)
    assert let_in(console, login_name, secret, known), "neither the name's lock nor the address's"


def test_a_known_browser_guesses_no_more_than_any_other(console):
    login_name, secret = console.account("Dr Bose")
    world = console.world
    world.clock.time += timedelta(minutes=1)
    known = Caller(THERE.address, "", let_in(console, login_name, secret))
    for _ in range(5):
        with pytest.raises(NotAllowed, match="not right"):
            logins.check_password(
                world.clinic, login_name=login_name, password="x", caller=known, now=world.now
            )
    with pytest.raises(NotAllowed, match="15 minutes"):
        let_in(console, login_name, secret, known)


def test_a_mark_is_good_for_who_logged_in_and_cannot_be_made_up(console):
    login_name, secret = console.account("Dr Bose")
    console.world.clock.time += timedelta(minutes=1)
    mark = let_in(console, login_name, secret)
    vault = console.world.clinic.db.vault

    def is_known(shown: str, name: str = login_name) -> bool:
        return not known_browsers.place_of(vault, shown, name, address="192.0.2.9").shared

    assert is_known(mark)
    assert not is_known(mark, "dr.lund")
    browser, signature = mark.split(".")
    for made_up in ("", ".", browser, f".{signature}", f"{'0' * 32}.{signature}", f"{browser}.é"):
        assert not is_known(made_up), made_up


def test_colleagues_may_share_a_computer_and_both_are_known(console):
    vault = console.world.clinic.db.vault
    mark = ""
    for name in ("dr.bose", "dr.lund", "dr.bose"):
        mark = known_browsers.mark_for(vault, mark, name)
    assert mark.count(".") == 2
    for name in ("dr.bose", "dr.lund"):
        assert not known_browsers.place_of(vault, mark, name, address="").shared
    for number in range(20):
        mark = known_browsers.mark_for(vault, mark, f"name{number}")
    assert mark.count(".") == 8


def test_the_addresses_of_one_house_are_one_place():
    """Each IPv6 line has more addresses than anybody could try."""
    places = {Place.network(f"2001:db8:1:2:{end}::1").key for end in ("a", "b", "c")}
    assert len(places) == 1
    assert Place.network("2001:db8:1:3::1").key not in places
    assert Place.network("::ffff:192.0.2.7") == Place.network("192.0.2.7")


def test_a_login_in_a_browser_makes_it_known(console):
    login_name, secret = console.account("Dr Bose")
    console.world.clock.time += timedelta(minutes=1)
    browser = console.browser()
    browser.get("/login")
    browser.post("/login", login_name=login_name, password=PASSWORD)
    assert not [name for name in browser.client.cookies if name.endswith("_known")]
    browser.get("/login/code")
    browser.post("/login/code", code=pyotp.TOTP(secret).at(console.world.now))
    (mark,) = [value for name, value in browser.client.cookies.items() if name.endswith("_known")]
    vault = console.world.clinic.db.vault
    assert not known_browsers.place_of(vault, mark, login_name, address="").shared
    console.world.clock.time += timedelta(minutes=1)
    wrong_tries(console, 30, address="testclient")
    fresh = console.browser()
    fresh.get("/login")
    assert fresh.post("/login", login_name=login_name, password=PASSWORD).status_code == 403
    browser.post("/logout")
    browser.get("/login")
    assert browser.post("/login", login_name=login_name, password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("header", "said", "locked"),
    [
        # Nobody said that this header is our proxy's: everybody may have written it.
        ("", "192.0.2.50", True),
        ("X-Forwarded-For", "192.0.2.50", False),
        ("X-Forwarded-For", "198.51.100.1, 192.0.2.50", False),
        # What the visitor wrote stands before what our proxy added.
        ("X-Forwarded-For", "192.0.2.50, 192.0.2.99", True),
        ("X-Forwarded-For", "no address", True),
    ],
)
def test_only_the_header_that_the_deployment_names_is_believed(world, header, said, locked):
    world.app = replace(world.app, settings=load_settings(console_address_header=header))
    console = Console(world)
    wrong_tries(console, 30, address="192.0.2.99")
    wrong_tries(console, 30, address="testclient")
    browser = console.browser()
    browser.get("/login")
    answer = browser.client.post(
        "/login",
        data={"_csrf_token": browser.token, "login_name": "mallory", "password": "x"},
        headers={"X-Forwarded-For": said},
    )
    assert ("your network" in answer.text) is locked
    console.close()


def test_codes_cannot_be_guessed_either(console):
    token, _name, secret = half(console)
    world = console.world
    for number in range(5):
        with pytest.raises(NotAllowed, match="not right"):
            logins.check_code(
                world.clinic, token, code=f"00000{number}", caller=HERE, now=world.now
            )
    world.clock.time += timedelta(minutes=1)
    with pytest.raises(NotAllowed, match="15 minutes"):
        logins.check_code(
            world.clinic, token, code=pyotp.TOTP(secret).at(world.now), caller=HERE, now=world.now
        )


def test_a_password_cannot_be_guessed_at_a_login_left_open_either(console):
    """Whoever sits down at an open login gets five tries, and the right one no longer counts."""
    console.account("Dr Bose")
    browser = console.as_("Dr Bose")
    new = "seven slow green snails"
    for _ in range(3):
        browser.post("/account/password", old="wrong", new=new, again=new)
    for _ in range(2):
        browser.post("/account/recovery-codes", password="wrong")
    answer = browser.post("/account/password", old=PASSWORD, new=new, again=new)
    assert answer.status_code == 400
    assert "15 minutes" in answer.text
    codes = browser.post("/account/recovery-codes", password=PASSWORD)
    assert codes.status_code == 400
    console.world.clock.time += timedelta(minutes=10)
    browser.get("/account")
    console.world.clock.time += timedelta(minutes=6)
    assert browser.post("/account/password", old=PASSWORD, new=new, again=new).status_code == 303


def test_an_unknown_name_is_refused_in_the_same_words(console):
    clinic, now = console.world.clinic, console.world.now
    with pytest.raises(NotAllowed) as unknown:
        logins.check_password(clinic, login_name="mallory", password="x", caller=HERE, now=now)
    login_name, _secret = console.account("Dr Bose")
    with pytest.raises(NotAllowed) as known:
        logins.check_password(clinic, login_name=login_name, password="x", caller=HERE, now=now)
    assert str(unknown.value) == str(known.value)


def test_a_login_ends_after_15_idle_minutes(console):
    token = full(console)
    console.world.clock.time += timedelta(minutes=14)
    assert seen(console, token)
    console.world.clock.time += timedelta(minutes=14)
    assert seen(console, token), "use keeps it"
    console.world.clock.time += timedelta(minutes=15)
    assert seen(console, token) is None


def test_an_open_page_that_only_listens_keeps_nothing_alive(console):
    token = full(console)
    for _ in range(14):
        console.world.clock.time += timedelta(minutes=1)
        assert seen(console, token, here=False)
    console.world.clock.time += timedelta(minutes=1)
    assert seen(console, token, here=False) is None


def test_a_login_ends_after_12_hours_however_busy(console):
    token = full(console)
    for _ in range(71):
        console.world.clock.time += timedelta(minutes=10)
        assert seen(console, token)
    console.world.clock.time += timedelta(minutes=10)
    assert seen(console, token) is None


def test_disabling_somebody_ends_every_login_at_once(console):
    bose = console.as_("Dr Bose")
    lund = console.as_("Dr Lund")
    assert lund.post(f"/staff/{console.staff_id('Dr Bose')}/disable").status_code == 303
    assert bose.get("/now").status_code == 303


def test_nobody_ends_somebody_elses_login(console):
    bose, lund = console.as_("Dr Bose"), console.as_("Dr Lund")
    with console.world.clinic.db.reading() as db:
        theirs = db.scalars(
            select(Login.id).where(Login.staff_id == console.staff_id("Dr Lund"))
        ).one()
    assert bose.post(f"/account/logins/{theirs}/end").status_code == 404
    assert lund.get("/now").status_code == 200
    assert lund.post(f"/account/logins/{theirs}/end").status_code == 303
    assert lund.get("/now").status_code == 303


def test_logging_off_ends_the_login_and_not_only_the_cookie(console):
    browser = console.as_("Dr Bose")
    token = browser.cookie
    browser.post("/logout")
    assert seen(console, token) is None


def test_a_set_up_link_is_good_once_and_for_a_day(console):
    clinic, world = console.world.clinic, console.world
    staff_id = console.staff_id("Sam")
    link = accounts.renew_link(clinic, staff_id, by="test", now=world.now)
    setup = accounts.look_at_setup(clinic, link.token, now=world.now)
    code = pyotp.TOTP(setup.secret).at(world.now)
    accounts.finish_setup(clinic, link.token, password=PASSWORD, code=code, now=world.now)
    with pytest.raises(NotFound):
        accounts.look_at_setup(clinic, link.token, now=world.now)
    late = accounts.renew_link(clinic, staff_id, by="test", now=world.now)
    with pytest.raises(NotFound):
        accounts.look_at_setup(clinic, late.token, now=world.now + timedelta(hours=24))


def test_a_fresh_link_ends_the_old_one_the_password_and_the_logins(console):
    clinic, world = console.world.clinic, console.world
    token = full(console)
    first = accounts.renew_link(clinic, console.staff_id("Dr Bose"), by="test", now=world.now)
    second = accounts.renew_link(clinic, console.staff_id("Dr Bose"), by="test", now=world.now)
    assert seen(console, token) is None
    with pytest.raises(NotFound):
        accounts.look_at_setup(clinic, first.token, now=world.now)
    assert accounts.look_at_setup(clinic, second.token, now=world.now).name == "Dr Bose"
    with pytest.raises(NotAllowed):
        logins.check_password(
            clinic, login_name=second.login_name, password=PASSWORD, caller=HERE, now=world.now
        )


def test_setting_up_in_a_browser(console):
    link = accounts.renew_link(
        console.world.clinic, console.staff_id("Sam"), by="test", now=console.world.now
    )
    browser = console.browser()
    page = browser.get(link.path).text
    assert "<svg" in page
    assert "style=" not in page.split("<svg", 1)[1].split("</svg>")[0]
    setup = accounts.look_at_setup(console.world.clinic, link.token, now=console.world.now)
    code = pyotp.TOTP(setup.secret).at(console.world.now)
    form = {"password": PASSWORD, "again": PASSWORD, "code": code}
    assert browser.post(link.path, **{**form, "again": "other words here!"}).status_code == 400
    assert (
        browser.post(
            link.path, **{**form, "password": "password1234", "again": "password1234"}
        ).status_code
        == 400
    )
    assert browser.post(link.path, **{**form, "code": "000000"}).status_code == 400
    done = browser.post(link.path, **form)
    assert done.status_code in (200, 201)
    assert done.text.count("<li>") == 10


def test_nothing_that_opens_the_door_is_readable_in_the_database(console):
    token = full(console)
    with console.world.clinic.db.reading() as db:
        account = db.scalars(select(StaffAccount)).first()
        stored = [row.token_hash for row in db.scalars(select(Login))]
        told = " ".join(str(row.details) + row.subject for row in db.scalars(select(AuditEvent)))
    assert account.password_hash.startswith("$argon2id$")
    assert token not in stored
    assert token not in told
    assert b"otpauth" not in account.totp_sealed


@pytest.mark.parametrize(
    "easy",
    [
        "short",
        "aaaaaaaaaaaaaaa",
        "password1234",
        "P4ssw0rd!2026",
        "qwertyuiop12",
        "123456789012",
        "drbose123456",
        "abcdefghijkl",
        "letmein!!!!!",
        "welcome2026!",
    ],
)
def test_an_easy_password_is_refused_with_advice(easy):
    assert passwords.objection(easy, own_words=("Dr Bose", "dr.bose"))


@pytest.mark.parametrize(
    "good", [PASSWORD, "mi gata duerme al sol", "purple kettle sings", "zj8&kqpw2x!v"]
)
def test_length_is_enough_and_signs_are_not_asked_for(good):
    assert passwords.objection(good, own_words=("Dr Bose", "dr.bose")) is None


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%2f%2fevil.example",
        "javascript:alert(1)",
        "/now?x=1",
        "now",
        "/\n/evil.example",
        "/login/../..//evil.example",
    ],
)
def test_a_login_leads_only_to_our_own_pages(console, elsewhere):
    browser = console.browser()
    browser.get("/login")
    answer = browser.post(f"/tap/{console.staff_id('Dr Bose')}", next=elsewhere)
    assert answer.headers["location"] == "/"
    page = browser.client.get("/login", params={"next": elsewhere}).text
    assert "evil.example" not in page


def test_passwords_change_only_with_the_old_one(console):
    login_name, _secret = console.account("Dr Bose")
    browser, other = console.as_("Dr Bose"), console.as_("Dr Bose")
    new = "seven slow green snails"
    assert browser.post("/account/password", old="wrong", new=new, again=new).status_code == 400
    assert browser.post("/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303, "other browsers are logged off"
    assert logins.check_password(
        console.world.clinic,
        login_name=login_name,
        password=new,
        caller=HERE,
        now=console.world.now,
    )
