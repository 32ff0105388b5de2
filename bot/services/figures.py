"""The clinic's own figures: how quickly alerts are paged and taken, and how much there is to bear.

The daily canary is in none of them; how quickly *it* was answered is told by itself.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.content.protocol import BearableLoad
from bot.core.alerts import AlertStatus, SupportKind
from bot.core.levels import Level
from bot.services import practice, urgent_since
from bot.services.clinic import Clinic
from bot.storage.tables import Alert, Page, SupportItem

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class WeekTimes:
    """How quickly the urgent and emergency alerts of one week were paged and taken. In seconds.

    Counted from the moment at which each became urgent.

    :param week: its Monday, on the practice's calendar.
    :param waiting: how many nobody has now, whoever had them before.
    """

    week: date
    alerts: int
    page_p50: float | None
    page_p95: float | None
    acknowledge_p50: float | None
    acknowledge_p95: float | None
    waiting: int


@dataclass(frozen=True)
class WeekLoad:
    """What one week asked of people, and why.

    :param pages: rounds of pages while the practice was staffed; ``pages_out_of_hours`` the rest.
    :param same_day: calls to be made the same day, follow-up calls among them.
    :param causes: pages and calls by what they were about.
    :param over: which of them are more than is bearable.
    """

    week: date
    pages_in_hours: int
    pages_out_of_hours: int
    same_day: int
    causes: Counter[str] = field(default_factory=Counter)
    over: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        return self.pages_in_hours + self.pages_out_of_hours


@dataclass(frozen=True)
class CanaryResult:
    """How the newest daily test went. Seconds; none while it has not got there."""

    at: datetime
    paged_after: float | None
    acknowledged_after: float | None
    closed: bool


def times_by_week(clinic: Clinic, *, now: datetime, weeks: int = 8) -> list[WeekTimes]:
    """Time to page and time to acknowledge, week by week, the newest last."""
    with clinic.db.reading() as db:
        raised = _raised_since(db, _monday(clinic, now) - _WEEK * (weeks - 1))
        since = urgent_since.find(db, raised)
    found = []
    for week, members in _by_week(clinic, raised, now=now, weeks=weeks):
        urgent = [alert for alert in members if alert.id in since]
        moments = [since[alert.id] for alert in urgent]
        paged = [one.paged_after for one in moments if one.paged_after is not None]
        taken = [one.acknowledged_after for one in moments if one.acknowledged_after is not None]
        found.append(
            WeekTimes(
                week=week,
                alerts=len(urgent),
                page_p50=_quantile(paged, 0.5),
                page_p95=_quantile(paged, 0.95),
                acknowledge_p50=_quantile(taken, 0.5),
                acknowledge_p95=_quantile(taken, 0.95),
                waiting=sum(_has_nobody(alert) for alert in urgent),
            )
        )
    return found


def load_by_week(clinic: Clinic, *, now: datetime, weeks: int = 8) -> list[WeekLoad]:
    """Pages and same-day calls, week by week, beside what the clinic can bear; the newest last."""
    since = _monday(clinic, now) - _WEEK * (weeks - 1)
    with clinic.db.reading() as db:
        raised = _raised_since(db, since)
        rounds = _rounds_since(db, since)
        calls = _follow_ups_since(db, since)
    alerts = dict(_by_week(clinic, raised, now=now, weeks=weeks))
    found = []
    for week in alerts:
        here = [one for one in rounds if _week_of(clinic, one[0]) == week]
        inside = sum(practice.is_staffed(clinic.protocol, at) for at, _ in here)
        same_day = [alert for alert in alerts[week] if alert.level == Level.SAME_DAY]
        made = [due_at for due_at in calls if _week_of(clinic, due_at) == week]
        causes = Counter(category for _, category in here)
        causes.update(alert.category for alert in same_day)
        causes.update({"follow_up_call": len(made)} if made else {})
        load = WeekLoad(
            week=week,
            pages_in_hours=inside,
            pages_out_of_hours=len(here) - inside,
            same_day=len(same_day) + len(made),
            causes=Counter({str(cause): count for cause, count in causes.items()}),
        )
        found.append(_weighed(load, clinic.protocol.bearable_load))
    return found


def last_canary(clinic: Clinic) -> CanaryResult | None:
    """The newest daily test, for the page on health."""
    query = select(Alert).where(Alert.is_test.is_(True)).order_by(Alert.id.desc()).limit(1)
    with clinic.db.reading() as db:
        alert = db.scalars(query).first()
    if alert is None:
        return None
    return CanaryResult(
        at=alert.raised_at,
        paged_after=_after(alert, alert.first_paged_at) if alert.first_paged_at else None,
        acknowledged_after=(
            _after(alert, alert.first_acknowledged_at) if alert.first_acknowledged_at else None
        ),
        closed=alert.status == AlertStatus.RESOLVED,
    )


def _weighed(load: WeekLoad, bearable: BearableLoad) -> WeekLoad:
    limits = {
        "pages": (load.pages, bearable.pages_per_week),
        "pages_out_of_hours": (load.pages_out_of_hours, bearable.pages_out_of_hours_per_week),
        "same_day": (load.same_day, bearable.same_day_calls_per_week),
    }
    over = tuple(name for name, (count, most) in limits.items() if count > most)
    return WeekLoad(
        load.week,
        load.pages_in_hours,
        load.pages_out_of_hours,
        load.same_day,
        load.causes,
        over,
    )


def _raised_since(db: Session, since: datetime) -> Sequence[Alert]:
    query = select(Alert).where(Alert.raised_at >= since, Alert.is_test.is_(False))
    return db.scalars(query.order_by(Alert.id)).all()


def _rounds_since(db: Session, since: datetime) -> list[tuple[datetime, str]]:
    """Each round of pages once, however many phones it reached."""
    query = (
        select(Page.alert_id, Page.round, Page.at, Alert.category)
        .join(Alert, Alert.id == Page.alert_id)
        .where(Page.at >= since, Alert.is_test.is_(False))
        .order_by(Page.id)
    )
    rounds = {(row.alert_id, row.round): (row.at, row.category) for row in db.execute(query)}
    return list(rounds.values())


def _follow_ups_since(db: Session, since: datetime) -> list[datetime]:
    query = select(SupportItem.due_at).where(
        SupportItem.kind == SupportKind.FOLLOW_UP, SupportItem.due_at >= since
    )
    return [due_at for due_at in db.scalars(query) if due_at is not None]


def _by_week(
    clinic: Clinic, raised: Iterable[Alert], *, now: datetime, weeks: int
) -> list[tuple[date, list[Alert]]]:
    this = _week_of(clinic, now)
    found: dict[date, list[Alert]] = {this - _WEEK * back: [] for back in reversed(range(weeks))}
    for alert in raised:
        week = _week_of(clinic, alert.raised_at)
        if week in found:
            found[week].append(alert)
    return list(found.items())


def _week_of(clinic: Clinic, moment: datetime) -> date:
    local = moment.astimezone(ZoneInfo(clinic.protocol.staffed_hours.zone)).date()
    return local - timedelta(days=local.weekday())


def _monday(clinic: Clinic, now: datetime) -> datetime:
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    return datetime.combine(_week_of(clinic, now), time(), tzinfo=zone).astimezone(now.tzinfo)


def _after(alert: Alert, moment: datetime) -> float:
    return max(0.0, (moment - alert.raised_at).total_seconds())


def _has_nobody(alert: Alert) -> bool:
    return alert.status != AlertStatus.RESOLVED and alert.acknowledged_by is None


def _quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that is not below this share of all; of few values it is a real one."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
