"""Was the screening right? What clinicians said when they closed, by month, class and layer.

The only honest measure in use: of the alerts that a class or a layer raised, how many were true.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.core.alerts import AlertStatus, Verdict
from bot.services.clinic import Clinic
from bot.storage.tables import Alert, AlertSignal


@dataclass(frozen=True)
class MonthVerdicts:
    """The closed alerts of one month in which one class or one layer had a part.

    :param month: such as ``2026-01``, of the closing, on the practice's calendar.
    :param kind: ``class`` or ``layer``.
    :param unsaid: closed without a verdict, as before verdicts were asked for.
    """

    month: str
    kind: str
    name: str
    true: int
    false_alarm: int
    not_sure: int
    unsaid: int

    @property
    def ppv(self) -> float | None:
        """The share of true alerts among those on which somebody decided; none without any."""
        decided = self.true + self.false_alarm
        return self.true / decided if decided else None


def by_month(clinic: Clinic) -> list[MonthVerdicts]:
    """Every month's verdicts, the newest month first; an alert counts once for each class."""
    query = (
        select(Alert.id, Alert.resolved_at, Alert.verdict, AlertSignal.category, AlertSignal.layer)
        .join(AlertSignal, AlertSignal.alert_id == Alert.id)
        .where(Alert.status == AlertStatus.RESOLVED, Alert.is_test.is_(False))
    )
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    groups: dict[tuple[str, str, str], dict[str, Verdict | None]] = defaultdict(dict)
    with clinic.db.reading() as db:
        for alert_id, resolved_at, verdict, category, layer in db.execute(query):
            month = _month(resolved_at, zone)
            groups[month, "class", str(category)][alert_id] = verdict
            groups[month, "layer", str(layer)][alert_id] = verdict
    rows = [_counted(key, list(found.values())) for key, found in groups.items()]
    return sorted(rows, key=lambda row: (_reversed(row.month), row.kind, row.name))


def to_records(rows: Sequence[MonthVerdicts]) -> list[dict[str, object]]:
    """The same as plain values, for JSON."""
    return [{**vars(row), "ppv": row.ppv} for row in rows]


def _counted(key: tuple[str, str, str], verdicts: Iterable[Verdict | None]) -> MonthVerdicts:
    said = list(verdicts)
    return MonthVerdicts(
        *key,
        true=said.count(Verdict.TRUE),
        false_alarm=said.count(Verdict.FALSE_ALARM),
        not_sure=said.count(Verdict.NOT_SURE),
        unsaid=said.count(None),
    )


def _month(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m}" if moment else ""


def _reversed(month: str) -> int:
    return -int(month.replace("-", "") or 0)
