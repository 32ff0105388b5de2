"""Says in plain lines what was expected and what happened instead."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from bot.conversations import steps as st
from bot.conversations.stage import AlertSeen, Event, Noted, NotSent, Paged, Sent, Tasked

_NAMES = {
    st.PatientTexts: "patient",
    st.StaffTexts: "staff",
    st.Wait: "wait",
    st.ClockAt: "clock",
    st.RasaDoes: "rasa",
    st.CarrierDoes: "carrier",
    st.Resolve: "resolve",
    st.ContactMade: "contact",
    st.OutcomeKnown: "outcome",
    st.FollowUpMade: "follow_up",
    st.SessionsReleased: "release",
    st.PhoneRings: "phone",
}
_LONGEST = 100


def describe_step(step: st.AnyStep) -> str:
    """A step's own fields, as they were written: ``text crisis_suicide, within 5s``."""
    told = [
        f"{field.name} {_value(value)}"
        for field in fields(step)
        if field.name != "line"
        and (value := getattr(step, field.name)) not in (None, field.default)
    ]
    return ", ".join(told) or "any"


def describe_span(
    *,
    path: Path,
    line: int,
    expected: str,
    after: bool,
    since: st.AnyStep | None,
    events: Sequence[Event],
    alerts: Sequence[AlertSeen],
) -> str:
    """The whole difference: what was expected at which line, and what happened."""
    where = f"{path}:{line}: {'after this, ' if after else ''}expected {expected}"
    begun = "the beginning"
    if since is not None:
        begun = f"line {since.line} ({_NAMES[type(since)]}: {describe_step(since)})"
    happened = [f"    {_event(event)}" for event in events] or ["    nothing"]
    standing = [f"    {_alert(alert)}" for alert in alerts] or ["    none"]
    lines = [where, f"  what happened since {begun}:", *happened, "  unresolved alerts:", *standing]
    return "\n".join(lines)


def _value(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds())}s"
    if isinstance(value, StrEnum):
        return value.value
    text = str(value)
    return f'"{text[:_LONGEST]}…"' if len(text) > _LONGEST else text


def _event(event: Event) -> str:
    at = f"{event.at:%d %H:%M:%S}Z"
    if isinstance(event, Sent):
        return f'{at}  to {event.to}: {event.text_id} ({event.language})  "{event.body}"'
    if isinstance(event, Paged):
        return f"{at}  page {event.code} to {event.to} ({event.recipient}, {event.channel})"
    if isinstance(event, NotSent):
        return f"{at}  not sent to {event.to}: {event.text_id}, because {event.because}"
    if isinstance(event, Tasked):
        reason = f" ({event.reason})" if event.reason else ""
        return f"{at}  task for support: {event.kind}{reason}"
    return f"{at}  {event.words}" if isinstance(event, Noted) else at


def _alert(alert: AlertSeen) -> str:
    holder = f" by {alert.by}" if alert.by else ""
    return (
        f"{alert.code} about {alert.about}: {alert.level}, {alert.category}, {alert.status}{holder}"
    )
