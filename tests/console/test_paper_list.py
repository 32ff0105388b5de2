"""The paper list: when nothing works, the women in danger stand on it first."""

from datetime import timedelta

from bot.services import support
from tests.engines import SQLITE_ONLY

pytestmark = SQLITE_ONLY

UNKNOWN = "+12025550177"


def sheet(console, name: str) -> str:
    return str(console.as_(name).get("/inbox/print").text).partition("<main")[2]


def test_open_alerts_stand_first_on_paper_by_level_with_number_and_holder(console, world):
    world.text("Ann", "my husband hits me", settle=False)
    world.text("Bea", "i took all my pills to die", settle=False)
    world.text("Luz", "i want to die")
    urgent, emergency = world.alert("Luz"), world.alert("Bea")
    console.as_("Dr Ruiz").post(f"/alerts/{urgent.id}/acknowledge")
    page = sheet(console, "Dr Bose")
    alerts, _, rest = page.partition("<h2>On call</h2>")
    assert "Open alerts: 3" in alerts
    rows = alerts.split("<tr>")[2:]
    assert ["Bea" in rows[0], "Luz" in rows[1], "Ann" in rows[2]] == [True, True, True]
    assert emergency.code in rows[0]
    assert "Emergency" in rows[0]
    assert "202-555-0112" in rows[0]
    assert "<strong>Nobody</strong>" in rows[0]
    assert "Mon Jan 5, 10:00 am" in rows[0]
    assert "Dr Ruiz" in rows[1]
    assert "may be read or answered by another" in rows[2]
    assert "To call back" in rest
    for words in ("pills", "hits", "die</"):
        assert words not in page, "nothing of her words"
    assert world.alert("Bea").id in console.audited("print_list")[-1].details["alerts"]


def test_support_prints_the_alerts_too_and_no_number_that_the_console_would_not_show(
    console, world
):
    world.text(UNKNOWN, "i want to die")
    world.text("Bea", "i want to die")
    page = sheet(console, "Sam")
    assert "202-555-0112" in page
    assert "202-555-0177" not in page
    assert "a clinician sees it" in page
    assert console.audited("view_number") == []
    assert "202-555-0177" in sheet(console, "Dr Bose")
    alert = world.alert(UNKNOWN)
    assert [one.subject for one in console.audited("view_number")] == [f"alert:{alert.id}"]


def test_an_administrator_prints_nothing(console, world):
    world.text("Bea", "i want to die")
    link = console.as_("Dr Lund").post("/staff", name="Pat Quinn", role="admin", phone="")
    assert link.status_code == 200
    assert console.as_("Pat Quinn").get("/inbox/print").status_code == 403


def test_the_same_trouble_with_paging_is_one_line_on_paper(console, world):
    for name in ("Ann", "Bea", "Luz"):
        world.text(name, "i want to die")
        with world.clinic.db.transaction() as db:
            alert = world.alert(name).id
            support.report_trouble(
                world.clinic, db, "no_one_is_backup", alert_id=alert, now=world.now
            )
    page = sheet(console, "Sam")
    assert page.count("Nobody was backup") == 1
    assert "Nobody was backup (3 times)" in page


def test_trouble_with_paging_is_promised_to_nobody_and_says_now_or_when(console, world):
    later = world.now + timedelta(hours=5)
    with world.clinic.db.transaction() as db:
        support.report_trouble(world.clinic, db, "pages_not_sent", now=world.now)
        support.report_trouble(world.clinic, db, "rota_gap", now=world.now, due_at=later)
    inbox, paper = str(console.as_("Sam").get("/inbox").text), sheet(console, "Sam")
    assert "Promised by" not in inbox
    assert "To be mended now" in inbox
    assert "To be mended by Mon Jan 5, 3:00 pm" in inbox
    assert "Pages wait and are not sent, to be mended now" in paper
    assert "Nobody on call in the next 72 hours, to be mended by Mon Jan 5, 3:00 pm" in paper
