"""Every page answers, says what it is for, and is a sound web page."""

import pytest

PAGES = {
    "Dr Lund": (
        *("/now", "/now/again", "/patients", "/inbox", "/inbox/print", "/rota", "/staff"),
        *("/audit", "/health", "/account", "/models", "/models/try"),
    ),
    "Sam": (
        *("/now", "/patients", "/inbox", "/models", "/models/try"),
        *("/rota", "/health", "/account"),
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_with_a_help_line(console, name):
    browser = console.as_(name)
    for path in PAGES[name]:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.text[-800:])
        assert 'class="help"' in answer.text, path
        assert "<h1>" in answer.text, path


def test_the_first_page_leads_to_each_ones_work(console):
    assert console.as_("Dr Bose").get("/").headers["location"] == "/now"


def test_a_patients_and_an_alerts_page_answer(console, world):
    world.text("Bea", "i want to die")
    browser = console.as_("Dr Bose")
    alert = world.alert("Bea")
    for path in (f"/alerts/{alert.id}", f"/patients/{console.patient_id('Bea')}"):
        answer = browser.get(path)
        assert answer.status_code == 200, answer.text[-800:]
    assert "<mark>" in browser.get(f"/alerts/{alert.id}").text
