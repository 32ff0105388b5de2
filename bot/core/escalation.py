"""When does an unacknowledged alert reach the next person?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.alerts import AlertStatus
from bot.core.levels import Category, Level


class PageChannel(StrEnum):
    """A way to page a member of staff."""

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    # Reaches nobody: how the daily test is paged.
    CANARY = "canary"


class Recipient(StrEnum):
    """Whom a step pages; who that is, is looked up at that moment."""

    ON_CALL = "on_call"
    BACKUP = "backup"
    LEAD = "lead"
    EVERYONE = "everyone"
    PRACTICE = "practice"


@dataclass(frozen=True)
class EscalationStep:
    """Page these people this way, then wait this long for an acknowledgement."""

    recipient: Recipient
    channels: tuple[PageChannel, ...]
    wait: timedelta


@dataclass(frozen=True)
class OutOfHours:
    """The kinds of danger that cannot wait for the practice to open, and who may be woken when.

    Whoever is on call is paged about them between these hours, on any day of the week.

    :param starts: by the practice's clock; ``ends`` is not included.
    """

    categories: frozenset[Category]
    starts: time
    ends: time

    def concerns(self, kinds: Collection[Category]) -> bool:
        """Is one of these kinds among those that cannot wait?"""
        return not self.categories.isdisjoint(kinds)

    def next_moment(self, now: datetime, *, zone: ZoneInfo) -> datetime:
        """The first moment at or after now at which people may be paged about them."""
        local = now.astimezone(zone)
        if self.starts <= local.time() < self.ends:
            return now
        day = local.date() if local.time() < self.starts else local.date() + timedelta(days=1)
        return datetime.combine(day, self.starts, tzinfo=zone).astimezone(now.tzinfo)


@dataclass(frozen=True)
class EscalationPolicy:
    """What is done for an alert of one level until a named person acknowledges.

    :param delivery_timeout: a page not delivered within this time counts as failed.
    :param stale_after: an acknowledgement without a contact or an outcome re-opens after this time.
    :param outcome_after: somebody was sent to her, and what came of it must be known by then.
    :param tell_patient_after: unacknowledged this long, she hears so once.
    :param out_of_hours: what cannot wait for staffed hours, where the level else does.
    """

    id: str
    version: int
    level: Level
    steps: tuple[EscalationStep, ...]
    delivery_timeout: timedelta
    stale_after: timedelta
    tell_patient_after: timedelta | None
    outcome_after: timedelta = timedelta(hours=2)
    out_of_hours: OutOfHours | None = None


@dataclass(frozen=True)
class Due:
    """The step to take now, and when to look again."""

    step: EscalationStep
    next_step_at: datetime


def longest_wait(policy: EscalationPolicy, status: AlertStatus) -> timedelta:
    """Nothing that this policy says takes longer until something is done about an alert again."""
    if status == AlertStatus.ACKNOWLEDGED:
        return max(policy.stale_after, policy.outcome_after)
    return max((step.wait for step in policy.steps), default=timedelta(0))


def due_step(policy: EscalationPolicy, *, steps_taken: int, now: datetime) -> Due:
    """The step to take now, and when to look again.

    The last step repeats for ever: an alert is never left alone because the list ran out (S3).
    """
    step = policy.steps[min(steps_taken, len(policy.steps) - 1)]
    return Due(step=step, next_step_at=now + step.wait)
