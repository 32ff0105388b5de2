"""The page for 3 a.m.: what is open, who has it, one tap to take it; live."""

import json
from asyncio import sleep
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

from litestar import get
from litestar.concurrency import sync_to_thread
from litestar.response import ServerSentEvent, ServerSentEventMessage

from bot.console.desk import (
    Answer,
    Asked,
    Desk,
    desk_of,
    form_token,
    off_loop,
    page,
    visitor_of,
)
from bot.console.doors import needs
from bot.core.rights import Right
from bot.services import alert_list, logins, reach, rota_page

_RECENT = timedelta(hours=24)
# Silent for longer than this, the worker is not well.
BEAT_LATE = timedelta(seconds=60)
_LOOK_EVERY = 1.0
# Ages in the list and the heartbeat move on even when nothing else does.
_FRESH_EVERY = 30
_STILL_ALLOWED_EVERY = 5


@get("/now", opt=needs(Right.SEE_ALERTS))
@off_loop
def now_page(request: Asked) -> Answer:
    """Open alerts by level and age."""
    return page(request, "now.html", **_context(desk_of(request)))


@get("/now/again", opt=needs(Right.SEE_ALERTS, listens=True))
@off_loop
def now_again(request: Asked) -> Answer:
    """The same page, loaded by a browser without scripts by itself: no sign of a person."""
    return page(request, "now.html", **_context(desk_of(request)))


@get("/now/live", opt=needs(Right.SEE_ALERTS, listens=True, streams=True))
async def now_live(request: Asked) -> ServerSentEvent:
    """Changes of the list as they happen, for as long as the login lives."""
    return ServerSentEvent(changes(request), retry_duration=2000)


async def changes(request: Asked) -> AsyncGenerator[ServerSentEventMessage]:
    """The list whenever it looks different, until the login ends or a newer page takes over."""
    desk = desk_of(request)
    seen: object = None
    rounds = 0
    with desk.streams.opened(visitor_of(request).login_id) as stream:
        while not desk.closing.is_set():
            if stream.ended.is_set():
                yield ServerSentEventMessage(event="full", data="{}")
                return
            if rounds % _STILL_ALLOWED_EVERY == 0 and not await _still_allowed(request):
                yield ServerSentEventMessage(event="ended", data="{}")
                return
            found = await sync_to_thread(lambda: alert_list.fingerprint(desk.clinic))
            if found != seen or rounds % _FRESH_EVERY == 0:
                seen = found
                data = await sync_to_thread(lambda: _fragment(request))
                yield ServerSentEventMessage(event="alerts", data=data)
            rounds += 1
            await sleep(_LOOK_EVERY)


async def _still_allowed(request: Asked) -> bool:
    desk, token = desk_of(request), str(request.scope.get("tend_token", ""))
    return (
        await sync_to_thread(
            lambda: logins.recognise(desk.clinic, token, now=desk.now(), here=False)
        )
        is not None
    )


def _fragment(request: Asked) -> str:
    """The list as HTML, and which alerts are open, so that the page can sound."""
    desk = desk_of(request)
    context = _context(desk)
    engine = request.app.template_engine
    assert engine is not None  # set by ``build``
    html = engine.get_template("now_list.html").render(
        **context,
        now=desk.now(),
        zone=desk.zone,
        visitor=visitor_of(request),
        rights=Right,
        form_token=form_token(request),
    )
    return json.dumps(
        {
            "html": html,
            "open": [card.id for card in context["cards"] if card.is_open],
            "words": {
                card.id: f"New alert {card.code}, {card.level.value}"
                for card in context["cards"]
                if card.is_open
            },
        }
    )


def _context(desk: Desk) -> dict[str, Any]:  # what the template asks for
    now = desk.now()
    cards, closed = alert_list.list_open_cards(
        desk.clinic, desk.directory.entries(), recent=_RECENT, now=now
    )
    beat = alert_list.last_beat(desk.clinic)
    return {
        "cards": cards,
        "closed": closed,
        "beat": beat,
        "beat_late": is_late(beat, now),
        "unreachable": reach.list_unreachable(desk.clinic),
        "gap": rota_page.next_gap(desk.clinic, now=now),
        "open_count": sum(1 for card in cards if card.is_open),
    }


def is_late(beat: datetime | None, now: datetime) -> bool:
    """Has the worker been silent for too long?"""
    return beat is None or now - beat > BEAT_LATE


HANDLERS = [now_page, now_again, now_live]
