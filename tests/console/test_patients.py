"""Patients in the console: found, shown, written to; nobody sees what they may not."""

import hashlib
import json
from datetime import timedelta

import pytest
from fhir.resources.R4B.bundle import Bundle

from bot.console import charts
from bot.services import patient_pages, records_out
from bot.services.patient_directory import PatientDirectory
from bot.storage import care, people, sealing
from bot.storage.tables import Patient
from tests.console import history
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import plan

# Doors, words and forms: the services behind them are tested on both engines.
pytestmark = SQLITE_ONLY


@pytest.fixture
def bea(console, world):
    history.give(world, console.patient_id("Bea"))
    return console.patient_id("Bea")


def mode(world, patient_id):
    with world.clinic.db.reading() as db:
        return care.mode_of(db, patient_id)


def test_she_is_found_by_name_and_by_the_end_of_her_number(console):
    browser = console.as_("Dr Bose")
    browser.get("/patients")
    for words, found, other in (
        ("bea", "Bea", "Ann"),
        ("0111", "Ann", "Bea"),
        ("BE", "Bea", "Ann"),
    ):
        rows = browser.post("/patients/search", words=words).text.split("<tbody>")[1]
        assert f">{found}</a>" in rows
        assert f">{other}</a>" not in rows
    assert "Nobody has this" in browser.post("/patients/search", words="zoe").text


def test_accents_find_her_and_a_search_for_nothing_finds_nobody(console, world):
    browser = console.as_("Dr Bose")
    browser.get("/patients")
    assert ">Bea</a>" in browser.post("/patients/search", words="BÉA").text
    with world.clinic.db.transaction(audited=False) as db:
        ann = db.get_one(Patient, console.patient_id("Ann"))
        sealing.put(db, ann, name="Ánn O'Hara")
    for words in ("ann ohara", "Ánn", "o’hara"):
        assert "Hara</a>" in browser.post("/patients/search", words=words).text
    for nothing in ("", "   ", "\x00", "\u200b"):
        page = browser.post("/patients/search", words=nothing).text
        assert "0 found" in page
        assert "</a></th>" not in page


def test_a_csv_names_its_letters_once(console, bea):
    lund = console.as_("Dr Lund")
    for path in (f"/patients/{bea}/check-ins.csv", "/audit.csv"):
        assert lund.get(path).headers["content-type"] == "text/csv; charset=utf-8", path


def test_the_list_shows_flags_scores_and_trend(console, world, bea):
    world.text("Bea", "i want to die")
    page = console.as_("Dr Bose").get("/patients?show=alert").text
    rows = page.split("<tbody>")[1]
    assert "Urgent" in rows
    assert "PHQ-9 8" in rows
    assert "(-5)" in rows, "better than the one before; what was not finished does not count"
    assert ">Ann</a>" not in rows


def test_a_new_patient_and_another_name_are_seen_at_once(console, world):
    directory = PatientDirectory(world.clinic)
    assert directory.search("ann")
    with world.clinic.db.transaction(audited=False) as db:
        ann = db.get_one(Patient, console.patient_id("Ann"))
        sealing.put(db, ann, name="Anna Maria")
    assert [entry.name for entry in directory.search("maria")] == ["Anna Maria"]


def test_support_sees_her_words_and_no_score(console, world, bea):
    world.text("Bea", "thank you")
    sam = console.as_("Sam")
    page = sam.get(f"/patients/{bea}").text
    assert "thank you" in page
    assert "PHQ-9" not in page
    assert '<svg class="chart"' not in page
    assert "Last score" not in sam.get("/patients").text
    for form in ("csv", "fhir"):
        assert sam.get(f"/patients/{bea}/check-ins.{form}").status_code == 403
    assert sam.post(f"/patients/{bea}/pause").status_code == 403
    assert sam.post(f"/patients/{bea}/stop").status_code == 403


def test_every_view_goes_on_record(console, bea):
    browser = console.as_("Dr Bose")
    browser.get(f"/patients/{bea}")
    browser.get("/patients")
    browser.get(f"/patients/{bea}/check-ins.csv")
    actor = f"staff:{console.staff_id('Dr Bose')}"
    for verb, subject in (
        ("view_patient", f"patient:{bea}"),
        ("list_patients", "patients"),
        ("export", f"patient:{bea}"),
    ):
        event = console.audited(verb)[-1]
        assert (event.actor, event.subject) == (actor, subject)
    assert "Bea" not in json.dumps([event.details for event in console.audited("list_patients")])


def test_somebody_who_is_not_there_is_not_found(console):
    browser = console.as_("Dr Bose")
    for path in ("/patients/nobody", "/patients/nobody/check-ins.csv", "/alerts/none"):
        assert browser.get(path).status_code == 404
    assert browser.post("/patients/nobody/take-over").status_code == 404


def test_taking_over_silences_the_bot_and_never_the_screening(console, world):
    ann = console.patient_id("Ann")
    browser = console.as_("Sam")
    browser.post(f"/patients/{ann}/take-over")
    heard = len(world.dialogue.heard)
    world.text("Ann", "how much does it cost")
    assert len(world.dialogue.heard) == heard
    assert "no_answer" in world.support_kinds(), "her words wait for a person, not for nobody"
    world.text("Ann", "i want to die")
    assert world.alert("Ann") is not None
    assert world.to("Ann")[-1].startswith("crisis_")


def test_closing_the_alert_leaves_a_person_who_took_over_in_charge(console, world):
    ann = console.patient_id("Ann")
    browser = console.as_("Dr Bose")
    browser.post(f"/patients/{ann}/take-over")
    world.text("Ann", "i want to die")
    alert = world.alert("Ann").id
    assert browser.post(f"/patients/{ann}/hand-to-bot").status_code == 409
    browser.post(f"/alerts/{alert}/acknowledge")
    said = {"disposition": "reached_safe", "verdict": "true", "words": "Spoke."}
    browser.post(f"/alerts/{alert}/close", **said)
    assert mode(world, ann) == "human"
    browser.post(f"/patients/{ann}/hand-to-bot")
    assert mode(world, ann) == "bot"


def test_a_text_of_a_person_goes_through_the_outbox_once(console, world):
    ann = console.patient_id("Ann")
    browser = console.as_("Sam")
    key = console.key("Sam")
    for done in ("sent", "sent_before"):
        answer = browser.post(f"/patients/{ann}/texts", words="Sam here. I’ll call.", key=key)
        assert answer.headers["location"].endswith(f"?done={done}")
    world.settle()
    assert world.words_to("Ann").count("Sam here. I'll call.") == 1
    assert console.audited("write_text")[-1].actor == f"staff:{console.staff_id('Sam')}"
    assert "Sam wrote:" in browser.get(f"/patients/{ann}").text


def test_other_words_from_the_same_form_are_another_text(console, world):
    """The browser's Back shows a form whose name was used already."""
    ann, browser, key = console.patient_id("Ann"), console.as_("Sam"), console.key("Sam")
    for words in ("I call at three.", "I call at four."):
        answer = browser.post(f"/patients/{ann}/texts", words=words, key=key)
        assert answer.headers["location"].endswith("?done=sent")
    world.settle()
    assert world.words_to("Ann") == ["I call at three.", "I call at four."]


def test_signs_that_nobody_typed_reach_neither_her_nor_the_records(console, world):
    ann, browser = console.patient_id("Ann"), console.as_("Sam")
    words = "Sam \u202ehere.\x00 I call\u2069 at three."
    browser.post(f"/patients/{ann}/texts", words=words, key=console.key("Sam"))
    assert browser.post(f"/patients/{ann}/notes", words="Spoke\x00 with her.").status_code == 303
    world.settle()
    assert world.words_to("Ann") == ["Sam here. I call at three."]
    assert "Spoke with her." in browser.get(f"/patients/{ann}").text


def test_a_form_is_named_by_us_and_for_one_person(console, world):
    ann, browser = console.patient_id("Ann"), console.as_("Sam")
    for key in ("", "k1", "0" * 28, f"{'0' * 28}-{'0' * 16}", "é-ü", console.key("Dr Bose")):
        answer = browser.post(f"/patients/{ann}/texts", words="I will call you.", key=key)
        assert answer.status_code == 409
        assert "not a fresh one" in answer.text
        assert "I will call you." in answer.text
    world.settle()
    assert world.words_to("Ann") == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "Write something"),
        ("x" * 601, "600 characters"),
        ("Your ketamine comes tomorrow.", "locked screen"),
        ("See bit.ly/abc", "full address"),
        ("Reply YES to confirm", "carrier"),
    ],
)
def test_a_text_that_would_harm_her_is_refused_and_kept(console, words, why):
    ann = console.patient_id("Ann")
    answer = console.as_("Sam").post(f"/patients/{ann}/texts", words=words, key=console.key("Sam"))
    assert answer.status_code == 409
    assert why in answer.text
    if words:
        assert words in answer.text.replace("&#39;", "'")


def test_a_clinician_is_warned_and_may_send_the_very_same_words(console, world):
    ann = console.patient_id("Ann")
    browser = console.as_("Dr Bose")
    words = "Your ketamine comes tomorrow."
    warned = browser.post(f"/patients/{ann}/texts", words=words, key=console.key("Dr Bose"))
    assert warned.status_code == 409
    assert "locked screen" in warned.text
    insist = warned.text.split('name="insist" value="')[1].split('"')[0]
    other = browser.post(
        f"/patients/{ann}/texts", words=f"{words} OK", key=console.key("Dr Bose"), insist=insist
    )
    assert other.status_code == 409, "other words are another warning"
    sent = browser.post(
        f"/patients/{ann}/texts", words=words, key=console.key("Dr Bose"), insist=insist
    )
    assert sent.status_code == 303
    world.settle()
    assert world.words_to("Ann") == [words]
    assert console.audited("write_text")[-1].details == {"insisted": ["words"]}
    sam = console.as_("Sam")
    sam.get(f"/patients/{ann}")
    refused = sam.post(f"/patients/{ann}/texts", words=words, key=console.key("Sam"), insist=insist)
    assert refused.status_code == 409
    assert "Send it anyway" not in refused.text


@pytest.mark.parametrize("words", ["your PHQ-9 is 17", "See https://evil.example/x"])
def test_a_score_or_a_strange_link_goes_out_from_nobody(console, world, words):
    ann = console.patient_id("Ann")
    browser = console.as_("Dr Bose")
    named = hashlib.sha256(words.encode()).hexdigest()[:16]
    answer = browser.post(
        f"/patients/{ann}/texts", words=words, key=console.key("Dr Bose"), insist=named
    )
    assert answer.status_code == 409
    assert "Send it anyway" not in answer.text
    world.settle()
    assert world.words_to("Ann") == []


def test_who_opted_out_gets_no_text(console, world):
    cat = console.patient_id("Cat")
    answer = console.as_("Sam").post(
        f"/patients/{cat}/texts", words="Hello.", key=console.key("Sam")
    )
    assert answer.status_code == 409
    assert "Phone her" in answer.text
    world.settle()
    assert world.words_to("Cat") == []


def test_pausing_stopping_and_starting(console, world):
    ann = console.patient_id("Ann")
    browser = console.as_("Dr Bose")

    def status() -> str:
        with world.clinic.db.reading() as db:
            return people.enrolment_of(db, ann).status

    for act, after in (
        ("pause", "paused"),
        ("resume", "active"),
        ("stop", "ended"),
        ("start", "active"),
    ):
        assert browser.post(f"/patients/{ann}/{act}").status_code == 303, act
        assert status() == after
    world.settle()
    assert world.to("Ann") == ["stop_confirmed", "start_confirmed"]
    assert browser.post(f"/patients/{ann}/resume").status_code == 409
    assert browser.post(f"/patients/{ann}/erase").status_code == 403


def test_support_cannot_add_up_her_answers(console, world):
    world.dialogue.down = True  # then we take her answers ourselves
    plan(world, "Ann", "phq2", due_at=world.now)
    world.settle()
    for answer in ("nearly every day", "3 because he never sleeps and neither do i"):
        world.text("Ann", answer)
    page = f"/patients/{console.patient_id('Ann')}"
    hers = console.as_("Sam").get(page).text.split('id="conversation"')[-1]
    assert "nearly every day<" not in hers
    assert "Her answer to a check-in" in hers
    # What she says beside a number is for everybody to read.
    assert "because he never sleeps" in hers
    assert "Her answer to a check-in" not in console.as_("Dr Bose").get(page).text


def test_notes_are_kept_sealed_with_their_writer(console, world):
    ann = console.patient_id("Ann")
    browser = console.as_("Sam")
    browser.post(f"/patients/{ann}/notes", words="Prefers calls after <b>six</b>.")
    page = browser.get(f"/patients/{ann}").text
    assert "&lt;b&gt;six&lt;/b&gt;" in page
    assert "Sam" in page.split('id="notes"')[1]


def test_earlier_texts_are_a_page_away(console, world):
    for number in range(50):
        world.text("Ann", f"text number {number}", settle=False)
        world.clock.time += timedelta(minutes=1)
    ann = console.patient_id("Ann")
    page = console.as_("Dr Bose").get(f"/patients/{ann}").text
    assert "text number 49" in page
    assert "text number 3<" not in page
    link = page.split("?before=")[1].split('"')[0]
    earlier = console.as_("Dr Bose").get(f"/patients/{ann}?before={link}").text
    assert "text number 3<" in earlier


# --- the chart, and records that leave the house ---------------------------------------------


def chart_of(console, world, patient_id):
    full = patient_pages.look_at(
        world.clinic, patient_id, before=None, with_scores=True, by="test", now=world.now
    )
    zone = console.app.state.desk.zone
    return charts.draw(full, world.clinic.instruments, zone=zone, now=world.now)


def test_the_chart_has_a_panel_a_scale_and_no_point_for_what_was_not_finished(console, world, bea):
    chart = chart_of(console, world, bea)
    assert {panel.title: len(panel.points) for panel in chart.panels} == {
        "PHQ-9": 3,
        "GAD-7": 3,
        "Mood": 5,
    }
    assert [point.alerting for point in chart.panels[0].points] == [True, False, False]
    assert [mark.kind for mark in chart.marks] == ["session"] * 3


def test_points_stand_where_their_score_is(console, world, bea):
    panel = chart_of(console, world, bea).panels[0]
    first, last = panel.points[0], panel.points[-1]
    assert first.y < last.y, "17 stands above 8"
    assert first.x < last.x
    height = panel.bottom - panel.top
    assert first.y == pytest.approx(panel.bottom - 17 / 27 * height, abs=0.1)
    assert all(panel.top <= band.y <= panel.bottom for band in panel.bands)


def test_nothing_is_drawn_where_nothing_is_complete(console, world):
    ann = console.patient_id("Ann")
    assert chart_of(console, world, ann) is None
    history.give(world, ann, [(3, "phq9", (1, None, 1, 1, 1, 1, 1, 0, 0))])
    assert chart_of(console, world, ann) is None


def test_fhir_passes_the_standards_own_model_and_a_skip_is_not_a_zero(console, world, bea):
    answer = console.as_("Dr Bose").get(f"/patients/{bea}/check-ins.fhir")
    assert answer.headers["content-type"].startswith("application/fhir+json")
    bundle = json.loads(answer.text)
    Bundle.model_validate(bundle)
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds.count("QuestionnaireResponse") == len(history.WEEKS)
    assert kinds.count("Observation") == len(history.WEEKS) - 1, "the unfinished one has no score"
    by_id = {entry["resource"]["id"]: entry["resource"] for entry in bundle["entry"]}
    stopped = next(one for one in by_id.values() if one.get("status") == "stopped")
    assert stopped["questionnaire"] == "http://loinc.org/q/44249-1"
    skipped = stopped["item"][2]
    assert "answer" not in skipped
    assert skipped["extension"][0]["valueCode"] == "asked-declined"
    scored = next(
        one
        for one in by_id.values()
        if one["resourceType"] == "Observation" and one["valueInteger"] == 17
    )
    assert scored["code"]["coding"][0]["code"] == "44261-6", "the score's code, not the panel's"
    ninth = by_id[scored["id"].removesuffix("-score")]["item"][8]
    assert ninth["linkId"] == "/44260-8"
    assert ninth["answer"][0]["valueCoding"]["code"] == "LA6569-3"


def test_csv_says_declined_for_a_skip_and_leaves_the_score_out(console, world, bea):
    text = records_out.check_ins_csv(world.clinic, bea, by="test", now=world.now)
    lines = [line.split(",") for line in text.splitlines()]
    stopped = [line for line in lines if line[4] == "abandoned"]
    assert len(stopped) == 9
    assert {line[7] for line in stopped} == {""}
    assert [line[11] for line in stopped][2] == "asked-declined"
    assert "Bea" not in text


def test_who_speaks_with_her_is_named_before_a_colleague_takes_over_and_texts_name_their_writer(
    console, world
):
    sam, bose = console.as_("Sam"), console.as_("Dr Bose")
    ann = f"/patients/{console.patient_id('Ann')}"
    sam.post(f"{ann}/take-over")
    sam.post(f"{ann}/texts", words="I will call you at noon.", key=console.key("Sam"))
    world.settle()
    shown = bose.get(ann).text
    assert "Sam speaks with her" in shown
    assert "Sam wrote:" in shown
    assert "Sam speaks with her" not in sam.get(ann).text
    assert bose.post(f"{ann}/take-over").status_code == 303
    assert "Dr Bose speaks with her" in sam.get(ann).text
