"""Are reminders on time with a million others waiting, as with none?"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count as counting

from bot.bootstrap import App
from bot.core.messages import Lane
from bot.storage import messages
from tests.benchmarks.figures import Figure, load_average, spread
from tests.benchmarks.processes import bench
from tests.benchmarks.seeding import add_reminders, open_clinic, outbound_ids, seed

TARGET_S = 1.0
_PER_SECOND = 100
_SECONDS = 20
_LEAD = timedelta(seconds=15)
_FUTURE = timedelta(days=30)


def run(*, quick: bool) -> Iterator[Figure]:
    """The same twice: nothing else in the outbox, and a great many."""
    for waiting in (0, 100_000 if quick else 1_000_000):
        yield from _measure(waiting)


def _measure(waiting: int) -> Iterator[Figure]:
    name = f"reminders.{waiting}"
    with bench() as running:
        app = open_clinic(running.folder)
        seed(app, count=200)
        later = datetime.now(UTC) + _FUTURE
        future = (later + timedelta(seconds=n) for n in counting())
        for _ in add_reminders(app, future, count=waiting):
            pass
        load = load_average()
        running.carrier()
        running.clinic(dialogue="down")
        yield from spread(f"{name}.claim_when_none_is_due", _claims(app), load=load)
        start = datetime.now(UTC) + _LEAD
        due_at = (start + timedelta(seconds=n / _PER_SECOND) for n in counting())
        total = _PER_SECOND * _SECONDS
        before = set(outbound_ids(app, text_id="bench")) if not waiting else set()
        for _ in add_reminders(app, due_at, count=total):
            pass
        soon = start + timedelta(seconds=_SECONDS)
        due = {
            row: at
            for row, at in outbound_ids(app, text_id="bench").items()
            if at <= soon and row not in before
        }
        time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))
        running.wait_until_quiet(longest=120)
        handed = {one["row"]: one["at"] for one in reversed(running.handed_over())}
        app.close()
    late = [handed[row] - at.timestamp() for row, at in due.items() if row in handed]
    yield from spread(f"{name}.lateness", late, load=load, unit="s", p99=TARGET_S)
    yield Figure(f"{name}.never_sent", total - len(late), "count", total, 0, load)


def _claims(app: App, *, times: int = 200) -> list[float]:
    """Seconds to find out that nothing is due."""
    taken = []
    for _ in range(times):
        with app.clinic.db.transaction(audited=False) as db:
            began = time.perf_counter()
            messages.claim_next_outbound(
                db,
                worker="bench",
                now=datetime.now(UTC),
                lease=timedelta(seconds=1),
                lanes=(Lane.REPLY, Lane.REMINDER),
            )
            taken.append(time.perf_counter() - began)
    return taken
