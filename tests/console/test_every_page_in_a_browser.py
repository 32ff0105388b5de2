"""Every page of the console in a real Chromium, as each role: axe, width, keyboard.

The list is made from the routes: a page that is added and not looked at here fails the test.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from bot.core.rights import Right
from bot.core.rota import StaffRole
from bot.services import model_proof, staff_desk, training_jobs
from bot.services.staff_desk import NewStaff
from tests.console import history
from tests.console.test_in_a_browser import chromium, open_page, take, tap_in, violations
from tests.console.test_models import prove
from tests.console.test_teach_in_a_browser import Teaching
from tests.engines import SQLITE_ONLY
from tests.services.test_promotion import NEW
from tests.teaching.desk import small_project
from tests.web.test_browser import CHROMIUM
from tests.world import World

__all__ = ["chromium"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    SQLITE_ONLY,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 860}
# Files, fragments and streams are no pages; first_page and setup lead to others.
NO_PAGES = {
    *("/", "/now/live", "/models/progress", "/audit.csv", "/account/here", "/login/code"),
    *("/patients/{patient_id}/check-ins.csv", "/patients/{patient_id}/check-ins.fhir"),
    *("/setup/{token}",),
}


@pytest.fixture
def running(world: World, tmp_path) -> Iterator[Teaching]:
    world.text("Luz", "zig zag zug")
    desk = Teaching(world, small_project(tmp_path / "project"))
    fill(desk)
    yield desk
    desk.close()


def fill(desk: Teaching) -> None:
    """Something stands on every page."""
    world, now = desk.world, desk.world.now
    pat = NewStaff(name="Pat", phone="", role=StaffRole.ADMIN, leads=False)
    staff_desk.invite(world.clinic, pat, by="test", now=now)
    history.give(world, desk.patient_id("Bea"))
    world.text("Bea", "i want to die")
    world.text("Ann", "is this rash normal", media=1)
    prove(world, desk)
    model_proof.add_question(world.clinic, "where do i park", "faq_hours", by="test", now=now)
    training_jobs.ask(world.clinic, by="test", now=now)
    sam = desk.as_("Sam")
    sam.get("/teach/lesson")
    form = {"kind": "examples", "intent": "faq_food", "t1": "is breakfast allowed on that day"}
    assert sam.post("/teach/save", **form).status_code == 303


def addresses(desk: Teaching) -> list[str]:
    """Every page there is, filled in."""
    alert = desk.world.alert("Bea")
    with desk.world.clinic.db.reading() as db:
        change = str(db.connection().exec_driver_sql("SELECT id FROM taught_changes").scalar())
    named = {"alert_id": alert.id, "patient_id": desk.patient_id("Bea"), "name": NEW}
    named["change_id"] = change
    found = {
        route.path_format.format(**named): handler.opt.get("needs")
        for route in desk.app.routes
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods
        and route.path_format not in NO_PAGES
        and not route.path.startswith("/static")
    }
    asked = ("/teach/lesson?kind=question", "/teach/lesson?kind=intent", "/patients?show=alert")
    for path in asked:
        found[path] = found[path.split("?")[0]]
    return sorted(found)


# Each role, each width, light and dark; nobody sees more pages than the lead, whose are pictured.
LIGHT, DARK = "light", "dark"
VISITS = {
    "Dr Lund": [(DESKTOP, LIGHT), (PHONE, DARK)],
    "Sam": [(PHONE, LIGHT)],
    "Pat": [(PHONE, DARK)],
}
PICTURED = ("/patients", "/inbox", "/rota")
LEAST_PAGES = {"Dr Lund": 20, "Sam": 14, "Pat": 4}


def test_every_page_can_be_read_by_everybody(chromium, running):
    """One clinic and one browser for all of them: to start these takes longer than to look.

    A page that is looked at in two ways is opened once: its width and its light are the window's.
    """
    found: list[str] = []
    paths = addresses(running)
    for name, looks in VISITS.items():
        page = open_page(chromium, running, size=looks[0][0])
        tap_in(page, name)
        seen = 0
        for path in paths:
            if (answer := page.goto(path)).status == 403:
                continue
            assert answer.status == 200, (name, path)
            seen += 1
            for size, light in looks:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=light)
                found += [f"{name}, {size['width']} px: {one}" for one in wrong(page, path)]
                if name == "Dr Lund" and path in PICTURED:
                    picture = path.strip("/") + ("-phone-dark" if light == DARK else "")
                    take(page, picture, full=True)
        assert seen >= LEAST_PAGES[name], (name, seen)
        page.context.close()
    assert found == [], "\n".join(found)


def wrong(page: Page, path: str) -> list[str]:
    """Everything that would keep somebody from reading this page, or from working with it."""
    found = violations(page) + unreachable(page, path)
    width = page.viewport_size["width"]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{path}: wider than the screen")
    if not page.evaluate("document.querySelector('.help')") and path != "/login":
        found.append(f"{path}: no help line")
    return found


def test_what_is_wrong_with_a_page_is_found(chromium, running):
    """The looker itself: a page that is broken in each way, and what is said of it."""
    page = open_page(chromium, running, size=PHONE)
    tap_in(page, "Sam")
    page.goto("/inbox")
    assert wrong(page, "/inbox") == []
    page.evaluate(
        """() => {
            document.querySelector('.help').remove();
            const wide = document.createElement('p');
            wide.style.width = '900px';
            wide.innerHTML = '<img src="/static/nothing.png"><a tabindex="-1" href="/now">x</a>';
            document.querySelector('main').append(wide);
        }"""
    )
    found = "\n".join(wrong(page, "/inbox"))
    for fault in ("image-alt", "not reached by keyboard", "wider than the screen", "no help line"):
        assert fault in found


def unreachable(page, path: str) -> list[str]:
    """What can be clicked and has no place in the order of the tab key."""
    script = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
        .filter((one) => one.type !== 'hidden' && one.checkVisibility() &&
            (one.tabIndex < 0 || (one.tagName === 'A' && !one.hasAttribute('href'))))
        .map((one) => one.outerHTML.slice(0, 100))"""
    return [f"{path}: not reached by keyboard: {one}" for one in page.evaluate(script)]


def test_every_right_that_a_page_needs_is_one(console):
    assert all(
        isinstance(handler.opt.get("needs"), Right) or handler.opt.get("public")
        for route in console.app.routes
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods
    )
