"""The figures of this clinic as Prometheus reads them: numbers only, no words and no phones."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.services import auditor, figures
from bot.services.clinic import Clinic
from bot.storage import alerts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(clinic: Clinic, *, now: datetime) -> bytes:
    """Everything, read at this moment from the records; nothing is counted in memory."""
    registry = CollectorRegistry()
    registry.register(_Figures(clinic, now))
    return bytes(generate_latest(registry))


class _Figures(Collector):
    def __init__(self, clinic: Clinic, now: datetime) -> None:
        self._clinic = clinic
        self._now = now

    def collect(self) -> Iterator[Metric]:
        yield self._open_alerts()
        yield _gauge(
            "tend_paging_trouble",
            "Things that the auditor finds wrong with paging now",
            {(): len(auditor.findings(self._clinic, now=self._now))},
        )
        yield from self._times()
        yield from self._load()
        yield from self._canary()

    def _open_alerts(self) -> Metric:
        with self._clinic.db.reading() as db:
            unresolved = [one for one in alerts.list_unresolved(db) if not one.is_test]
        counts = {
            (level.value, status.value): sum(
                one.level == level and one.status == status for one in unresolved
            )
            for level in Level
            for status in (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)
        }
        return _gauge("tend_alerts", "Unresolved alerts", counts, ["level", "status"])

    def _times(self) -> Iterator[Metric]:
        week = figures.times_by_week(self._clinic, now=self._now, weeks=1)[0]
        for name, p50, p95 in (
            ("page", week.page_p50, week.page_p95),
            ("acknowledge", week.acknowledge_p50, week.acknowledge_p95),
        ):
            known = {("0.5",): p50, ("0.95",): p95}
            yield _gauge(
                f"tend_time_to_{name}_seconds",
                f"From urgent to {name}d, urgent and emergency alerts of this week",
                {key: value for key, value in known.items() if value is not None},
                ["quantile"],
            )
        yield _gauge(
            "tend_alerts_unacknowledged_week",
            "Urgent and emergency alerts of this week that nobody has now",
            {(): week.waiting},
        )

    def _load(self) -> Iterator[Metric]:
        week = figures.load_by_week(self._clinic, now=self._now, weeks=1)[0]
        hours = {("in",): week.pages_in_hours, ("out",): week.pages_out_of_hours}
        yield _gauge("tend_pages_week", "Rounds of pages this week", hours, ["hours"])
        yield _gauge(
            "tend_same_day_calls_week", "Calls to be made the same day", {(): week.same_day}
        )

    def _canary(self) -> Iterator[Metric]:
        last = figures.last_canary(self._clinic)
        if last is None:
            return
        age = (self._now - last.at).total_seconds()
        yield _gauge("tend_canary_age_seconds", "Since the last daily test", {(): age})
        if last.acknowledged_after is not None:
            yield _gauge(
                "tend_canary_acknowledged_seconds",
                "How quickly the last daily test was acknowledged",
                {(): last.acknowledged_after},
            )


def _gauge(
    name: str,
    about: str,
    values: Mapping[Any, float],  # label values as tuples of texts
    labels: list[str] | None = None,
) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels or [])
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
