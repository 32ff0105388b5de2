"""What every page of the console is given, and how a page is made from it."""

import os
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, wraps
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from bot.bootstrap import App
from bot.console.form_tokens import NOBODY, FormTokens
from bot.console.password_queue import PasswordQueue
from bot.console.streams import Openings, Streams
from bot.core import wall_clock
from bot.core.rights import Right
from bot.core.signs import without_controls
from bot.errors import InvalidTransition, NotAllowed, NotFound
from bot.services import kept_forms, rota_page
from bot.services.clinic import Clinic
from bot.services.logins import Visitor
from bot.services.patient_care import WrittenBy
from bot.services.patient_directory import PatientDirectory
from bot.teaching.workshop import Workshop
from bot.training.beside import Beside

# No shift and no event is outside; far years break every calendar sooner or later.
_YEARS = range(2000, 2100)

Asked = Request[Any, Any, State]
Answer = Response[Any]  # a page, a file or a redirect
# A filled-in form, as the browser sends it.
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

_GIVES_WAY = 15
_PATH = re.compile(r"/(?:[a-zA-Z0-9_-]+(?:/[a-zA-Z0-9_-]+)*)?")


def aside(work: Callable[[], None]) -> None:
    """Do it in a thread that gives way to everything else on the machine."""

    def politely() -> None:
        # On Linux this is the thread's own priority, and that of what it starts.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _GIVES_WAY)
        work()

    threading.Thread(target=politely, name="teaching", daemon=True).start()


@dataclass(frozen=True)
class Written:
    """What stands in the forms of a page although it was not carried out.

    :param others: what stands in further forms of the page, by the address they are sent to.
    :param kept_at: when it was kept, because the login had ended.
    """

    action: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    kept_at: datetime | None = None
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def actions(self) -> str:
        """Every form of this page in which something stands, as one field of a form holds them."""
        return " ".join(dict.fromkeys([self.action, *self.others]))

    def of(self, action: str, name: str) -> str:
        """What was written into this field of this form; empty for every other form."""
        return str(self.form(action).get(name, ""))

    def form(self, action: str) -> Mapping[str, str]:
        """Everything that was written into this form; nothing for every other form."""
        return self.fields if action == self.action else self.others.get(action, {})


@dataclass(frozen=True)
class Desk:
    """The parts of one console process.

    :param one_tap: the sandbox: anybody may be any of the cast.
    :param streams: the pages that are live now.
    :param passwords: whose turn it is to be let in.
    :param openings: how often each browser asked for one lately.
    :param closing: set when the process stops, so that open pages are let go.
    """

    app: App
    directory: PatientDirectory
    zone: ZoneInfo
    workshop: Workshop
    one_tap: bool = False
    closing: threading.Event = field(default_factory=threading.Event)
    streams: Streams = field(default_factory=Streams)
    openings: Openings = field(default_factory=Openings)
    passwords: PasswordQueue = field(default_factory=PasswordQueue)
    # What takes longer than a page may: in a thread of its own, in tests at once.
    in_background: Callable[[Callable[[], None]], None] = aside

    @cached_property
    def beside(self) -> Beside:
        """Tries a text with a candidate beside the live model."""
        return Beside(self.app)

    @cached_property
    def form_tokens(self) -> FormTokens:
        """What signs forms: every copy of the console finds the same, from the clinic's keys."""
        return FormTokens(self.clinic.db.vault.index("console csrf"))

    @property
    def clinic(self) -> Clinic:
        """The clinic's data and rules."""
        return self.app.clinic

    def now(self) -> datetime:
        """The time, as this process's clock says."""
        return self.app.clock.now()


def off_loop[**P, R](answer: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Let a page be made in a thread: services never run on the event loop.

    Litestar's own way (``sync_to_thread``) wraps a page twice when one address both shows and
    takes a form, and then answers 500.
    """

    @wraps(answer)
    async def in_a_thread(*given: P.args, **named: P.kwargs) -> R:
        return await sync_to_thread(answer, *given, **named)

    return in_a_thread


def desk_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Desk:
    """The desk of the application that was asked."""
    found = connection.app.state.desk
    assert isinstance(found, Desk)  # put there by ``build``
    return found


def visitor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """Who asks; pages that need a right are never reached without somebody.

    :raises NotAllowed: nobody is logged in.
    """
    found = connection.scope.get("tend_visitor")
    if not isinstance(found, Visitor):
        raise NotAllowed("Log in first.")
    return found


def carry_out[R](
    request: Asked,
    act: Callable[[], R],
    *,
    then: Answer | Callable[[R], Answer],
    refused: Callable[..., Answer],
) -> Answer:
    """Do it; if it is refused, the page says why and keeps what was written.

    :param then: the answer when it was done, or what makes it of the result.
    :param refused: makes the page again; is given the refusal as ``refused``.
    """
    try:
        done = act()
    except NotAllowed as refusal:
        return refused(refused=refusal)
    except (InvalidTransition, NotFound):
        # By a colleague in between, too; what never was is refused by the page itself.
        why = "That cannot be done now. Somebody may have been quicker."
        return refused(refused=NotAllowed(why))
    desk, me = desk_of(request), visitor_of(request).staff_id
    # What was kept of an earlier try is in the records now.
    kept_forms.drop(desk.clinic, me, request.url.path, now=desk.now())
    return then(done) if callable(then) else then


def page(
    request: Asked,
    template: str,
    *,
    status: int | None = None,
    refused: NotAllowed | None = None,
    **context: Any,
) -> Template:
    """A page with everything that stands on each of them. Reads the database.

    :param refused: why what was asked is not done; what was written stands in its form again.
    """
    desk = desk_of(request)
    visitor = request.scope.get("tend_visitor")
    on_call = rota_page.on_call_now(desk.clinic, now=desk.now()) if visitor else None
    waits: list[str] = []
    if isinstance(visitor, Visitor):
        waits = kept_forms.list_pages(desk.clinic, visitor.staff_id, now=desk.now())
    return bare_page(
        request,
        template,
        status=status or (409 if refused else 200),
        error=str(refused or ""),
        refused=refused,
        on_call=on_call,
        kept_elsewhere=[one for one in waits if one != request.url.path],
        **{"written": _written(request, refused), **context},
    )


def _written(request: Asked, refused: NotAllowed | None) -> Written:
    if refused is None:
        return written_before(request)
    form, others = request.scope.get("tend_form"), request.scope.get("tend_others")
    return Written(
        request.url.path,
        form if isinstance(form, dict) else {},
        others=others if isinstance(others, dict) else {},
    )


def written_before(request: Asked) -> Written:
    """What this person wrote into a form of this page before the login ended; else nothing."""
    desk, visitor = desk_of(request), request.scope.get("tend_visitor")
    if request.method != "GET" or not isinstance(visitor, Visitor):
        return Written()
    kept = kept_forms.find_all(desk.clinic, visitor.staff_id, request.url.path, now=desk.now())
    if not kept:
        return Written()
    newest, *older = kept
    others = {one.action: one.fields for one in older}
    return Written(newest.action, newest.fields, newest.at, others)


def bare_page(
    request: Asked, template: str, *, status: int = 200, error: str = "", **context: Any
) -> Template:
    """A page without a look at the database: may be made on the event loop."""
    desk = desk_of(request)
    return Template(
        template,
        status_code=status,
        context={
            "now": desk.now(),
            "zone": desk.zone,
            "visitor": request.scope.get("tend_visitor"),
            "on_call": None,
            "rights": Right,
            "sandbox": desk.one_tap,
            "practice": desk.clinic.protocol.practice,
            "done": request.query_params.get("done", ""),
            "error": error,
            "path": request.url.path,
            "form_token": form_token(request),
            "written": Written(),
            "kept_elsewhere": [],
            "refused": None,
            **context,
        },
    )


def form_token(request: Asked) -> str:
    """What makes a form count: it was given to this login, in this browser."""
    visitor = request.scope.get("tend_visitor")
    login = visitor.login_id if isinstance(visitor, Visitor) else NOBODY
    browser = str(request.scope.get("tend_browser", ""))
    return desk_of(request).form_tokens.give(login, browser=browser)


def writer_of(request: Asked, form: Mapping[str, Any]) -> WrittenBy:
    """Who writes a text to her, and what this person was warned of and sends all the same."""
    visitor = visitor_of(request)
    return WrittenBy(
        visitor.staff_id,
        may_insist=visitor.may(Right.INSIST_ON_TEXTS),
        insist=text_of(form, "insist"),
        although_read=text_of(form, "although_read"),
    )


def back_to(path: str, *, done: str = "", undo: str = "") -> Redirect:
    """After something was done: the page again, with a sentence about it.

    Only paths of our own, whatever a form said.

    :param undo: id of what an undo on the page would be about.
    """
    query = {name: value for name, value in (("done", done), ("undo", undo)) if value}
    return Redirect(safe_path(path), status_code=303, query_params=query or None)


def safe_path(path: str) -> str:
    """A path of this console; its first page for anything else (no open redirect)."""
    return path if _PATH.fullmatch(path) else "/"


def moment(written: str, zone: ZoneInfo) -> datetime:
    """A time as a browser's field gives it, in the practice's zone.

    :raises NotAllowed: not a time, or one that the clocks skip.
    """
    try:
        local = datetime.fromisoformat(written)
        if local.tzinfo is not None:
            # No field sends a zone; to drop it in silence would move the shift by hours.
            raise ValueError(written)
        found = wall_clock.read(local, zone)
        if found.year not in _YEARS:
            raise ValueError(found.year)
        return found
    except (ValueError, OverflowError):
        raise NotAllowed("Write day and time, such as 2026-03-10 14:00.") from None


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field of a form, without control characters; empty when it is not there."""
    return without_controls(str(form.get(name) or ""))


def to_login(path: str = "/") -> Redirect:
    """To the login, and back here afterwards."""
    wanted = safe_path(path)
    query = {"next": wanted} if wanted not in ("/", "/login") else None
    return Redirect("/login", status_code=303, query_params=query)
