"""A console around a test's world, and a browser of sorts that keeps cookies and tokens."""

import html
import re
from collections import defaultdict
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pyotp
from anyio.from_thread import BlockingPortal, start_blocking_portal
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from bot.bootstrap import App
from bot.console import app as console_app
from bot.console import teach
from bot.services import accounts, form_keys
from bot.storage import people, sealing
from bot.storage.tables import Alert, AuditEvent, Patient, Staff
from bot.teaching.protests import ProtestBook
from bot.teaching.workshop import Workshop
from tests.world import World, number_of

PASSWORD = "four quiet words here"
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


# Pages that no console uses at the moment, by what they were made for. To make them takes longer
# than most tests; what belongs to a clinic is not in them but in the desk.
_PAGES: defaultdict[tuple[object, ...], list[Litestar]] = defaultdict(list)
# What the training desk has read of the project, by project and catalogue: it takes seconds.
_WORKSHOPS: dict[tuple[Path, int], Workshop] = {}
_OPEN = ExitStack()


@cache
def event_loop() -> BlockingPortal:
    """The loop on which pages answer: one for the whole run, as in a process of the clinic's."""
    return _OPEN.enter_context(start_blocking_portal())


def _project_workshop(app: App) -> Workshop:
    """The training desk's tools over the project, as if nobody had protested yet."""
    key = (app.settings.data_dir, id(app.clinic.texts))
    found = _WORKSHOPS.setdefault(key, teach.workshop_of(app))
    found.protests = ProtestBook()
    return found


class Browser:
    """Opens pages and fills in forms, as one person does."""

    def __init__(self, app: Litestar, *, name: str = "") -> None:
        self.client = TestClient(app, base_url="http://127.0.0.1:8090")
        self.client.blocking_portal = event_loop()
        self.client.headers["accept"] = "text/html"
        self.name = name
        self.token = ""

    def get(self, path: str, **given: Any) -> Any:
        answer = self.client.get(path, follow_redirects=False, **given)
        found = (
            _TOKEN.search(answer.text) if "html" in answer.headers.get("content-type", "") else None
        )
        if found:
            self.token = html.unescape(found.group(1))
        return answer

    def post(self, path: str, **form: str) -> Any:
        if not self.token:
            self.get("/login")
        data = {"_csrf_token": self.token, **form}
        return self.client.post(path, data=data, follow_redirects=False)

    @property
    def cookie(self) -> str:
        """The login's cookie."""
        return next(
            (value for name, value in self.client.cookies.items() if name.endswith("_login")), ""
        )


class Console:
    """The console of a world, and who comes to it."""

    def __init__(
        self, world: World, *, one_tap: bool = True, workshop: Workshop | None = None
    ) -> None:
        self.world = world
        desk = console_app.desk_for(
            world.app, one_tap=one_tap, workshop=workshop or _project_workshop(world.app)
        )
        self._made_for = (one_tap, desk.zone, world.app.settings.console_url)
        free = _PAGES[self._made_for]
        self.app = free.pop() if free else console_app.pages_for(desk)
        console_app.furnish(self.app, desk)
        self._browsers: list[Browser] = []

    def browser(self) -> Browser:
        made = Browser(self.app)
        self._browsers.append(made)
        return made

    def as_(self, name: str) -> Browser:
        """A browser in which one of the cast is logged in."""
        browser = self.browser()
        answer = browser.post(f"/tap/{self.staff_id(name)}", next="/account")
        assert answer.status_code == 303, answer.text
        browser.get("/account")
        browser.name = name
        return browser

    def staff_id(self, name: str) -> str:
        with self.world.clinic.db.reading() as db:
            for person in people.list_staff(db):
                if sealing.get(db, person, "name") == name:
                    return person.id
        raise KeyError(name)

    def key(self, name: str) -> str:
        """The name of a form that was shown to one of the cast."""
        return form_keys.give(self.world.clinic, self.staff_id(name))

    def patient_id(self, name: str) -> str:
        with self.world.clinic.db.reading() as db:
            index = people.index_of(db, number_of(name))
            found = db.scalars(select(Patient.id).where(Patient.phone_index == index)).one()
            return str(found)

    def alert(self, alert_id: str) -> Alert:
        with self.world.clinic.db.reading() as db:
            return db.get_one(Alert, alert_id)

    def staff(self, name: str) -> Staff:
        with self.world.clinic.db.reading() as db:
            return db.get_one(Staff, self.staff_id(name))

    def audited(self, verb: str) -> list[AuditEvent]:
        with self.world.clinic.db.reading() as db:
            query = select(AuditEvent).where(AuditEvent.verb == verb).order_by(AuditEvent.id)
            return list(db.scalars(query))

    def account(self, name: str) -> tuple[str, str]:
        """Somebody's login, set up with ``PASSWORD``: login name and authenticator's key."""
        clinic, now = self.world.clinic, self.world.now
        link = accounts.renew_link(clinic, self.staff_id(name), by="test", now=now)
        setup = accounts.look_at_setup(clinic, link.token, now=now)
        code = pyotp.TOTP(setup.secret).at(now)
        accounts.finish_setup(clinic, link.token, password=PASSWORD, code=code, now=now)
        return setup.login_name, setup.secret

    def close(self) -> None:
        """Nobody comes any more: another console may have its pages."""
        self.app.state.desk.closing.set()
        _PAGES[self._made_for].append(self.app)
