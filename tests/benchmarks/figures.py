"""One measured number a line, with its target and the machine it was measured on."""

import json
import math
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured number.

    :param name: what was measured, such as ``webhook.sandbox.idle.p99``.
    :param unit: ``ms``, ``s``, ``count``; smaller is better in each.
    :param n: how many single measurements are in it.
    :param target: what we promise; none for numbers that only explain another.
    :param load: one-minute load average before the benchmark: others share the machine.
    """

    name: str
    value: float
    unit: str
    n: int
    target: float | None = None
    load: float = 0.0

    @property
    def ok(self) -> bool | None:
        """Is the promise kept? None without one. Nothing measured is never a kept promise."""
        if self.target is None:
            return None
        return self.n > 0 and not math.isnan(self.value) and self.value <= self.target


@dataclass(frozen=True)
class Skipped:
    """A benchmark that could not run here, and why: never shown as passed."""

    name: str
    because: str


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; not a number when there are no values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def spread(
    name: str, seconds: Sequence[float], *, load: float, unit: str = "ms", **targets: float
) -> list[Figure]:
    """The usual percentiles of some durations.

    :param seconds: single measurements, in seconds whatever ``unit`` says.
    :param targets: promises by percentile, in ``unit``: ``p99=100``.
    """
    factor = 1000.0 if unit == "ms" else 1.0
    parts = {
        "p50": percentile(seconds, 50),
        "p95": percentile(seconds, 95),
        "p99": percentile(seconds, 99),
        "max": percentile(seconds, 100),
    }
    return [
        Figure(
            f"{name}.{part}", round(value * factor, 3), unit, len(seconds), targets.get(part), load
        )
        for part, value in parts.items()
    ]


def load_average() -> float:
    """How busy the machine is with other things: taken before a measurement begins."""
    return round(os.getloadavg()[0], 2)


def machine() -> dict[str, Any]:
    """What the numbers depend on most."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def as_line(measured: Figure | Skipped, *, when: datetime) -> str:
    """One JSON line."""
    content = asdict(measured)
    if isinstance(measured, Figure):
        content["ok"] = measured.ok
        # JSON has no word for "not a number".
        content["value"] = None if math.isnan(measured.value) else measured.value
        content["machine"] = {**machine(), "load": content.pop("load")}
    else:
        content |= {"skipped": True, "ok": None, "machine": machine()}
    content["when"] = when.isoformat(timespec="seconds")
    return json.dumps(content)


def append(path: Path, measured: Sequence[Figure | Skipped]) -> None:
    """Add JSON lines to a file of results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    with path.open("a", encoding="utf-8") as lines:
        lines.writelines(as_line(one, when=now) + "\n" for one in measured)
