"""How long from an ordinary text to its reply in the carrier's hands, with the real Rasa."""

from collections.abc import Iterator

from sqlalchemy import select

from bot.core.messages import Lane
from bot.storage.tables import InboundMessage, OutboundMessage
from tests.benchmarks.corpus import corpus
from tests.benchmarks.figures import Figure, Skipped, load_average, spread
from tests.benchmarks.processes import bench, steady
from tests.benchmarks.rasa import why_no_rasa
from tests.benchmarks.seeding import open_clinic, seed

TARGET_S = 1.0
_PER_SECOND = 5


def run(*, quick: bool) -> Iterator[Figure | Skipped]:
    """Five texts a second, each from another mother."""
    reason = why_no_rasa()
    if reason:
        yield Skipped("reply", reason)
        return
    count = 50 if quick else 200
    with bench() as running:
        app = open_clinic(running.folder)
        mothers = seed(app, count=count)
        load = load_average()
        running.carrier()
        running.clinic(dialogue="rasa")
        texts = corpus().ordinary
        plan = [("ordinary", mothers.all[n], texts[n * 7 % len(texts)]) for n in range(count)]
        posted = running.load(steady(plan, per_second=_PER_SECOND, prefix="text")).wait()
        running.wait_until_quiet(longest=60)
        at = {one["row"]: one["at"] for one in reversed(running.handed_over())}
        due = {one["id"]: one["due"] for one in posted}
        query = (
            select(InboundMessage.provider_id, OutboundMessage.id, OutboundMessage.text_id)
            .join(OutboundMessage, OutboundMessage.in_reply_to == InboundMessage.id)
            .where(OutboundMessage.lane == Lane.REPLY)
        )
        first: dict[str, float] = {}
        holding = 0
        with app.clinic.db.reading() as db:
            for text, row, text_id in db.execute(query):
                if text_id == "holding_reply":
                    # "A person will read this" is no reply: it must not make us look quick.
                    holding += 1
                elif text in due and row in at:
                    first[text] = min(first.get(text, at[row]), at[row])
        app.close()
    waits = [first[text] - due[text] for text in first]
    yield from spread("reply.handed_over", waits, load=load, unit="s", p95=TARGET_S)
    errors = sum(one["status"] != 200 for one in posted)
    yield Figure("reply.errors", errors, "count", len(posted), 0, load)
    yield Figure("reply.holding_replies", holding, "count", count, 0, load)
    yield Figure("reply.no_reply", count - len(first), "count", count, None, load)
