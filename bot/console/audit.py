"""Who did what to whom, when: filtered, as a file, and checked."""

from datetime import datetime
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Stream

from bot.console.desk import Answer, Asked, desk_of, moment, off_loop, page, visitor_of
from bot.console.doors import needs
from bot.core.rights import Right
from bot.errors import NotAllowed
from bot.services import audit_pages
from bot.services.audit_pages import Filter
from bot.storage.audit import Verdict

# The largest number that a row can have.
_LAST_ID = 2**63 - 1


@get("/audit", opt=needs(Right.SEE_AUDIT))
@off_loop
def audit_page(
    request: Asked,
    actor: FromQuery[str] = "",
    verb: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    start: FromQuery[str] = "",
    end: FromQuery[str] = "",
    before: FromQuery[int] = 0,
) -> Answer:
    """The newest events that pass."""
    try:
        wanted = _filter(request, actor, verb, subject, start, end, before)
    except NotAllowed as refusal:
        return _page(request, Filter(), refused=refusal)
    return _page(request, wanted)


@get("/audit.csv", opt=needs(Right.SEE_AUDIT))
@off_loop
def audit_csv(
    request: Asked,
    actor: FromQuery[str] = "",
    verb: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    start: FromQuery[str] = "",
    end: FromQuery[str] = "",
) -> Answer:
    """The same as a file."""
    desk, by = desk_of(request), visitor_of(request).actor
    wanted = _filter(request, actor, verb, subject, start, end, 0)
    return Stream(
        audit_pages.export_csv(desk.clinic, wanted, by=by, now=desk.now()),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


@post("/audit/verify", opt=needs(Right.SEE_AUDIT), status_code=200)
@off_loop
def verify_audit(request: Asked) -> Answer:
    """Walk the whole chain."""
    desk, by = desk_of(request), visitor_of(request).actor
    verdict = audit_pages.verify(desk.clinic, by=by, now=desk.now())
    return _page(request, Filter(), verdict=verdict)


def _filter(
    request: Asked, actor: str, verb: str, subject: str, start: str, end: str, before: int
) -> Filter:
    zone = desk_of(request).zone
    return Filter(
        actor=actor.strip()[:64],
        verb=verb.strip()[:40],
        subject=subject.strip()[:80],
        start=_moment(start, zone),
        end=_moment(end, zone),
        before_id=min(before, _LAST_ID) or None,
    )


def _moment(written: str, zone: ZoneInfo) -> datetime | None:
    return moment(written, zone) if written else None


def _page(
    request: Asked,
    wanted: Filter,
    *,
    refused: NotAllowed | None = None,
    verdict: Verdict | None = None,
) -> Answer:
    desk = desk_of(request)
    lines = audit_pages.look_at(desk.clinic, wanted, by=visitor_of(request).actor, now=desk.now())
    return page(
        request,
        "audit.html",
        status=400 if refused else 200,
        refused=refused,
        lines=lines,
        wanted=wanted,
        verdict=verdict,
        full=len(lines) == audit_pages.SHOWN,
        asked=dict(request.query_params),
    )


HANDLERS = [audit_page, audit_csv, verify_audit]
