"""Draws check-ins over time: three scales on one time axis, with sessions and alerts.

Only numbers and places are made here; the template turns them into SVG. What was not finished has
no point: half a questionnaire is never drawn as a score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.console.words import at, plain
from bot.core.alerts import AlertStatus
from bot.core.appointments import AppointmentStatus
from bot.core.instruments import Instrument, is_alerting
from bot.services.check_in_records import CheckInLine
from bot.services.patient_pages import FullPatient

WIDTH = 720
_LEFT, _RIGHT, _TOP = 96, 16, 34
_PANEL, _BETWEEN, _BOTTOM = 104, 20, 26
_DRAWN = ("phq9", "gad7", "mood")
_MOST_TICKS = 6
_SHORTEST = timedelta(days=14)


@dataclass(frozen=True)
class Band:
    """A named range of totals as a stripe."""

    name: str
    y: float
    height: float
    shade: int


@dataclass(frozen=True)
class Point:
    """One complete check-in.

    :param alerting: an answer in it reaches a clinician whatever the total (item 9).
    """

    x: float
    y: float
    words: str
    alerting: bool


@dataclass(frozen=True)
class Panel:
    """One scale."""

    title: str
    top: float
    bottom: float
    low: int
    high: int
    bands: Sequence[Band]
    points: Sequence[Point]

    @property
    def line(self) -> str:
        """The points as SVG joins them."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True)
class Mark:
    """A session or an alert on the time axis."""

    x: float
    words: str
    kind: str


@dataclass(frozen=True)
class Tick:
    """A date under the axis."""

    x: float
    words: str


@dataclass(frozen=True)
class Chart:
    """Everything to draw, in units of the picture."""

    width: int
    height: float
    left: int
    right: float
    panels: Sequence[Panel]
    marks: Sequence[Mark]
    ticks: Sequence[Tick]
    summary: str


@dataclass(frozen=True)
class _Axis:
    start: datetime
    end: datetime
    zone: ZoneInfo

    def x(self, moment: datetime) -> float:
        part = (moment - self.start) / (self.end - self.start)
        return round(_LEFT + part * (WIDTH - _LEFT - _RIGHT), 1)


def draw(
    patient: FullPatient,
    instruments: Mapping[str, Instrument],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> Chart | None:
    """The chart of one patient; none when there is nothing to draw yet."""
    scored = [line for line in patient.check_ins if line.score is not None]
    shown = [name for name in _DRAWN if any(line.instrument_id == name for line in scored)]
    if not shown:
        return None
    axis = _axis(patient, scored, zone, now)
    panels = []
    for place, name in enumerate(shown):
        top = _TOP + place * (_PANEL + _BETWEEN)
        lines = [line for line in scored if line.instrument_id == name]
        panels.append(_panel(instruments[name], lines, axis, top=top))
    return Chart(
        width=WIDTH,
        height=_TOP + len(shown) * (_PANEL + _BETWEEN) + _BOTTOM,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        panels=panels,
        marks=_marks(patient, axis),
        ticks=_ticks(axis),
        summary=_summary(shown, scored),
    )


def _axis(
    patient: FullPatient, scored: Sequence[CheckInLine], zone: ZoneInfo, now: datetime
) -> _Axis:
    moments = [line.ended_at or line.started_at for line in scored]
    moments += [alert.raised_at for alert in patient.alerts]
    moments += [one.starts_at for one in patient.appointments if one.starts_at <= now]
    start = min([*moments, now - _SHORTEST])
    ahead = [one.starts_at for one in patient.appointments if one.starts_at > now]
    end = max([now, *moments, *(moment for moment in ahead if moment < now + _SHORTEST)])
    margin = (end - start) * 0.02
    return _Axis(start - margin, end + margin, zone)


def _panel(
    instrument: Instrument, lines: Sequence[CheckInLine], axis: _Axis, *, top: float
) -> Panel:
    low, high = instrument.range
    bottom = top + _PANEL

    def y(score: float) -> float:
        return round(bottom - (score - low) / (high - low) * _PANEL, 1)

    bands = [
        Band(band.name, y(band.high), round(y(band.low) - y(band.high), 1), shade)
        for shade, band in enumerate(instrument.bands)
    ]
    points = []
    for line in lines:
        moment, score = line.ended_at or line.started_at, line.score or 0
        band = f", {line.band}" if line.band else ""
        alerting = any(
            is_alerting(instrument.item(number), given) for number, given in line.answers.items()
        )
        words = f"{at(moment, axis.zone)}: {plain(instrument.id)} {score}{band}"
        if alerting:
            words += ", alerting answer"
        points.append(Point(axis.x(moment), y(score), words, alerting))
    return Panel(plain(instrument.id), top, bottom, low, high, bands, points)


def _marks(patient: FullPatient, axis: _Axis) -> list[Mark]:
    sessions = [
        Mark(
            axis.x(one.starts_at),
            f"{at(one.starts_at, axis.zone)}: session, {plain(one.status).lower()}",
            "session",
        )
        for one in patient.appointments
        if one.status != AppointmentStatus.CANCELLED and axis.start <= one.starts_at <= axis.end
    ]
    alerts = [
        Mark(
            axis.x(one.raised_at),
            f"{at(one.raised_at, axis.zone)}: alert {one.code}, {one.level}",
            "alert" if one.status == AlertStatus.RESOLVED else "alert unresolved",
        )
        for one in patient.alerts
        if axis.start <= one.raised_at <= axis.end
    ]
    return sessions + alerts


def _ticks(axis: _Axis) -> list[Tick]:
    step = (axis.end - axis.start) / _MOST_TICKS
    return [
        Tick(axis.x(moment), at(moment, axis.zone).split(",")[0][4:])
        for moment in (axis.start + step * (part + 0.5) for part in range(_MOST_TICKS))
    ]


def _summary(shown: Sequence[str], scored: Sequence[CheckInLine]) -> str:
    """The chart in a sentence, for who cannot see it; the table has the rest."""
    parts = []
    for name in shown:
        same = [line for line in scored if line.instrument_id == name]
        first, last = same[0].score, same[-1].score
        parts.append(f"{plain(name)} from {first} to {last} in {len(same)} check-ins")
    return "; ".join(parts) + "."
