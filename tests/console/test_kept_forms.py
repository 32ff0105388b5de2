"""A login that ends while somebody writes: nothing is done, and no words are lost."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.console import words
from bot.services import kept_forms, logins
from bot.storage.tables import Note, Setting
from tests.console.browser import Console

WORDS = "Spoke with her sister, who stays the night <b>"


def notes_of(world) -> int:
    with world.clinic.db.reading() as db:
        return len(db.scalars(select(Note)).all())


@pytest.fixture
def ann(console) -> str:
    return console.patient_id("Ann")


def form_of(browser, path: str):
    """The page is open in this browser: its token stays, whatever happens to the login."""
    browser.get(path)
    return browser.token


def test_a_note_written_over_the_end_of_a_login_waits_in_its_form(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    answer = browser.post(f"/patients/{ann}/notes", words=WORDS)
    assert answer.status_code == 401
    assert "Nothing was done" in answer.text
    assert f'href="/login?next=/patients/{ann}"' in answer.text
    assert notes_of(world) == 0, "it is never carried out by itself"
    again = console.as_("Dr Bose")
    page = again.get(f"/patients/{ann}").text
    assert "Spoke with her sister, who stays the night &lt;b&gt;" in page.split('id="note"')[1]
    assert "Nothing was done and nobody got it" in page
    assert notes_of(world) == 0, "nor by looking at it"
    assert again.post(f"/patients/{ann}/notes", words=WORDS).status_code == 303
    assert notes_of(world) == 1
    assert "Nothing was done and nobody got it" not in again.get(f"/patients/{ann}").text


def test_a_text_to_her_is_kept_and_not_sent(console, world, ann):
    browser = console.as_("Sam")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/patients/{ann}/texts", words="I will call you.", key=console.key("Sam"))
    page = console.as_("Sam").get(f"/patients/{ann}").text
    assert "I will call you." in page.split('id="text"')[1].split("</textarea>")[0]
    world.settle()
    assert world.words_to("Ann") == []


def test_the_outcome_of_an_alert_comes_back_whole(console, world):
    world.text("Bea", "i want to die")
    path = f"/alerts/{world.alert('Bea').id}"
    browser = console.as_("Dr Bose")
    browser.post(f"{path}/acknowledge")
    form_of(browser, path)
    world.clock.time += timedelta(minutes=16)
    said = {"disposition": "reached_safe", "verdict": "true", "words": WORDS}
    assert browser.post(f"{path}/close", **said).status_code == 401
    assert world.alert("Bea") is not None
    page = console.as_("Dr Bose").get(path).text
    assert '<option value="reached_safe" selected>' in page
    assert '<option value="true" selected>' in page
    assert "Spoke with her sister" in page.split('id="outcome"')[1].split("</textarea>")[0]
    assert "Spoke with her sister" not in page.split('id="contact"')[1].split("</textarea>")[0]


def test_nobody_else_at_this_computer_sees_it(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/patients/{ann}/notes", words=WORDS)
    browser.post(f"/tap/{console.staff_id('Sam')}")
    browser.get("/login")
    browser.post(f"/tap/{console.staff_id('Sam')}")
    page = browser.get(f"/patients/{ann}").text
    assert "Log off" in page
    assert "Spoke with her sister" not in page


def test_a_form_of_the_login_before_waits_on_its_page(console, world, ann):
    """Logged in again in another window: the old window's form is too old, and not lost."""
    browser = console.as_("Dr Bose")
    old = form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.get("/login")
    browser.post(f"/tap/{console.staff_id('Dr Bose')}")
    browser.token = old
    answer = browser.post(f"/patients/{ann}/notes", words=WORDS)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/patients/{ann}"
    assert notes_of(world) == 0
    assert "Spoke with her sister" in browser.get(f"/patients/{ann}").text


def test_what_another_person_wrote_before_is_kept_for_that_person(console, world, ann):
    browser = console.as_("Dr Bose")
    old = form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.get("/login")
    browser.post(f"/tap/{console.staff_id('Sam')}")
    browser.token = old
    assert browser.post(f"/patients/{ann}/notes", words=WORDS).status_code == 403
    assert "Spoke with her sister" not in browser.get(f"/patients/{ann}").text
    assert "Spoke with her sister" in console.as_("Dr Bose").get(f"/patients/{ann}").text


def test_a_forged_form_plants_no_words(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    login_id = browser.token.partition(".")[0]
    for token in ("", "x" * 64, f"{login_id}.{'0' * 64}"):
        browser.token = token or "-"
        assert browser.post(f"/patients/{ann}/notes", words="planted").status_code == 403
    assert "planted" not in console.as_("Dr Bose").get(f"/patients/{ann}").text


def test_a_browser_that_was_logged_off_keeps_nothing(console, world, ann):
    browser = console.as_("Dr Bose")
    token = form_of(browser, f"/patients/{ann}")
    visitor = logins.recognise(world.clinic, browser.cookie, now=world.now)
    logins.end(world.clinic, visitor, visitor.login_id, now=world.now)
    browser.token = token
    answer = browser.post(f"/patients/{ann}/notes", words=WORDS)
    assert answer.status_code == 401
    assert "kept" not in answer.text
    assert "Spoke" not in console.as_("Dr Bose").get(f"/patients/{ann}").text


def test_it_can_be_thrown_away(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/patients/{ann}/notes", words=WORDS)
    again = console.as_("Dr Bose")
    again.get(f"/patients/{ann}")
    action, page = f"/patients/{ann}/notes", f"/patients/{ann}"
    answer = again.post("/account/kept-form/drop", action=action, page=page)
    assert answer.headers["location"].startswith(page)
    assert "Spoke with her sister" not in again.get(page).text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/now?x=1"])
def test_throwing_it_away_leads_to_our_own_pages_only(console, elsewhere):
    answer = console.as_("Sam").post("/account/kept-form/drop", action="x", page=elsewhere)
    assert answer.headers["location"].partition("?")[0] == "/"


def test_nobody_throws_away_what_another_person_wrote(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/patients/{ann}/notes", words=WORDS)
    console.as_("Sam").post("/account/kept-form/drop", action=f"/patients/{ann}/notes", page="/")
    assert "Spoke with her sister" in console.as_("Dr Bose").get(f"/patients/{ann}").text


def test_words_are_sealed_audited_without_words_and_gone_after_a_day(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/patients/{ann}/notes", words=WORDS)
    with world.clinic.db.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT value FROM kept_settings")).all())
    assert "sister" not in stored
    assert "sister" not in str(console.audited("keep_form")[-1].details)
    bose = console.staff_id("Dr Bose")
    assert kept_forms.find_all(world.clinic, bose, f"/patients/{ann}", now=world.now)
    world.clock.time += timedelta(hours=24)
    assert kept_forms.find_all(world.clinic, bose, f"/patients/{ann}", now=world.now) == []
    world.settle()
    with world.clinic.db.reading() as db:
        left = [name for name in db.scalars(select(Setting.name)) if name.startswith("kept_form")]
    assert left == []


@pytest.mark.parametrize(
    ("page", "action", "form"),
    [
        ("/staff", "/staff", {"name": "Pat Quill", "phone": "+12025550133", "role": "support"}),
        ("/rota", "/rota/shifts", {"starts": "2026-01-09T08:15", "ends": "2026-01-09T20:45"}),
        ("/models", "/models/questions", {"text": "where do i park the pram"}),
        ("/models/try", "/models/try", {"text": "where do i park the pram"}),
    ],
)
def test_short_forms_come_back_too(console, world, page, action, form):
    browser = console.as_("Dr Lund")
    form_of(browser, page)
    world.clock.time += timedelta(minutes=16)
    assert browser.post(action, **form).status_code == 401
    found = console.as_("Dr Lund").get(page).text
    assert "Your login ended while you wrote this" in found
    assert all(f'value="{said}"' in found for said in form.values() if said != "support")
    assert "Pat Quill" not in console.as_("Sam").get("/rota").text


def test_what_was_tried_after_all_is_not_kept_any_more(console, world):
    browser = console.as_("Dr Lund")
    form_of(browser, "/models/try")
    world.clock.time += timedelta(minutes=16)
    browser.post("/models/try", text="where do i park")
    again = console.as_("Dr Lund")
    again.get("/models/try")
    assert again.post("/models/try", text="where do i park").status_code == 200
    assert "Your login ended" not in again.get("/models/try").text


# What is not kept, and why not: secrets, names that are looked for, and forms that look only.
NOT_KEPT = {
    *("/login", "/login/code", "/setup/{token}", "/account/password", "/account/recovery-codes"),
    *("/patients/search", "/audit", "/teach"),
}
PARAMETER, JINJA = re.compile(r"\{[^}]+\}"), re.compile(r"\{\{.*?\}\}")
FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<textarea(?![^>]*readonly)|<input(?![^>]*type="(?:hidden|radio|checkbox)")')


def test_every_form_that_is_written_into_is_kept_or_is_named_here(console: Console):
    """Looked up in the templates: a new form with a field cannot be forgotten."""
    kept = {
        PARAMETER.sub("{}", route.path_format)
        for route in console.app.routes
        for handler in getattr(route, "route_handlers", [])
        if handler.opt.get("keeps")
    }
    templates = (words.HERE / "templates").glob("*.html")
    written_into = {
        JINJA.sub("{}", action)
        for template in templates
        for action, inside in FORM.findall(template.read_text(encoding="utf-8"))
        if FIELD.search(inside)
    }
    assert len(written_into) > 10, "the templates are found"
    assert not written_into - kept - {PARAMETER.sub("{}", one) for one in NOT_KEPT}


def test_every_form_with_words_says_where_it_stands(console: Console):
    """Forms with long words keep them; a new one must say so too."""
    kept = {
        route.path_format: handler.opt["keeps"]
        for route in console.app.routes
        for handler in getattr(route, "route_handlers", [])
        if handler.opt.get("keeps")
    }
    assert set(kept) >= {
        *("/alerts/{alert_id}/contact", "/alerts/{alert_id}/close", "/alerts/{alert_id}/outcome"),
        *("/alerts/{alert_id}/calls/{item_id}", "/patients/{patient_id}/notes"),
        *("/patients/{patient_id}/texts", "/inbox/hand-over", "/inbox/{item_id}/answer"),
        *("/teach/save", "/staff", "/rota/shifts", "/models/questions", "/models/try"),
    }


def test_the_words_of_the_other_forms_of_the_page_are_kept_too(console, world, ann):
    """The page's script sends along what stands in its other forms."""
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    others = json.dumps({f"/patients/{ann}/texts": {"words": "I will call you."}})
    browser.post(f"/patients/{ann}/notes", words=WORDS, kept=others)
    again = console.as_("Dr Bose")
    page = again.get(f"/patients/{ann}").text
    assert "I will call you." in page.split('id="text"')[1].split("</textarea>")[0]
    assert "Spoke with her sister" in page.split('id="note"')[1].split("</textarea>")[0]
    assert again.post(f"/patients/{ann}/notes", words=WORDS).status_code == 303
    left = again.get(f"/patients/{ann}").text
    assert "I will call you." in left.split('id="text"')[1].split("</textarea>")[0]
    action = re.search(r'name="action" value="([^"]+)"', page)
    assert action is not None
    again.post("/account/kept-form/drop", action=action[1], page=f"/patients/{ann}")
    assert "I will call you." not in again.get(f"/patients/{ann}").text


def test_a_refused_form_leaves_the_others_as_they_were(console, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    others = json.dumps({f"/patients/{ann}/texts": {"words": "I will call you."}})
    refused = browser.post(f"/patients/{ann}/notes", words=" ", kept=others)
    assert refused.status_code == 409
    assert "I will call you." in refused.text.split('id="text"')[1].split("</textarea>")[0]


@pytest.mark.parametrize("ended", [False, True])
def test_a_page_that_is_left_because_nobody_was_there_keeps_its_words(console, world, ann, ended):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16 if ended else 14)
    others = json.dumps({f"/patients/{ann}/notes": {"words": WORDS}})
    browser.post("/account/kept-form/keep", page=f"/patients/{ann}", kept=others)
    assert notes_of(world) == 0
    page = console.as_("Dr Bose").get(f"/patients/{ann}").text
    assert "Spoke with her sister" in page.split('id="note"')[1].split("</textarea>")[0]


@pytest.mark.parametrize(
    "kept",
    ["[]", "{", "1", '{"//evil.example": {"words": "x"}}', '{"/now": 1}', '{"/now": {"a": 1}}'],
)
def test_others_that_make_no_sense_are_left_out(console, world, ann, kept):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    assert browser.post(f"/patients/{ann}/notes", words=WORDS, kept=kept).status_code == 401
    bose = console.staff_id("Dr Bose")
    found = kept_forms.find_all(world.clinic, bose, f"/patients/{ann}", now=world.now)
    assert [one.action for one in found] == [f"/patients/{ann}/notes"]


def test_kept_words_are_told_of_on_every_page_until_they_are_sent(console, world, ann):
    browser = console.as_("Dr Bose")
    form_of(browser, f"/patients/{ann}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/patients/{ann}/notes", words=WORDS)
    again = console.as_("Dr Bose")
    for path in ("/now", "/inbox", "/account"):
        page = again.get(path).text
        assert f'waits for you: <a href="/patients/{ann}">' in page, path
        assert "sister" not in page
    assert "waits for you" not in again.get(f"/patients/{ann}").text, "there it stands itself"
    assert "waits for you" not in console.as_("Sam").get("/inbox").text
    again.get(f"/patients/{ann}")
    again.post(f"/patients/{ann}/notes", words=WORDS)
    assert "waits for you" not in again.get("/now").text


def test_words_to_an_alert_that_is_no_longer_hers_say_so(console, world):
    world.text("Bea", "i want to die")
    alert = world.alert("Bea")
    browser = console.as_("Dr Bose")
    browser.post(f"/alerts/{alert.id}/acknowledge")
    form_of(browser, f"/alerts/{alert.id}")
    world.clock.time += timedelta(minutes=16)
    browser.post(f"/alerts/{alert.id}/contact", words=WORDS, reached="no")
    console.as_("Dr Lund").post(f"/alerts/{alert.id}/take-over")
    page = console.as_("Dr Bose").get(f"/alerts/{alert.id}").text
    assert f"You no longer have {alert.code}. Take it over; your words are kept." in page
    assert "It stands in its form again" not in page
    lund = console.as_("Dr Lund")
    lund.post(f"/alerts/{alert.id}/hand-back")
    page = console.as_("Dr Bose").get(f"/alerts/{alert.id}").text
    assert f"You no longer have {alert.code}. Acknowledge it; your words are kept." in page
