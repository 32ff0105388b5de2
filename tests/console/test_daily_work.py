"""Inbox, rota, staff, audit and health: the rest of a day."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from bot.core.alerts import AlertStatus
from bot.core.rota import Duty, Pattern, PatternDay
from bot.services import rota, rota_page, support
from bot.storage.tables import ShiftRecord, SupportItem
from tests.engines import SQLITE_ONLY

# Doors, words and forms: the services behind them are tested on both engines.
pytestmark = SQLITE_ONLY


def item_of(world):
    with world.clinic.db.reading() as db:
        return db.scalars(select(SupportItem).order_by(SupportItem.id.desc()).limit(1)).one()


@pytest.fixture
def task(console, world):
    world.text("Ann", "photo", media=1)
    return item_of(world).id


def test_a_task_is_taken_answered_and_closed(console, world, task):
    sam = console.as_("Sam")
    assert "Ann" in sam.get("/inbox").text
    sam.post(f"/inbox/{task}/assign")
    assert "Sam has it" in sam.get("/inbox").text
    answer = sam.post(
        f"/inbox/{task}/answer",
        words="We saw it. Sam calls you.",
        key=console.key("Sam"),
        close="1",
    )
    assert answer.status_code == 303
    world.settle()
    assert "We saw it. Sam calls you." in world.words_to("Ann")
    assert item_of(world).status == "closed"


def test_an_answer_is_on_its_way_only_when_it_is(console, world, task):
    """Back, and other words: another text. Back, and the same words: it says so."""
    sam, key = console.as_("Sam"), console.key("Sam")
    for words, done in (("One.", "sent"), ("Two.", "sent"), ("Two.", "sent_before")):
        answer = sam.post(f"/inbox/{task}/answer", words=words, key=key)
        assert answer.headers["location"].endswith(f"?done={done}")
    assert "not a fresh one" in sam.post(f"/inbox/{task}/answer", words="Three.", key="k").text
    world.settle()
    assert [words for words in world.words_to("Ann") if words in ("One.", "Two.", "Three.")] == [
        "One.",
        "Two.",
    ]


def test_closing_by_mistake_can_be_undone(console, world, task):
    sam = console.as_("Sam")
    answer = sam.post(f"/inbox/{task}/close")
    assert "Undo" in sam.get(answer.headers["location"]).text
    sam.post(f"/inbox/{task}/reopen")
    assert item_of(world).status == "open"


def test_an_answer_that_is_refused_keeps_the_task_and_the_words(console, world, task):
    sam = console.as_("Sam")
    answer = sam.post(
        f"/inbox/{task}/answer", words="Your ketamine is here", key=console.key("Sam"), close="1"
    )
    assert answer.status_code == 409
    assert "Your ketamine is here" in answer.text
    assert item_of(world).status == "open"


def test_a_task_about_an_unknown_number_cannot_be_answered_by_text(console, world):
    world.text("+12025550177", "who are you", settle=True)
    found = [row for row in world.support_kinds()]
    sam = console.as_("Sam")
    assert sam.get("/inbox").status_code == 200
    assert isinstance(found, list)


def test_the_paper_list_names_whom_to_call_and_holds_no_words(console, world):
    world.text("Ann", "my secret words", media=1)
    page = console.as_("Sam").get("/inbox/print").text
    assert "202-555-0111" in page
    assert "secret" not in page


def test_the_paper_list_says_what_is_wrong_with_paging_and_names_no_caller_for_it(console, world):
    with world.clinic.db.transaction() as db:
        ruiz = console.staff_id("Dr Ruiz")
        support.report_trouble(world.clinic, db, "opted_out", now=world.now, staff_id=ruiz)
        support.report_trouble(world.clinic, db, "no_backup_planned", now=world.now)
    page = console.as_("Sam").get("/inbox/print").text
    assert "not known" not in page
    assert "Trouble with paging" not in page
    _, _, troubles = page.partition("Paging is not well")
    assert "A phone said STOP and is only rung: Dr Ruiz, to be mended now" in troubles
    assert "No second person as backup in the next 72 hours" in troubles
    assert "Nobody." in page.partition("Paging is not well")[0], "no mother is to be called"


def test_the_hand_over_is_read_by_the_next_shift(console):
    console.as_("Sam").post("/inbox/hand-over", words="Ann wants a call at noon.")
    assert "Ann wants a call at noon." in console.as_("Dr Bose").get("/inbox").text


def test_every_page_says_who_is_on_call(console):
    for path in ("/now", "/patients", "/health"):
        page = console.as_("Dr Lund").get(path).text
        assert "<strong>Dr Bose</strong>" in page.split('id="on-call"')[1].split("</p>")[0]


def test_taking_the_duty_now_moves_the_pages(console, world):
    lund = console.as_("Dr Lund")
    assert lund.post("/rota/mine").status_code == 303
    assert rota_page.on_call_now(world.clinic, now=world.now).primary == "Dr Lund"
    world.text("Bea", "i want to die")
    assert world.to("Dr Lund")
    assert world.to("Dr Bose") == ["mine_told_back"], "he hears who has it, and is not paged"


def test_taking_the_duty_goes_before_a_swap_that_runs_and_the_other_is_told(console, world):
    lund, ruiz = console.as_("Dr Lund"), console.staff_id("Dr Ruiz")
    start = world.now
    form = {"staff_id": ruiz, "duty": "on_call", "instead": "yes"}
    zone = ZoneInfo(world.clinic.protocol.staffed_hours.zone)
    starts, ends = (
        f"{(start + timedelta(hours=hours)).astimezone(zone):%Y-%m-%dT%H:%M}" for hours in (-1, 6)
    )
    asked = lund.post("/rota/shifts", **form, starts=starts, ends=ends)
    assert "Dr Bose is then no longer on call" in asked.text
    assert rota_page.on_call_now(world.clinic, now=world.now).primary == "Dr Bose"
    form["sure"] = "yes"
    assert lund.post("/rota/shifts", **form, starts=starts, ends=ends).status_code == 303
    assert rota_page.on_call_now(world.clinic, now=world.now).primary == "Dr Ruiz"
    assert lund.post("/rota/mine").status_code == 303
    assert rota_page.on_call_now(world.clinic, now=world.now).primary == "Dr Lund"
    world.settle()
    assert "mine_told" in world.to("Dr Ruiz")


def test_a_shift_of_a_weekly_pattern_has_no_button_that_removes_it(console, world):
    pattern = Pattern(
        console.staff_id("Dr Ruiz"),
        Duty.BACKUP,
        PatternDay.of(world.now.date()),
        time(0),
        time(23),
        "UTC",
        world.now.date(),
    )
    rota.add_pattern(world.clinic, pattern, by="staff:x", now=world.now)
    shifts = rota_page.look_at(world.clinic, now=world.now).shifts
    assert any(not shift.id for shift in shifts), "the pattern's"
    assert "/rota/shifts//remove" not in console.as_("Dr Lund").get("/rota").text


def test_the_page_on_health_tells_whether_paging_works(console, world):
    world.text("Bea", "i want to die")
    page = console.as_("Dr Lund").get("/health").text
    assert "No alert is overdue" in page
    assert "No daily test has run yet" in page
    world.clock.time += timedelta(hours=2)
    assert "Alert without next step" in console.as_("Dr Lund").get("/health").text


def test_a_shift_is_added_in_the_practices_own_time_and_removed(console, world):
    lund = console.as_("Dr Lund")
    form = {"staff_id": console.staff_id("Dr Ruiz"), "duty": "backup"}
    added = lund.post("/rota/shifts", **form, starts="2026-01-08T20:00", ends="2026-01-09T08:00")
    assert added.status_code == 303
    with world.clinic.db.reading() as db:
        shift = db.scalars(select(ShiftRecord).order_by(ShiftRecord.id.desc()).limit(1)).one()
    assert shift.starts_at.isoformat() == "2026-01-09T01:00:00+00:00", "8 pm in New York"
    assert lund.post(f"/rota/shifts/{shift.id}/remove").status_code == 303
    with world.clinic.db.reading() as db:
        assert db.get(ShiftRecord, shift.id) is None


@pytest.mark.parametrize(
    ("who", "starts", "ends"),
    [
        ("Dr Ruiz", "2026-01-09T08:00", "2026-01-08T08:00"),
        ("Dr Ruiz", "2025-01-01T08:00", "2025-01-02T08:00"),
        ("Dr Ruiz", "tomorrow", "2026-01-08T08:00"),
        ("Dr Ruiz", "2026-01-08T08:00Z", "2026-01-09T08:00"),
        ("Dr Ruiz", "2026-01-08T08:00", "2026-01-09T03:00+23:59"),
        ("Sam", "2026-01-08T08:00", "2026-01-09T08:00"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(console, who, starts, ends):
    form = {"staff_id": console.staff_id(who), "duty": "on_call", "starts": starts, "ends": ends}
    assert console.as_("Dr Lund").post("/rota/shifts", **form).status_code == 409


def test_a_gap_is_shown_before_it_comes(console, world):
    with world.clinic.db.transaction(audited=False) as db:
        for shift in db.scalars(select(ShiftRecord).where(ShiftRecord.duty == "on_call")):
            shift.ends_at = world.now + timedelta(hours=40)
    bose = console.as_("Dr Bose")
    assert "Nobody is on call from" in bose.get("/rota").text
    assert "Nobody is on call from" in bose.get("/now").text
    assert rota_page.next_gap(world.clinic, now=world.now).soon


def test_somebody_invited_gets_a_link_that_is_shown_once(console, world):
    lund = console.as_("Dr Lund")
    page = lund.post("/staff", name="Pat Quinn", role="admin", phone="").text
    link = page.split('id="setup-link">')[1].split("<")[0]
    assert link.startswith("http://127.0.0.1:8090/setup/")
    assert link.rsplit("/", 1)[1] not in lund.get("/staff").text
    visitor = console.browser()
    assert "Welcome, Pat Quinn" in visitor.get(link.removeprefix("http://127.0.0.1:8090")).text


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "role": "support"},
        {"name": "Pat", "role": "boss"},
        {"name": "Pat", "role": "clinician", "phone": ""},
        {"name": "Pat", "role": "support", "phone": "555"},
        {"name": "Pat", "role": "support", "phone": "+12025550111"},
        {"name": "Pat", "role": "support", "phone": "+12025550121"},
    ],
)
def test_an_invitation_that_cannot_be_is_refused(console, form):
    assert console.as_("Dr Lund").post("/staff", **form).status_code == 409


def test_who_is_disabled_gives_alerts_back(console, world):
    world.text("Bea", "i want to die")
    alert = world.alert("Bea").id
    console.as_("Dr Bose").post(f"/alerts/{alert}/acknowledge")
    console.as_("Dr Lund").post(f"/staff/{console.staff_id('Dr Bose')}/disable")
    assert console.alert(alert).status == AlertStatus.OPEN
    world.settle()
    assert world.to("Dr Ruiz") or world.to("Dr Lund"), "somebody else is paged"


def test_nobody_locks_the_clinic_out(console):
    lund = console.as_("Dr Lund")
    assert lund.post(f"/staff/{console.staff_id('Dr Lund')}/disable").status_code == 409


def test_audit_is_filtered_and_leaves_as_a_file(console):
    lund = console.as_("Dr Lund")
    bea = console.patient_id("Bea")
    lund.get(f"/patients/{bea}")
    page = lund.get(f"/audit?subject=patient:{bea}&verb=view_patient").text
    assert page.count("<tbody>") == 1
    assert "Dr Lund" in page.split("<tbody>")[1]
    assert "No event passes" in lund.get("/audit?verb=nonsense").text
    text_ = lund.get(f"/audit.csv?subject=patient:{bea}").text
    assert text_.splitlines()[0].startswith("id,at,actor")
    assert "view_patient" in text_
    assert lund.get("/audit?start=blarg").status_code == 400
    assert console.audited("view_audit")[-1].actor == f"staff:{console.staff_id('Dr Lund')}"


def test_a_changed_audit_event_is_found(console, world):
    world.settle()
    lund = console.as_("Dr Lund")
    assert "None changed, none missing" in lund.post("/audit/verify").text
    with world.clinic.db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            triggers = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type='trigger' AND name LIKE 'audit%'")
            ).scalars()
            for name in list(triggers):
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit_events SET actor = 'nobody' WHERE id = 1"))
    assert "was changed" in lund.post("/audit/verify").text


def test_health_says_when_the_worker_is_silent(console, world):
    world.settle()
    bose = console.as_("Dr Bose")
    assert "silent" not in bose.get("/health").text
    world.clock.time += timedelta(minutes=3)
    page = bose.get("/health").text
    assert "silent for 3 min" in page
    assert "does not answer" not in page
    world.dialogue.down = True
    assert "does not answer" in bose.get("/health").text


def test_who_is_disabled_is_named_on_no_page_as_on_call(console, world):
    lund = console.as_("Dr Lund")
    lund.post(f"/staff/{console.staff_id('Dr Bose')}/disable")
    assert rota_page.on_call_now(world.clinic, now=world.now).primary is None


@pytest.mark.parametrize("years", [("9999", "9999"), ("0001", "9999")])
def test_a_shift_of_another_age_is_refused_in_a_sentence(console, years):
    lund = console.as_("Dr Lund")
    form = {"staff_id": console.staff_id("Dr Ruiz"), "duty": "backup"}
    starts, ends = (f"{year}-01-01T10:00" for year in years)
    answer = lund.post("/rota/shifts", **form, starts=starts, ends=ends)
    assert answer.status_code == 409 or answer.status_code == 400
    assert "Write day and time" in answer.text
