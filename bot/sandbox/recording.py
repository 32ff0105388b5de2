"""Writes down a dialogue as it happens, as a golden conversation that can be played again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from bot.conversations import cast
from bot.conversations.stage import AlertSeen, Event, NotSent, Paged, Sent, Tasked
from bot.core.escalation import PageChannel, Recipient
from bot.errors import ConfigError
from bot.sandbox.stage_events import Ledger

_DEFAULT = "Ann"


@dataclass
class Recording:
    """What was said and done so far.

    :param ledger: tells what happened behind.
    :param began: when the dialogue began; aware.
    :param zone: the clinic's own, in which the clock is written.
    """

    ledger: Ledger
    began: datetime
    zone: ZoneInfo
    # What people did (an action) and what followed, in order; each step is one YAML map.
    _steps: list[dict[str, Any]] = field(default_factory=list)
    _patient: str | None = None
    _seen: int = 0
    _several: bool = False
    _alerts: dict[str, AlertSeen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._seen = len(self.ledger.events())
        self._alerts = {alert.code: alert for alert in self.ledger.alerts()}

    @property
    def patient(self) -> str:
        """Whose conversation it is: the first mother who texted."""
        return self._patient or _DEFAULT

    def said(self, name: str, text: str) -> None:
        """Somebody texted."""
        if name in cast.COLLEAGUES or name == "Mallory":
            self._steps.append({"staff": {"name": name, "texts": self._without_codes(text)}})
            return
        self._patient = self._patient or name
        step: Any = text if name == self.patient else {"text": text, "from": name}
        self._steps.append({"patient": step})

    def waited(self, by: timedelta) -> None:
        """Time passed."""
        self._steps.append({"wait": written_span(by)})

    def catch_up(self) -> None:
        """Write down what has followed since the last time."""
        events = self.ledger.events()
        fresh, self._seen = events[self._seen :], len(events)
        alert_steps = self._changed_alerts()
        self._several = self._several or any(a.about != self.patient for a in self._alerts.values())
        self._steps += [step for step in map(self._step, _rounds(fresh)) if step is not None]
        self._steps += alert_steps

    def save(self, path: Path) -> int:
        """Write the golden conversation; how many steps it has.

        :raises ConfigError: nothing was said yet, or the file cannot be written.
        """
        self.catch_up()
        if not self._steps:
            raise ConfigError("Nothing was said yet: text something, then save.")
        local = self.began.astimezone(self.zone)
        content = {
            "given": {
                "patient": self.patient,
                "clock": f"{local:%Y-%m-%d %H:%M} {self.zone.key}",
            },
            "steps": self._steps,
        }
        yaml = YAML()
        yaml.width = 100
        yaml.indent(mapping=2, sequence=4, offset=2)
        try:
            with path.open("w", encoding="utf-8") as file:
                yaml.dump(content, file)
        except OSError as error:
            raise ConfigError(
                f"{path}: cannot be written ({error.strerror}). Name another file."
            ) from None
        return len(self._steps)

    def _step(self, event: Event) -> dict[str, Any] | None:
        if isinstance(event, Sent):
            mine = event.to == self.patient
            return {"bot": event.text_id if mine else {"to": event.to, "text": event.text_id}}
        if isinstance(event, Paged):
            page = {"to": event.recipient.value, "channel": event.channel.value}
            # Two alerts at once: their pages go in no particular order.
            about = {"about": event.about} if self._several else {}
            return {"page": page | about}
        if isinstance(event, NotSent) and event.to == self.patient:
            return {"suppressed": {"text": event.text_id, "because": event.because}}
        return {"support": event.kind} if isinstance(event, Tasked) else None

    def _changed_alerts(self) -> list[dict[str, Any]]:
        now = {alert.code: alert for alert in self.ledger.alerts()}
        steps = [
            _alert_step(alert, self.patient)
            for code, alert in now.items()
            if self._alerts.get(code) != alert
        ]
        closed = [alert for code, alert in self._alerts.items() if code not in now]
        if any(alert.about == self.patient for alert in closed):
            steps.append({"no_alert": True})
        self._alerts = now
        return steps

    def _without_codes(self, text: str) -> str:
        """Codes are drawn anew in every play: "ACK K7" becomes "ACK {alert}"."""
        for code, alert in self._alerts.items():
            if alert.about == self.patient:
                text = text.replace(code, "{alert}").replace(code.lower(), "{alert}")
        return text


def _alert_step(alert: AlertSeen, patient: str) -> dict[str, Any]:
    step = {
        "level": alert.level.value,
        "category": alert.category.value,
        "status": alert.status.value,
    }
    if alert.by is not None:
        step["by"] = alert.by
    if alert.about != patient:
        step["about"] = alert.about
    return {"alert": step}


def _rounds(events: Sequence[Event]) -> list[Event]:
    """A page to everyone is one step, however many have phones.

    A round is over when somebody gets the second page by the same way; not when the clock ticks,
    as it does between two pages of one round.
    """
    kept: list[Event] = []
    rounds: dict[str, set[tuple[str, PageChannel]]] = {}
    for event in events:
        if isinstance(event, Paged) and event.recipient is Recipient.EVERYONE:
            reached = rounds.get(event.code)
            page = (event.to, event.channel)
            if reached is not None and page not in reached:
                reached.add(page)
                continue
            rounds[event.code] = {page}
        kept.append(event)
    return kept


def written_span(by: timedelta) -> str:
    """A length of time as golden conversations write it: 1d2h, 5m."""
    seconds = int(by.total_seconds())
    written = ""
    for letter, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        written += f"{count}{letter}" if count else ""
    return written or "0s"
