"""How the line itself is doing: processes, queues, what is in use, the next gap."""

import json
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from litestar import get

from bot.console.desk import Answer, Asked, Desk, desk_of, off_loop, page
from bot.console.doors import needs
from bot.console.now import is_late
from bot.content.live_model import live_model, model_name
from bot.core.rights import Right
from bot.errors import ConfigError
from bot.services import auditor, condition, figures, reach, rota_page

_DAY = timedelta(days=1)


@get("/health", opt=needs(Right.SEE_HEALTH))
@off_loop
def health_page(request: Asked) -> Answer:
    """Everything that a technician asks first."""
    desk = desk_of(request)
    now = desk.now()
    found = condition.look_at(desk.clinic, since=now - _DAY, now=now)
    beat = found.beats.get("worker")
    return page(
        request,
        "health.html",
        condition=found,
        worker_late=is_late(beat, now),
        beat=beat,
        dialogue=desk.app.dialogue.ready(),
        unreachable=reach.list_unreachable(desk.clinic),
        gap=rota_page.next_gap(desk.clinic, now=now),
        versions=_versions(desk),
        canary=figures.last_canary(desk.clinic),
        times=figures.times_by_week(desk.clinic, now=now, weeks=2)[::-1],
        load=figures.load_by_week(desk.clinic, now=now, weeks=2)[::-1],
        findings=auditor.findings(desk.clinic, now=now),
        model=_model(desk.app.settings.models_dir),
    )


def _versions(desk: Desk) -> Sequence[tuple[str, str]]:
    protocol = desk.clinic.protocol
    return [
        ("Tend", version("tend")),
        ("Protocol", f"{protocol.id}, version {protocol.version}, signed by {protocol.approver}"),
        *(
            (instrument.title, f"version {instrument.version}")
            for instrument in desk.clinic.instruments.values()
        ),
    ]


def _model(folder: Path) -> dict[str, Any] | None:  # a card is JSON
    """The card of the live dialogue model; none when none is there."""
    try:
        name = model_name(live_model(folder))
        found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (ConfigError, OSError, ValueError):
        return None
    return {"name": name, **found} if isinstance(found, dict) else None


HANDLERS = [health_page]
