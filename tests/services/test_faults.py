"""Hundreds of alerts while everything around fails at random: not one of them falls silent.

Carriers refuse, are down, lose receipts or report a failure late; workers are killed with a page
in their hand; the clock jumps both ways; the dialogue is down; people do not always answer.
"""

import itertools
import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.core.alerts import AlertStatus
from bot.core.levels import Category, Level
from bot.core.messages import OutboundText, Receipt, ReceiptStatus
from bot.crisis.screening import Signal
from bot.errors import NumberUnreachable, ProviderUnavailable, Throttled
from bot.services import alerts, auditor, outbound
from bot.storage import alerts as stored
from bot.storage import people
from bot.storage.tables import Alert, OutboundMessage, Page
from bot.worker import Worker
from tests.engines import SQLITE_ONLY
from tests.world import World, number_of

pytestmark = SQLITE_ONLY

WAVE = 50
STEPS = 10
# Minutes by which a clock is set right, or wrong.
JUMPS = (180.0, -90.0, -3.0)
# Of so many alerts one is answered by nobody before the storm is over: it climbs to the last step.
ONE_UNANSWERED_IN = 10
CLINICIANS = ("Dr Bose", "Dr Ruiz", "Dr Lund")


class Killed(BaseException):
    """The worker's process is gone, with whatever it had in its hand."""


class FaultyCarrier:
    """Takes texts or calls, most of the time."""

    def __init__(self, name: str, chance: random.Random, happened: Counter[str]) -> None:
        self.name = name
        self.happened = happened
        self.calm = False
        self.taken: list[OutboundText] = []
        self._chance = chance

    def send(self, text: OutboundText) -> str:
        fate = 1.0 if self.calm else self._chance.random()
        if fate < 0.13:
            self.happened["provider error"] += 1
        if fate < 0.08:
            raise ProviderUnavailable
        if fate < 0.10:
            raise Throttled
        if fate < 0.13:
            raise NumberUnreachable
        if fate < 0.14:
            raise Killed  # before the carrier had it
        self.taken.append(text)
        if fate < 0.16:
            raise Killed  # after the carrier had it, before we wrote that down
        return f"{self.name}-{len(self.taken)}"


class Storm:
    """The clinic in bad weather."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self.texts = FaultyCarrier("faulty", self.chance, self.happened)
        self.voice = FaultyCarrier("faulty-voice", self.chance, self.happened)
        object.__setattr__(world.app, "provider", self.texts)
        object.__setattr__(world.app, "channels", {"voice": self.voice})
        world.dialogue.down = True
        self._seen = self._steps = 0
        # Forward first, so that somebody climbs to the last step in every run.
        self._sure_jumps = itertools.cycle(JUMPS)
        self._numbers = iter(
            f"+1{area}55501{last:02d}" for area in range(201, 230) for last in range(100)
        )

    def wave(self, count: int) -> None:
        """Some alerts at once, one number each, as the screening raises them."""
        clinic, self._steps = self.world.clinic, 0
        with clinic.db.transaction() as db:
            for _ in range(count):
                level = self.chance.choice([*[Level.URGENT] * 5, Level.EMERGENCY])
                signal = Signal(Category.SUICIDE, level, "pattern", "storm", (), "")
                about = alerts.About(people.index_of(db, next(self._numbers)))
                alerts.raise_alert(clinic, db, about, [signal], inbound_id=None, now=self.world.now)

    def step(self) -> None:
        """Some minutes pass, or the clock jumps; whatever survives does its work."""
        self._move_clock()
        while True:
            try:
                self.world.worker.settle()
                break
            except Killed:
                self.happened["worker killed"] += 1
                self.world.worker = Worker(self.world.app)
                self.world.clock.time += outbound.LEASE
        self._report()
        self._answer()

    def _move_clock(self) -> None:
        self._steps += 1
        # The second step of each wave jumps for sure: how many there are depends on the threads.
        surely = self._steps == 2
        minutes = 5.0
        if (surely or self.chance.random() < 0.2) and not self.texts.calm:
            minutes = next(self._sure_jumps) if surely else self.chance.choice(JUMPS)
            self.happened["clock jumped"] += 1
        self.world.clock.time += timedelta(minutes=minutes)

    def _report(self) -> None:
        """Receipts: most come, some are lost, some say that it failed after all."""
        fresh, self._seen = self.texts.taken[self._seen :], len(self.texts.taken)
        for place, _text in enumerate(fresh, self._seen - len(fresh) + 1):
            fate = 1.0 if self.texts.calm else self.chance.random()
            if fate < 0.15:
                self.happened["receipt lost"] += 1
                continue
            failed = fate < 0.20
            receipt = Receipt(
                "faulty",
                f"faulty-{place}",
                ReceiptStatus.FAILED if failed else ReceiptStatus.DELIVERED,
                NumberUnreachable() if failed else None,
            )
            self.happened["receipt: failed" if failed else "receipt"] += 1
            for _ in range(2 if fate > 0.95 else 1):
                outbound.apply_receipt(self.world.clinic, receipt, now=self.world.now)

    def _answer(self) -> None:
        """Whoever was truly reached may take it; hardly anybody takes every alert.

        Some nobody takes before the weather is calm: the ladder must get to its end and go on.
        """
        with self.world.clinic.db.reading() as db:
            reached = db.execute(
                select(Alert.code, Page.staff_id, Alert.phone_index)
                .join(Page, Page.alert_id == Alert.id)
                .where(Alert.status == AlertStatus.OPEN, Page.delivered_at.is_not(None))
            ).all()
            names = {
                people.find_staff(db, people.index_of(db, number_of(name))).id: name
                for name in CLINICIANS
            }
        for code, staff_id, number in reached:
            if not self.texts.calm and int(number[:8], 16) % ONE_UNANSWERED_IN == 0:
                continue
            if staff_id in names and self.chance.random() < 0.85:
                self.world.text(names[staff_id], f"ACK {code}", settle=False)


def nobody_waits(world: World) -> bool:
    with world.clinic.db.reading() as db:
        return not stored.any_open(db)


def silent(world: World) -> list[str]:
    """Alerts that are neither somebody's nor will page again, and why we think so."""
    with world.clinic.db.reading() as db:
        found = []
        for alert in stored.list_unresolved(db):
            owned = alert.status == AlertStatus.ACKNOWLEDGED and alert.acknowledged_by is not None
            will_page = alert.status == AlertStatus.OPEN and alert.next_step_at is not None
            ahead = (alert.next_step_at or world.now) - world.now
            # Sooner than that again, whatever the clock does: nothing in a policy waits so long.
            if not (owned or will_page) or (not owned and ahead > timedelta(minutes=20)):
                found.append(
                    f"{alert.code}: {alert.status}, holder {alert.acknowledged_by}, in {ahead}"
                )
        return found


# Only against a hang: on a machine that is busy with other work the run of 100 takes minutes, and
# the thousand, half of whose time goes to alerts that nobody takes, an hour.
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("how_many", [100, pytest.param(1000, marks=pytest.mark.timing, id="1000")])
def test_every_alert_ends_with_a_named_person_or_still_pages(world, how_many, record_property):
    """The thousand of the issue takes minutes: ``make bench`` runs it, every test run a part."""
    storm = Storm(world, seed=1)
    for _ in range(how_many // WAVE):
        storm.wave(WAVE)
        for _ in range(STEPS):
            storm.step()
            assert silent(world) == []
            if nobody_waits(world):
                break
        settle_what_is_owned(world)
    storm.texts.calm = storm.voice.calm = True
    for _ in range(6):
        storm.step()
    assert auditor.findings(world.clinic, now=world.now) == []
    figures = count(world, storm)
    print(figures)  # noqa: T201 - the figure that the issue asks for; `pytest -rP` shows it
    record_property("figures", dict(figures))
    assert figures["alerts"] == how_many
    assert figures["never handed to a carrier"] == 0
    assert figures["silent"] == 0
    # Killed between the carrier's yes and our commit: the page goes twice, never not.
    assert 0 < figures["pages sent twice"] < figures["pages sent"] // 20
    # A storm in which nothing happens would show nothing.
    assert figures["worker killed"] > how_many // 50
    assert figures["provider error"] > how_many // 10
    assert figures["receipt lost"] > how_many // 10
    assert figures["receipt: failed"] > how_many // 20
    assert figures["clock jumped"] >= how_many // WAVE
    assert figures["climbed to the last step"] >= how_many // (3 * ONE_UNANSWERED_IN)


def settle_what_is_owned(world: World) -> None:
    """What people have is brought to its end, so that a wave begins with what nobody has."""
    with world.clinic.db.transaction(audited=False) as db:
        for alert in stored.list_unresolved(db):
            if alert.status == AlertStatus.ACKNOWLEDGED:
                assert alert.acknowledged_by is not None
                alert.status, alert.next_step_at = AlertStatus.RESOLVED, None


def count(world: World, storm: Storm) -> Counter[str]:
    figures = Counter(storm.happened)
    sent = Counter(text.reference for text in [*storm.texts.taken, *storm.voice.taken])
    with world.clinic.db.reading() as db:
        pages = {
            row
            for (row,) in db.execute(
                select(OutboundMessage.id).where(OutboundMessage.page_id.is_not(None))
            )
        }
        figures["alerts"] = db.scalar(select(func.count()).select_from(Alert))
        handed = set(
            db.scalars(
                select(OutboundMessage.alert_id).where(
                    OutboundMessage.page_id.is_not(None), OutboundMessage.id.in_(sent.keys())
                )
            )
        )
        figures["never handed to a carrier"] = figures["alerts"] - len(handed)
        figures["acknowledged by a person"] = db.scalar(
            select(func.count()).select_from(Alert).where(Alert.acknowledged_by.is_not(None))
        )
        figures["still paging"] = len(
            [one for one in stored.list_open(db) if one.next_step_at is not None]
        )
        climbed = [
            one for one in db.scalars(select(Alert)) if one.steps_taken >= len(one.policy["steps"])
        ]
        figures["climbed to the last step"] = len(climbed)
    figures["silent"] = (
        figures["alerts"] - figures["acknowledged by a person"] - figures["still paging"]
    )
    figures["pages sent"] = sum(times for row, times in sent.items() if row in pages)
    figures["pages sent twice"] = sum(times - 1 for row, times in sent.items() if row in pages)
    return figures
