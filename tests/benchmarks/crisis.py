"""How long from her words to a page in the carrier's hands, with Rasa stopped."""

from collections.abc import Iterator

from sqlalchemy import select

from bot.bootstrap import App
from bot.core.messages import Lane
from bot.storage.tables import AlertSignal, InboundMessage, OutboundMessage
from tests.benchmarks.corpus import corpus
from tests.benchmarks.figures import Figure, load_average, spread
from tests.benchmarks.processes import bench, steady
from tests.benchmarks.seeding import open_clinic, seed

TARGET_S = 1.0
_PER_SECOND = 2
_BACKGROUND = 5


def run(*, quick: bool) -> Iterator[Figure]:
    """Every mother in crisis is another one: each text raises an alert and pages."""
    count = 40 if quick else 200
    with bench() as running:
        app = open_clinic(running.folder)
        mothers = seed(app, count=count + 200)
        load = load_average()
        running.carrier()
        running.clinic(dialogue="down")
        danger, harmless = corpus().crisis, corpus().ordinary
        posts = steady(
            [("crisis", mothers.all[n], danger[n % len(danger)]) for n in range(count)],
            per_second=_PER_SECOND,
            prefix="crisis",
        )
        others = mothers.all[count:]
        posts += steady(
            [
                ("ordinary", others[n % len(others)], harmless[n % len(harmless)])
                for n in range(count // _PER_SECOND * _BACKGROUND)
            ],
            per_second=_BACKGROUND,
            prefix="ordinary",
            seed=2,
        )
        posted = running.load(posts).wait()
        running.wait_until_quiet(longest=30)
        due = {one["id"]: one["due"] for one in posted if one["kind"] == "crisis"}
        waits = page_waits(app, due, running.handed_over())
        app.close()
    yield from spread("crisis.page_handed_over", waits, load=load, unit="s", p99=TARGET_S)
    errors = sum(one["status"] != 200 for one in posted)
    yield Figure("crisis.errors", errors, "count", len(posted), 0, load)
    # A page that never came is in no percentile: it is counted here.
    yield Figure("crisis.no_page", count - len(waits), "count", count, 0, load)


def page_waits(
    app: App, due: dict[str, float], handed_over: list[dict[str, object]]
) -> list[float]:
    """Seconds from each text to its alert's first page at the carrier.

    :param due: when each text was sent, by the carrier's id of it.
    """
    at: dict[str, float] = {}
    for one in handed_over:
        at.setdefault(str(one["row"]), float(str(one["at"])))
    query = (
        select(InboundMessage.provider_id, OutboundMessage.id)
        .join(AlertSignal, AlertSignal.inbound_id == InboundMessage.id)
        .join(OutboundMessage, OutboundMessage.alert_id == AlertSignal.alert_id)
        .where(OutboundMessage.lane == Lane.PAGE)
    )
    first: dict[str, float] = {}
    with app.clinic.db.reading() as db:
        for text, row in db.execute(query):
            if text in due and row in at:
                first[text] = min(first.get(text, at[row]), at[row])
    return [first[text] - due[text] for text in first]
