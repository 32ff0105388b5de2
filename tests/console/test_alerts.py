"""What a clinician does about an alert in the console, and what the page shows before the call."""

from datetime import timedelta

import pytest

from bot.core.alerts import AlertStatus, SupportStatus
from bot.services import alert_acts, talk_lines
from bot.storage import alerts as stored
from bot.storage.tables import Patient


@pytest.fixture
def alert_id(console, world):
    world.text("Bea", "are you there")
    world.clock.time += timedelta(minutes=1)
    world.text("Bea", "i cant do this any more, i want to die")
    return world.alert("Bea").id


def test_acknowledging_stops_the_pages(console, world, alert_id):
    browser = console.as_("Dr Bose")
    assert browser.post(f"/alerts/{alert_id}/acknowledge").status_code == 303
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED
    assert console.audited("acknowledge")[-1].actor == f"staff:{console.staff_id('Dr Bose')}"
    pages = world.to("Dr Ruiz").count("page_first")
    world.wait(minutes=20)
    assert world.to("Dr Ruiz").count("page_first") == pages


def test_two_at_once_have_one_holder_and_the_other_is_told_who(console, alert_id):
    assert console.as_("Dr Bose").post(f"/alerts/{alert_id}/acknowledge").status_code == 303
    answer = console.as_("Dr Lund").post(f"/alerts/{alert_id}/acknowledge")
    assert answer.status_code == 409
    assert "Dr Bose has" in answer.text


def test_a_double_tap_is_one_acknowledgement(console, alert_id):
    browser = console.as_("Dr Bose")
    for _ in range(2):
        assert browser.post(f"/alerts/{alert_id}/acknowledge").status_code == 303
    assert len(console.audited("acknowledge")) == 1


def test_an_alert_can_be_taken_over_and_handed_back(console, world, alert_id):
    bose, lund = console.as_("Dr Bose"), console.as_("Dr Lund")
    bose.post(f"/alerts/{alert_id}/acknowledge")
    lund.post(f"/alerts/{alert_id}/take-over")
    assert console.alert(alert_id).acknowledged_by == console.staff_id("Dr Lund")
    assert bose.post(f"/alerts/{alert_id}/hand-back").status_code == 409
    assert lund.post(f"/alerts/{alert_id}/hand-back").status_code == 303
    assert console.alert(alert_id).status == AlertStatus.OPEN


def test_an_alert_is_closed_with_an_outcome_and_a_note(console, world, alert_id):
    browser = console.as_("Dr Bose")
    close = f"/alerts/{alert_id}/close"
    assert browser.post(close, disposition="reached_safe", words="ok").status_code == 409, (
        "not hers"
    )
    browser.post(f"/alerts/{alert_id}/acknowledge")
    assert (
        browser.post(close, disposition="reached_safe", verdict="true", words=" ").status_code
        == 409
    )
    assert (
        browser.post(close, disposition="nonsense", verdict="true", words="ok").status_code == 409
    )
    unsaid = browser.post(close, disposition="reached_safe", words="ok")
    assert "whether the alert was right" in unsaid.text
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED
    done = browser.post(
        close, disposition="reached_safe", verdict="true", words="Spoke; sister stays."
    )
    assert done.status_code == 303
    assert console.alert(alert_id).status == AlertStatus.RESOLVED
    page = browser.get(f"/alerts/{alert_id}").text
    assert "Spoke; sister stays." in page
    assert "Reached, and safe" in page


def test_a_note_that_was_refused_is_not_lost(console, alert_id):
    browser = console.as_("Dr Bose")
    answer = browser.post(
        f"/alerts/{alert_id}/close", disposition="reached_safe", words="half a page of words"
    )
    assert answer.status_code == 409
    assert "half a page of words" in answer.text


def test_words_of_a_contact_stand_in_no_other_form(console, alert_id):
    """What was typed for "I reached her" must not be sent as the outcome by a second tap."""
    browser = console.as_("Dr Bose")
    browser.post(f"/alerts/{alert_id}/acknowledge")
    answer = browser.post(f"/alerts/{alert_id}/contact", words="left a message", reached="")
    assert answer.status_code == 409
    assert "left a message" in answer.text.split('id="contact"')[1].split("</textarea>")[0]
    assert "left a message" not in answer.text.split('id="outcome"')[1].split("</textarea>")[0]
    answer = browser.post(f"/alerts/{alert_id}/close", words="she is safe", disposition="")
    assert "she is safe" in answer.text.split('id="outcome"')[1].split("</textarea>")[0]
    assert "she is safe" not in answer.text.split('id="contact"')[1].split("</textarea>")[0]


def test_a_contact_keeps_the_alert_from_going_stale(console, world, alert_id):
    bose = console.staff_id("Dr Bose")
    alert_acts.acknowledge(world.clinic, alert_id, staff_id=bose, now=world.now)
    stale = console.alert(alert_id).next_step_at
    world.clock.time = stale - timedelta(minutes=1)
    alert_acts.record_contact(
        world.clinic, alert_id, "No answer.", reached=False, staff_id=bose, now=world.now
    )
    world.wait(minutes=5)
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED
    world.clock.time = console.alert(alert_id).next_step_at
    world.settle()
    assert console.alert(alert_id).status == AlertStatus.OPEN


def test_support_sees_an_alert_and_cannot_take_it(console, alert_id):
    browser = console.as_("Sam")
    page = browser.get(f"/alerts/{alert_id}").text
    assert "want to die" in page
    assert "Last scores" not in page
    assert browser.post(f"/alerts/{alert_id}/acknowledge").status_code == 403
    assert console.alert(alert_id).status == AlertStatus.OPEN


def test_looking_at_an_alert_goes_on_record(console, alert_id):
    console.as_("Sam").get(f"/alerts/{alert_id}")
    event = console.audited("view_alert")[-1]
    assert event.actor == f"staff:{console.staff_id('Sam')}"
    assert event.details["patient"] == console.patient_id("Bea")


def test_the_page_shows_words_reasons_pages_and_timeline(console, alert_id):
    page = console.as_("Dr Bose").get(f"/alerts/{alert_id}").text
    assert "<mark>" in page
    assert "are you there" in page, "the line before"
    assert "Dr Bose" in page.split('id="pages"')[1]
    assert "Alert raised" in page.split('id="timeline"')[1]


def test_her_words_stand_before_our_answer_to_them(console, alert_id):
    page = console.as_("Dr Bose").get(f"/alerts/{alert_id}").text
    assert page.index("want to die") < page.index("Thank you for telling me")


@pytest.mark.parametrize(
    ("spans", "parts"),
    [
        ([], [("abcdef", False)]),
        ([(1, 3)], [("a", False), ("bc", True), ("def", False)]),
        ([(1, 3), (2, 5)], [("a", False), ("bc", True), ("de", True), ("f", False)]),
        ([(4, 99)], [("abcd", False), ("ef", True)]),
        ([(9, 12)], [("abcdef", False)]),
        ([(3, 2)], [("abcdef", False)]),
    ],
)
def test_marks_cover_what_was_seen_and_never_change_her_words(spans, parts):
    assert talk_lines.marked("abcdef", spans) == parts
    assert "".join(words for words, _ in parts) == "abcdef"


def test_all_quiet_says_when_the_line_last_reported(console, world):
    world.settle()
    page = console.as_("Dr Bose").get("/now").text
    assert "All quiet" in page
    assert "last reported" in page
    world.clock.time += timedelta(minutes=5)
    assert "has not reported" in console.as_("Dr Bose").get("/now").text


def test_the_most_pressing_alert_stands_first(console, world, alert_id):
    world.text("Ann", "my baby is limp and blue")
    page = console.as_("Dr Bose").get("/now").text
    assert page.index("Infant emergency") < page.index("Thoughts of suicide")


def _acknowledged(console, alert_id):
    browser = console.as_("Dr Bose")
    browser.post(f"/alerts/{alert_id}/acknowledge")
    return browser


def test_to_send_somebody_to_her_does_not_close_and_only_what_came_of_it_does(console, alert_id):
    bose = _acknowledged(console, alert_id)
    sent = bose.post(
        f"/alerts/{alert_id}/close", disposition="welfare_check", verdict="true", words="Sent."
    )
    assert "done=awaits" in sent.headers["location"], "the page must not say that it is closed"
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED
    assert "What came of sending somebody" in bose.get(f"/alerts/{alert_id}").text
    outcome = f"/alerts/{alert_id}/outcome"
    nobody = bose.post(outcome, outcome="not_found", words="Nobody opened.")
    assert "done=still_yours" in nobody.headers["location"]
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED
    assert bose.post(outcome, outcome="in_care", words="At the hospital.").status_code == 303
    assert console.alert(alert_id).status == AlertStatus.RESOLVED
    page = bose.get(f"/alerts/{alert_id}").text
    assert all(words in page for words in ("Sent.", "Nobody opened.", "At the hospital."))


def test_a_contact_says_whether_she_was_reached(console, alert_id):
    bose = _acknowledged(console, alert_id)
    unsaid = bose.post(f"/alerts/{alert_id}/contact", words="Rang twice.")
    assert unsaid.status_code == 409
    assert "Rang twice." in unsaid.text
    done = bose.post(f"/alerts/{alert_id}/contact", words="Rang twice.", reached="no")
    assert done.status_code == 303


def test_follow_up_calls_are_noted_on_the_page_and_never_ticked_off(console, world, alert_id):
    bose = _acknowledged(console, alert_id)
    bose.post(
        f"/alerts/{alert_id}/close", disposition="reached_safe", verdict="true", words="Spoke."
    )
    first, second = _calls(world, alert_id)
    assert "Next call" in bose.get(f"/alerts/{alert_id}").text
    assert bose.post(f"/inbox/{first.id}/close").status_code == 409
    call = f"/alerts/{alert_id}/calls/{first.id}"
    assert bose.post(call, reached="yes", words=" ").status_code == 409
    assert console.as_("Sam").post(call, reached="yes", words="Well.").status_code == 403
    assert bose.post(call, reached="no", words="No answer.").status_code == 303
    assert _calls(world, alert_id)[0].status == SupportStatus.OPEN
    assert bose.post(call, reached="yes", words="She slept.").status_code == 303
    assert _calls(world, alert_id)[0].status == SupportStatus.CLOSED
    assert "She slept." in bose.get(f"/alerts/{alert_id}").text
    bose.post(f"/inbox/{first.id}/reopen")
    assert _calls(world, alert_id)[0].raise_at, "open again, it pages again when nobody makes it"
    assert second.status == SupportStatus.OPEN


def test_a_call_of_another_alert_is_not_noted_here(console, world, alert_id):
    bose = _acknowledged(console, alert_id)
    bose.post(
        f"/alerts/{alert_id}/close", disposition="reached_safe", verdict="true", words="Spoke."
    )
    world.text("Ann", "i want to die")
    other, call = world.alert("Ann").id, _calls(world, alert_id)[0]
    answer = bose.post(f"/alerts/{other}/calls/{call.id}", reached="yes", words="Well.")
    assert answer.status_code == 409
    assert _calls(world, alert_id)[0].status == SupportStatus.OPEN


def test_a_clinician_releases_her_sessions_once_the_alert_is_closed(console, world, alert_id):
    bose, patient = _acknowledged(console, alert_id), console.patient_id("Bea")
    release = f"/patients/{patient}/release-sessions"
    assert "Her sessions are blocked" in bose.get(f"/alerts/{alert_id}").text
    assert bose.post(release).status_code == 409, "not while the alert is open"
    bose.post(
        f"/alerts/{alert_id}/close", disposition="reached_safe", verdict="true", words="Spoke."
    )
    assert console.as_("Sam").post(release).status_code == 403
    assert "Release her sessions" in bose.get(f"/alerts/{alert_id}").text
    assert bose.post(release).status_code == 303
    assert "Her sessions are blocked" not in bose.get(f"/alerts/{alert_id}").text
    assert console.audited("release_sessions")[-1].actor == f"staff:{console.staff_id('Dr Bose')}"


def _calls(world, alert_id):
    with world.clinic.db.reading() as db:
        return list(stored.list_follow_ups(db, alert_id))


def test_a_stale_page_does_not_close_what_a_colleague_has_taken_over(console, alert_id):
    bose = _acknowledged(console, alert_id)
    console.as_("Dr Lund").post(f"/alerts/{alert_id}/take-over")
    words = "Spoke with her for an hour."
    form = {"disposition": "reached_safe", "verdict": "true", "words": words}
    refused = bose.post(f"/alerts/{alert_id}/close", **form)
    assert refused.status_code == 409
    assert "Dr Lund has" in refused.text
    assert words in refused.text, "what was written is not lost"
    assert console.alert(alert_id).status == AlertStatus.ACKNOWLEDGED


def test_what_is_awaited_stays_with_the_alert_when_a_colleague_takes_it(console, alert_id):
    bose, lund = _acknowledged(console, alert_id), console.as_("Dr Lund")
    sent = {"disposition": "sent_to_emergency", "verdict": "true", "words": "911 is on the way."}
    bose.post(f"/alerts/{alert_id}/close", **sent)
    bose.post(f"/alerts/{alert_id}/hand-back")
    for page in ("/now", f"/alerts/{alert_id}"):
        shown = " ".join(lund.get(page).text.split())
        assert "Emergency care sent 10:01 am by Dr Bose: outcome not known" in shown, page
    lund.post(f"/alerts/{alert_id}/acknowledge")
    assert "What came of sending somebody" in lund.get(f"/alerts/{alert_id}").text
    plain = {"disposition": "reached_safe", "verdict": "true", "words": "Fine."}
    refused = lund.post(f"/alerts/{alert_id}/close", **plain)
    assert refused.status_code == 409
    assert "Say first what came of it" in refused.text
    lund.post(f"/alerts/{alert_id}/outcome", outcome="in_care", words="On the ward.")
    assert console.alert(alert_id).status == AlertStatus.RESOLVED
    assert "outcome not known" not in lund.get(f"/alerts/{alert_id}").text


def test_a_call_that_nobody_made_is_not_shown_as_done(console, alert_id):
    bose = _acknowledged(console, alert_id)
    spoke = {"disposition": "reached_safe", "verdict": "true", "words": "Spoke."}
    bose.post(f"/alerts/{alert_id}/close", **spoke)
    bose.post(f"/alerts/{alert_id}/reopen", words="Not over.")
    bose.post(f"/alerts/{alert_id}/close", **spoke)
    calls = bose.get(f"/alerts/{alert_id}").text.split('id="calls"')[1].split("</section>")[0]
    assert calls.count("dropped: alert opened again") == 2
    assert ">done<" not in calls


def test_the_page_says_what_she_speaks_and_how_late_it_is_there(console, world, alert_id):
    with world.clinic.db.transaction(audited=False) as db:
        bea = db.get_one(Patient, console.patient_id("Bea"))
        bea.language, bea.time_zone = "es", "America/Chicago"
    page = console.as_("Dr Bose").get(f"/alerts/{alert_id}").text
    assert "Speaks Spanish · Chicago, 9:01 am there" in page


def test_a_closed_alert_asks_nobody_to_phone_her(console, alert_id):
    bose = _acknowledged(console, alert_id)
    spoke = {"disposition": "reached_safe", "verdict": "true", "words": "Spoke."}
    bose.post(f"/alerts/{alert_id}/close", **spoke)
    page = bose.get(f"/alerts/{alert_id}").text
    assert "Closed. Two follow-up calls are planned." in page
    assert "phone her" not in page


def test_handed_back_it_pages_now_and_the_timeline_names_who_was_paged(console, alert_id):
    bose = _acknowledged(console, alert_id)
    bose.post(f"/alerts/{alert_id}/hand-back")
    for page in ("/now", f"/alerts/{alert_id}"):
        assert "Paging now." in bose.get(page).text, page
    timeline = bose.get(f"/alerts/{alert_id}").text.split('id="timeline"')[1]
    paged = next(line for line in timeline.split("<li>") if "· Paged" in line)
    assert "Dr Bose" in paged


def timeline(console, alert_id: str) -> str:
    page = console.as_("Dr Bose").get(f"/alerts/{alert_id}").text
    return " ".join(page.split('id="timeline"')[1].split())


def test_the_history_says_who_handed_it_back(console, alert_id):
    bose = console.as_("Dr Bose")
    bose.post(f"/alerts/{alert_id}/acknowledge")
    bose.post(f"/alerts/{alert_id}/hand-back")
    told = timeline(console, alert_id)
    assert 'Handed back <span class="soft">by Dr Bose' in told
    assert "Open again" not in told


def test_the_history_says_open_again_where_nobody_handed_it_back(console, world, alert_id):
    console.as_("Dr Bose").post(f"/alerts/{alert_id}/acknowledge")
    world.wait(minutes=61)
    told = timeline(console, alert_id)
    assert 'Open again <span class="soft">by Tend' in told
    assert "Handed back" not in told


def test_who_takes_it_over_hands_nothing_back(console, alert_id):
    console.as_("Dr Bose").post(f"/alerts/{alert_id}/acknowledge")
    console.as_("Dr Lund").post(f"/alerts/{alert_id}/take-over")
    told = timeline(console, alert_id)
    assert 'Taken over from whoever had it <span class="soft">by Dr Lund' in told
    assert "Handed back" not in told
