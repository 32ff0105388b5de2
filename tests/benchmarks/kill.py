"""What is lost when a process is killed at any moment: nothing may be."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from bot.bootstrap import App
from bot.core.escalation import PageChannel
from bot.core.levels import Level
from bot.core.messages import Lane, OutboundStatus
from bot.storage.tables import AlertSignal, InboundMessage, OutboundMessage, Page
from tests.benchmarks.corpus import corpus
from tests.benchmarks.figures import Figure, load_average
from tests.benchmarks.processes import Bench, Post, bench, steady
from tests.benchmarks.seeding import Mothers, open_clinic, seed

TAKEOVER_S = 15.0
_PER_SECOND = 20
_MOTHERS = 400
_RETRIES = 240
_UNFINISHED = (OutboundStatus.QUEUED, OutboundStatus.SENDING)


def run(*, quick: bool) -> Iterator[Figure]:
    """One process that is killed and started again; then two workers, one of which dies."""
    with bench() as running:
        yield from _restarts(running, kills=2 if quick else 5)
    with bench() as running:
        yield from _takeover(running)


def _plan(mothers: Mothers, seconds: float) -> list[Post]:
    """One text in four is a crisis, from another mother each time as far as they go."""
    danger, harmless = corpus().crisis, corpus().ordinary
    texts = []
    for n in range(int(_PER_SECOND * seconds)):
        number = mothers.all[n % len(mothers.all)]
        if n % 4 == 0:
            texts.append(("crisis", number, danger[n % len(danger)]))
        else:
            texts.append(("ordinary", number, harmless[n % len(harmless)]))
    return steady(texts, per_second=_PER_SECOND, prefix="text")


def _restarts(running: Bench, *, kills: int) -> Iterator[Figure]:
    app = open_clinic(running.folder)
    mothers = seed(app, count=_MOTHERS)
    load, chance = load_average(), random.Random()
    running.carrier(takes=0.02)
    clinic = running.clinic(thinks=0.02)
    posts = _plan(mothers, kills * 4.0)
    posting = running.load(posts, retries=_RETRIES)
    for _ in range(kills):
        time.sleep(chance.uniform(1.0, 3.5))
        # All of its processes at the same moment: parent, gateways and worker.
        os.killpg(clinic.pid, signal.SIGKILL)
        clinic.wait()
        clinic = running.clinic(thinks=0.02)
    posted = posting.wait()
    # Longer than any lease: what a dead process had in its hand is free again.
    running.wait_until_quiet(still=35, longest=150)
    yield from _losses(app, posts, posted, running, load=load)
    yield Figure("kill.kills", kills, "count", kills, None, load)
    app.close()


def _losses(
    app: App, posts: list[Post], posted: list[dict[str, object]], running: Bench, *, load: float
) -> Iterator[Figure]:
    sent = Counter(str(one["row"]) for one in running.handed_over())
    accepted = {one["id"] for one in posted if one["status"] == 200}
    urgent = [level.value for level in Level if level.at_least(Level.URGENT)]
    with app.clinic.db.reading() as db:
        stored = Counter(db.scalars(select(InboundMessage.provider_id)))
        signalled = set(
            db.scalars(
                select(InboundMessage.provider_id)
                .join(AlertSignal, AlertSignal.inbound_id == InboundMessage.id)
                .where(AlertSignal.level.in_(urgent))
            )
        )
        waiting = list(
            db.scalars(
                select(InboundMessage.id).where(
                    InboundMessage.dialogue_status.in_(["pending", "claimed"])
                )
            )
        )
        # The daily test is paged too, and its pages reach no carrier on purpose.
        to_people = OutboundMessage.channel != PageChannel.CANARY
        pages = list(
            db.scalars(
                select(OutboundMessage.id).where(OutboundMessage.lane == Lane.PAGE, to_people)
            )
        )
        paged = set(db.scalars(select(Page.alert_id)))
        alerted = set(db.scalars(select(AlertSignal.alert_id).where(AlertSignal.level.in_(urgent))))
        left = list(
            db.scalars(select(OutboundMessage.id).where(OutboundMessage.status.in_(_UNFINISHED)))
        )
    crisis = [post.id for post in posts if post.kind == "crisis"]
    counts = {
        "texts_never_accepted": (len(posts) - len(accepted), len(posts), 0),
        "texts_lost": (sum(stored[one] == 0 for one in accepted), len(accepted), 0),
        "texts_stored_twice": (sum(n > 1 for n in stored.values()), len(posts), 0),
        "texts_never_answered": (len(waiting), len(posts), 0),
        "alerts_lost": (sum(one not in signalled for one in crisis), len(crisis), 0),
        "alerts_without_page": (len(alerted - paged), len(alerted), 0),
        "pages_lost": (sum(sent[row] == 0 for row in pages), len(pages), 0),
        "outbound_left": (len(left), len(sent), 0),
        "doubles": (sum(n - 1 for n in sent.values()), sum(sent.values()), None),
    }
    for name, (value, n, target) in counts.items():
        yield Figure(f"kill.{name}", value, "count", n, target, load)


def _takeover(running: Bench) -> Iterator[Figure]:
    """Two processes on one database; the one that has texts in its hand dies for good."""
    app = open_clinic(running.folder)
    mothers = seed(app, count=_MOTHERS)
    load = load_average()
    # Slow on both sides, so that the dying worker holds something.
    running.carrier(takes=0.5)
    running.clinic(dialogue="stub", worker=False)
    dying = running.clinic(gateway=False, thinks=0.5)
    # Started before the texts come: a start takes longer than they last.
    running.clinic(gateway=False)
    posting = running.load(_plan(mothers, 5.0), retries=0)
    time.sleep(2.5)
    dying.kill()
    dying.wait()
    died, held = time.time(), _held_by(app, dying.pid)
    posting.wait()
    running.wait_until_quiet(still=35, longest=150)
    taken = _answered_after(app, held, died, running)
    app.close()
    longest = max(taken, default=float("nan"))
    yield Figure("kill.takeover.longest", round(longest, 2), "s", len(taken), TAKEOVER_S, load)
    yield Figure("kill.takeover.never", len(held) - len(taken), "count", len(held), 0, load)


def _held_by(app: App, pid: int) -> dict[str, str]:
    """What this process had claimed and not finished: id of the row, and which kind."""
    mine = f":{pid}"
    with app.clinic.db.reading() as db:
        inbound = db.scalars(
            select(InboundMessage.id).where(
                InboundMessage.dialogue_status == "claimed",
                InboundMessage.claimed_by.endswith(mine),
            )
        )
        outbound = db.scalars(
            select(OutboundMessage.id).where(
                OutboundMessage.status == OutboundStatus.SENDING,
                OutboundMessage.claimed_by.endswith(mine),
            )
        )
        return {row: "inbound" for row in inbound} | {row: "outbound" for row in outbound}


def _answered_after(app: App, held: dict[str, str], died: float, running: Bench) -> list[float]:
    """Seconds from the death until somebody else had done each of these."""
    handed: dict[str, float] = {}
    for one in running.handed_over():
        if one["at"] > died:
            handed.setdefault(one["row"], one["at"])
    taken = []
    with app.clinic.db.reading() as db:
        for row, kind in held.items():
            if kind == "outbound" and row in handed:
                taken.append(handed[row] - died)
            elif kind == "inbound":
                at = db.get_one(InboundMessage, row).handled_at
                if at is not None:
                    taken.append((at - datetime.fromtimestamp(died, UTC)).total_seconds())
    return taken
