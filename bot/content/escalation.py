"""Loads what is done for an alert of each level from ``data/escalation``."""

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from bot.content import yaml_files
from bot.core.escalation import (
    EscalationPolicy,
    EscalationStep,
    OutOfHours,
    PageChannel,
    Recipient,
)
from bot.core.levels import Category, Level
from bot.errors import ConfigError

_Minutes = Annotated[int, Field(ge=1, le=24 * 60)]


class _Step(yaml_files.Strict):
    page: Recipient
    by: tuple[PageChannel, ...] = Field(min_length=1)
    wait_minutes: _Minutes


class _OutOfHours(yaml_files.Strict):
    categories: tuple[Category, ...] = Field(min_length=1)
    pages_from: time
    pages_until: time

    @model_validator(mode="after")
    def _in_order(self) -> "_OutOfHours":
        if not self.pages_from < self.pages_until:
            raise ValueError("pages_from must be before pages_until; write them as 08:00 and 20:00")
        return self


class _Policy(yaml_files.Strict):
    id: str
    version: int
    approver: str
    source: str
    level: Level
    steps: tuple[_Step, ...] = ()
    delivery_timeout_seconds: Annotated[int, Field(ge=10, le=3600)]
    stale_after_minutes: _Minutes
    outcome_after_minutes: _Minutes = 120
    tell_patient_after_minutes: _Minutes | None = None
    out_of_hours: _OutOfHours | None = None

    @model_validator(mode="after")
    def _waits_for_hours(self) -> "_Policy":
        if self.out_of_hours is not None and self.level != Level.SAME_DAY:
            raise ValueError("out_of_hours is for same-day: the other levels wait for no hours")
        return self


def load_policies(folder: Path) -> dict[Level, EscalationPolicy]:
    """The escalation policy of every level.

    :raises ConfigError: a broken file, two policies for a level, or a level without one.
    """
    policies: dict[Level, EscalationPolicy] = {}
    wrong = yaml_files.Together()
    for path in sorted(folder.glob("*.yml")):
        with wrong.part():
            policy = _load(path)
            if policy.level in policies:
                raise ConfigError(
                    f"{path}:1: a second policy for {policy.level}. Keep one of them."
                )
            policies[policy.level] = policy
    wrong.refuse()
    missing = set(Level) - policies.keys()
    if missing:
        names = ", ".join(sorted(missing))
        raise ConfigError(f"{folder}: no escalation policy for {names}. Add a file for it.")
    return policies


def _load(path: Path) -> EscalationPolicy:
    policy = _to_policy(yaml_files.load(path, _Policy))
    if any(PageChannel.CANARY in step.channels for step in policy.steps):
        # Reaches nobody: a step that pages no person would only wait its time.
        raise ConfigError(f"{path}:1: canary is no way to page people. Write sms or voice.")
    if not policy.steps and policy.level != Level.WATCH:
        raise ConfigError(f"{path}:1: no steps. Say who is paged; only watch may have none.")
    return policy


def _to_policy(raw: _Policy) -> EscalationPolicy:
    tell, late = raw.tell_patient_after_minutes, raw.out_of_hours
    return EscalationPolicy(
        id=raw.id,
        version=raw.version,
        level=raw.level,
        steps=tuple(
            EscalationStep(step.page, step.by, timedelta(minutes=step.wait_minutes))
            for step in raw.steps
        ),
        delivery_timeout=timedelta(seconds=raw.delivery_timeout_seconds),
        stale_after=timedelta(minutes=raw.stale_after_minutes),
        outcome_after=timedelta(minutes=raw.outcome_after_minutes),
        tell_patient_after=timedelta(minutes=tell) if tell else None,
        out_of_hours=OutOfHours(
            frozenset(late.categories), starts=late.pages_from, ends=late.pages_until
        )
        if late
        else None,
    )


def to_record(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as it is copied onto an alert: JSON of plain values."""
    tell, late = policy.tell_patient_after, policy.out_of_hours
    return {
        "id": policy.id,
        "version": policy.version,
        "level": policy.level.value,
        "steps": [
            {
                "page": step.recipient.value,
                "by": [channel.value for channel in step.channels],
                "wait_seconds": int(step.wait.total_seconds()),
            }
            for step in policy.steps
        ],
        "delivery_timeout_seconds": int(policy.delivery_timeout.total_seconds()),
        "stale_after_seconds": int(policy.stale_after.total_seconds()),
        "outcome_after_seconds": int(policy.outcome_after.total_seconds()),
        "tell_patient_after_seconds": int(tell.total_seconds()) if tell else None,
        "out_of_hours": {
            "categories": sorted(category.value for category in late.categories),
            "starts": late.starts.isoformat(),
            "ends": late.ends.isoformat(),
        }
        if late
        else None,
    }


def from_record(record: dict[str, Any]) -> EscalationPolicy:
    """The policy that ``to_record`` wrote."""
    tell = record["tell_patient_after_seconds"]
    # Copied onto an alert before this could be said: as before, it waits for staffed hours.
    late = record.get("out_of_hours")
    return EscalationPolicy(
        id=record["id"],
        version=record["version"],
        level=Level(record["level"]),
        steps=tuple(
            EscalationStep(
                Recipient(step["page"]),
                tuple(PageChannel(channel) for channel in step["by"]),
                timedelta(seconds=step["wait_seconds"]),
            )
            for step in record["steps"]
        ),
        delivery_timeout=timedelta(seconds=record["delivery_timeout_seconds"]),
        stale_after=timedelta(seconds=record["stale_after_seconds"]),
        # Copied onto an alert before this could be said: as before, no longer than it is stale.
        outcome_after=timedelta(
            seconds=record.get("outcome_after_seconds", record["stale_after_seconds"])
        ),
        tell_patient_after=timedelta(seconds=tell) if tell else None,
        out_of_hours=OutOfHours(
            frozenset(Category(category) for category in late["categories"]),
            starts=time.fromisoformat(late["starts"]),
            ends=time.fromisoformat(late["ends"]),
        )
        if late
        else None,
    )
