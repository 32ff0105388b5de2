"""The weekly picture: how much is understood, what is asked, what nobody has taught yet.

Only counts, intents and masked texts; a mother with an open alert is in the counts alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.reviews import Reason
from bot.core.taught import TaughtStatus, may_approve
from bot.services import model_proof, review_queue, review_reasons, taught_changes
from bot.services.clinic import Clinic
from bot.services.logins import Visitor
from bot.services.model_proof import CardSeen
from bot.services.patient_directory import Entry
from bot.services.review_queue import Filters, Group
from bot.services.taught_changes import Change
from bot.storage.tables import SupportItem, Understanding
from bot.teaching.workshop import Workshop

WEEKS = 8
_TOP = 8
_WEEK = timedelta(days=7)
# Lessons of before are thought to have gone live with whatever was installed since.
_LATELY = timedelta(days=14)
_SOON = timedelta(days=1)
# What a support worker answers; calls and sessions have times of their own.
_ANSWERED = (SupportKind.NOT_UNDERSTOOD, SupportKind.NO_ANSWER, SupportKind.COMPLAINT)
_MISUNDERSTOOD = frozenset({Reason.FELL_BACK, Reason.LOW_CONFIDENCE, Reason.NOT_MEANT})
# Fewer texts than this a week are too few to speak of a share that fell.
_ENOUGH = 10
_FELL = 0.05


@dataclass(frozen=True)
class Week:
    """One week, by its Monday on the practice's calendar.

    :param read: texts that the model was asked about.
    :param understood: those that it read surely, and that nobody protested against.
    :param answer_hours: how long half of support's answers took, at most; none without any.
    """

    week: date
    read: int
    understood: int
    answer_hours: float | None

    @property
    def share(self) -> float | None:
        """The part that was understood; none when nothing was read."""
        return self.understood / self.read if self.read else None


@dataclass(frozen=True)
class Advice:
    """The one thing that would help most next.

    :param href: where it is done.
    """

    words: str
    href: str


@dataclass(frozen=True)
class Picture:
    """Everything that the page shows.

    :param untaught: groups of like texts that nobody has dealt with, the largest first.
    :param top: the most frequent questions of the newest week.
    """

    weeks: Sequence[Week]
    top: Sequence[tuple[str, int]]
    untaught: Sequence[Group]
    next: Advice


def look_at(
    clinic: Clinic, workshop: Workshop, entries: Mapping[str, Entry], *, by: Visitor, now: datetime
) -> Picture:
    """The weeks up to now."""
    weeks, top = _weeks(clinic, workshop, now=now)
    filters = Filters(days=_LATELY.days)
    groups = review_queue.look_at(clinic, workshop, entries, filters, by=by.actor, now=now)
    untaught = [group for group in groups if len(group.texts) > 1][:_TOP]
    waiting = [
        change
        for change in taught_changes.list_unapproved(clinic)
        if may_approve(change.needs, role=by.role, made_it=change.staff_id == by.staff_id)
    ]
    cards = model_proof.list_seen(clinic, taught=taught_changes.on_record(clinic), most=1)
    started = _started(clinic, cards, by=by, now=now)
    return Picture(weeks, top, untaught, advise(weeks, untaught, waiting, groups, started))


@dataclass(frozen=True)
class Started:
    """What was begun, and is not with the mothers yet.

    :param candidate: what the newest candidate needs of this very person.
    :param lessons: how many are in no model yet.
    :param is_old: the oldest of them has waited for a day.
    """

    candidate: Advice | None = None
    lessons: int = 0
    is_old: bool = False


NOTHING_STARTED = Started()


def advise(
    weeks: Sequence[Week],
    untaught: Sequence[Group],
    waiting: Sequence[Change],
    groups: Sequence[Group] = (),
    started: Started = NOTHING_STARTED,
) -> Advice:
    """What would help most: what is nearly done first, then the largest group, a share that fell.

    :param waiting: what this very person may agree to.
    """
    if waiting:
        first = waiting[0]
        words = f"{first.by} taught {first.intent}. It goes live only when you have agreed."
        return Advice(words, f"/teach/changes/{first.id}")
    if started.candidate:
        return started.candidate
    # A model takes minutes and serves many lessons, so groups come first; but not for days.
    if started.lessons and (started.is_old or not untaught):
        return _train(started.lessons)
    if untaught:
        group = untaught[0]
        ids = ",".join(text.id for text in group.texts[:30])
        words = f"{len(group.texts)} texts ask much the same, and nobody has taught it yet."
        return Advice(f"{words} Teach it.", f"/teach/lesson?sources={ids}")
    if _fell(weeks):
        return Advice("Fewer texts were understood than the week before. Look why.", "/teach")
    if groups:
        count = sum(len(group.texts) for group in groups)
        noun = "text waits" if count == 1 else "texts wait"
        return Advice(f"{count} single {noun} in the queue. Go through them.", "/teach")
    return Advice("Nothing presses. Read a few answers as she would.", "/teach/changes")


def _started(clinic: Clinic, cards: Sequence[CardSeen], *, by: Visitor, now: datetime) -> Started:
    since = max([now - _LATELY, *(card.made_at for card in cards)])
    left = [
        one.at
        for one in taught_changes.list_changes(clinic)
        if one.status is TaughtStatus.SAVED and one.at > since
    ]
    if left or not cards:
        return Started(None, len(left), bool(left) and now - min(left) > _SOON)
    return Started(_next_step(clinic, cards[0], by=by))


def _next_step(clinic: Clinic, card: CardSeen, *, by: Visitor) -> Advice | None:
    if card.is_live or card.was_live or card.outdated:
        return None
    page, stopped = f"/models/{card.name}", [gate.name for gate in card.gates if not gate.passed]
    if card.may_go_live:
        return Advice(f"{card.name} is proved and approved. Make it live.", page)
    helps = model_proof.would_help(
        clinic,
        card.name,
        staff_id=by.staff_id,
        role=by.role,
        taught=taught_changes.on_record(clinic),
    )
    if helps and stopped == ["approved"]:
        return Advice(f"{card.name} is proved, and waits for your approval. Read it.", page)
    return None


def _train(lessons: int) -> Advice:
    many = "lesson is" if lessons == 1 else "lessons are"
    return Advice(f"{lessons} {many} saved and in no model yet. Train and prove one.", "/models")


def _fell(weeks: Sequence[Week]) -> bool:
    before, last = weeks[-2:] if len(weeks) > 1 else (None, None)
    if before is None or last is None or min(before.read, last.read) < _ENOUGH:
        return False
    return (before.share or 0) - (last.share or 0) > _FELL


def _weeks(
    clinic: Clinic, workshop: Workshop, *, now: datetime
) -> tuple[list[Week], list[tuple[str, int]]]:
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    first = _monday(now, zone) - _WEEK * (WEEKS - 1)
    mondays = [first + _WEEK * number for number in range(WEEKS + 1)]
    starts = [datetime.combine(monday, time(), zone) for monday in mondays]
    with clinic.db.reading() as db:
        turned = review_reasons.of_texts(db, workshop.protests, since=starts[0], now=now)
        wrong = Counter(
            _monday(one.read_at, zone)
            for one in turned.values()
            if one.read_at is not None and _MISUNDERSTOOD & set(one.reasons)
        )
        read = {
            monday: _count_read(db, start, end)
            for monday, (start, end) in zip(mondays[:WEEKS], pairwise(starts), strict=True)
        }
        asked = _most_asked(db, starts[-2])
        hours = _answer_hours(db, starts[0], zone)
    weeks = [
        Week(day, read[day], read[day] - wrong[day], median(hours[day]) if day in hours else None)
        for day in mondays[:WEEKS]
    ]
    return weeks, asked


def _count_read(db: Session, start: datetime, end: datetime) -> int:
    query = select(func.count()).select_from(Understanding)
    return db.scalar(query.where(Understanding.at >= start, Understanding.at < end)) or 0


def _most_asked(db: Session, since: datetime) -> list[tuple[str, int]]:
    count = func.count()
    query = (
        select(Understanding.intent, count)
        .where(Understanding.at >= since, Understanding.intent.startswith("faq_", autoescape=True))
        .group_by(Understanding.intent)
        .order_by(count.desc(), Understanding.intent)
        .limit(_TOP)
    )
    return [(intent, number) for intent, number in db.execute(query)]


def _answer_hours(db: Session, since: datetime, zone: ZoneInfo) -> dict[date, list[float]]:
    hours: dict[date, list[float]] = {}
    closed = select(SupportItem).where(
        SupportItem.closed_at >= since, SupportItem.kind.in_(_ANSWERED)
    )
    for item in db.scalars(closed):
        if item.closed_at is not None:
            took = (item.closed_at - item.created_at) / timedelta(hours=1)
            hours.setdefault(_monday(item.closed_at, zone), []).append(took)
    return hours


def _monday(moment: datetime, zone: ZoneInfo) -> date:
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def taught_this_week(changes: Sequence[Change], *, now: datetime) -> int:
    """How many lessons were saved in the last seven days."""
    return sum(
        change.status is TaughtStatus.SAVED and now - change.at < _WEEK for change in changes
    )
