"""In the console: a closing that was wrong, a number nobody knows, a phone that said STOP."""

from bot.core.alerts import AlertStatus
from bot.core.messages import OptOutType
from bot.errors import OptedOut
from tests.world import number_of

UNKNOWN = "+12025550177"


def closed(console, world) -> str:
    world.text("Bea", "i want to die")
    alert_id = world.alert("Bea").id
    browser = console.as_("Dr Bose")
    browser.post(f"/alerts/{alert_id}/acknowledge")
    browser.post(
        f"/alerts/{alert_id}/close", disposition="false_alarm", verdict="true", words="oops"
    )
    assert console.alert(alert_id).status == AlertStatus.RESOLVED
    return alert_id


def test_a_clinician_corrects_a_closing_and_opens_an_alert_again(console, world):
    alert_id, browser = closed(console, world), console.as_("Dr Lund")
    answer = browser.post(f"/alerts/{alert_id}/correct", disposition="reached_safe", words="x")
    assert answer.status_code == 409, "no verdict"
    given = {"disposition": "reached_safe", "verdict": "true", "words": "wrong one"}
    assert browser.post(f"/alerts/{alert_id}/correct", **given).status_code == 303
    assert console.alert(alert_id).disposition == "reached_safe"
    shown = browser.get(f"/alerts/{alert_id}").text
    assert "before: false alarm; the alert was right" in shown
    assert browser.post(f"/alerts/{alert_id}/reopen", words="not over").status_code == 303
    assert console.alert(alert_id).acknowledged_by == console.staff_id("Dr Lund")


def test_support_can_neither_correct_nor_open_again(console, world):
    alert_id, browser = closed(console, world), console.as_("Sam")
    for act in ("correct", "reopen"):
        assert browser.post(f"/alerts/{alert_id}/{act}", words="x").status_code == 403


def test_a_clinician_can_phone_a_number_that_nobody_knows_and_the_look_is_on_record(console, world):
    world.text(UNKNOWN, "i want to die")
    alert_id = world.alert(UNKNOWN).id
    assert f"tel:{UNKNOWN}" in console.as_("Dr Bose").get(f"/alerts/{alert_id}").text
    assert [event.subject for event in console.audited("view_number")] == [f"alert:{alert_id}"]
    seen_by_support = console.as_("Sam").get(f"/alerts/{alert_id}").text
    assert UNKNOWN not in seen_by_support
    assert len(console.audited("view_number")) == 1


def test_danger_from_a_colleagues_phone_says_whose_it_is(console, world):
    world.text("Sam", "i want to die")
    alert_id = world.alert("Sam").id
    assert world.to("Dr Bose")[0] == "page_alert"
    browser = console.as_("Dr Bose")
    for page in ("/now", f"/alerts/{alert_id}"):
        shown = browser.get(page).text
        assert "Sam (staff, own phone)" in shown
        assert "do not know" not in shown


def test_a_phone_that_said_stop_is_named_on_now_rota_health_and_in_the_inbox(console, world):
    world.carrier.refuses[number_of("Dr Bose")] = OptedOut()
    world.text("Dr Bose", "STOP", opt_out=OptOutType.STOP)
    lund = console.as_("Dr Lund")
    for page in ("/now", "/rota", "/health"):
        assert "Dr Bose cannot be paged by text" in lund.get(page).text, page
    assert "A phone said STOP and is only rung, Dr Bose" in lund.get("/inbox").text


def test_a_colleague_in_danger_can_neither_take_nor_close_the_alert_about_himself(console, world):
    world.text("Dr Bose", "i want to die")
    alert_id, browser = world.alert("Dr Bose").id, console.as_("Dr Bose")
    for page in ("/now", f"/alerts/{alert_id}"):
        shown = browser.get(page).text
        assert "about your own phone" in shown.lower()
        assert f"/alerts/{alert_id}/acknowledge" not in shown
        assert number_of("Dr Bose") not in shown
    assert console.audited("view_number") == []
    for act in ("acknowledge", "take-over"):
        answer = browser.post(f"/alerts/{alert_id}/{act}")
        assert answer.status_code == 409
        assert "This alert is about your own phone. Somebody else is paged." in answer.text
    assert console.alert(alert_id).status == AlertStatus.OPEN
    ruiz = console.as_("Dr Ruiz")
    assert f"tel:{number_of('Dr Bose')}" in ruiz.get(f"/alerts/{alert_id}").text
    ruiz.post(f"/alerts/{alert_id}/acknowledge")
    given = {"disposition": "reached_safe", "verdict": "true", "words": "fine"}
    assert browser.post(f"/alerts/{alert_id}/close", **given).status_code == 409
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED
