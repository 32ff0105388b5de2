"""Loads what is done for an alert of each level from ``data/escalation``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from bot.content import yaml_files
from bot.core.escalation import EscalationPolicy, EscalationStep, PageChannel, Recipient
from bot.core.levels import Level
from bot.errors import ConfigError

_Minutes = Annotated[int, Field(ge=1, le=24 * 60)]


class _Step(yaml_files.Strict):
    page: Recipient
    by: tuple[PageChannel, ...] = Field(min_length=1)
    wait_minutes: _Minutes


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
    tell = raw.tell_patient_after_minutes
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
    )


def to_record(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as it is copied onto an alert: JSON of plain values."""
    tell = policy.tell_patient_after
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
    }


def from_record(record: dict[str, Any]) -> EscalationPolicy:
    """The policy that ``to_record`` wrote."""
    tell = record["tell_patient_after_seconds"]
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
    )
