"""Writes the reference pages that are made from the code and the data, so that they never lie.

``tend docs`` writes them, ``tend docs --check`` and a house test compare them.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from bot.content.escalation import load_policies
from bot.content.texts import load_catalogue
from bot.core import (
    administrations,
    alerts,
    appointments,
    enrolments,
    messages,
    releases,
    taught,
    training_jobs,
)
from bot.core.escalation import EscalationPolicy
from bot.core.languages import Language
from bot.settings import PROJECT, Settings

FOLDER = Path("docs") / "reference"
_MADE = "This page is generated: `tend docs`. Change its source instead."


def _words[S: StrEnum](table: Mapping[S, set[S]]) -> dict[str, set[str]]:
    return {before.value: {after.value for after in table[before]} for before in table}


# Whose statuses, and where each may go.
LIVES: Mapping[str, Mapping[str, set[str]]] = {
    "Alert": _words(alerts.TRANSITIONS),
    "Outbound message": _words(messages.TRANSITIONS),
    "Enrolment": _words(enrolments.TRANSITIONS),
    "Administration": _words(administrations.TRANSITIONS),
    "Appointment": _words(appointments.TRANSITIONS),
    "Taught change": _words(taught.TRANSITIONS),
    "Training job": _words(training_jobs.TRANSITIONS),
    "Release of a model": _words(releases.TRANSITIONS),
}


def write_pages(project: Path, *, only_check: bool) -> list[str]:
    """Write every generated page; the names of those that were stale.

    :param only_check: change nothing.
    """
    stale = []
    for name, make in PAGES.items():
        path = project / FOLDER / name
        content = make(project)
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(str(FOLDER / name))
        if not only_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return stale


def settings_page(project: Path) -> str:
    """Every setting: its name in the environment, what it is unless set, and what it means."""
    rows = []
    for name, found in Settings.model_fields.items():
        rows.append([f"`TEND_{name.upper()}`", _shown(found.default), found.description or ""])
    return _page(
        "Settings",
        "Set them in the environment or in a file `.env`. A wrong one stops the start.",
        _table(["Setting", "Unless set", "What it is"], rows),
    )


def texts_page(project: Path) -> str:
    """Every sentence that a person can receive, beside its translation."""
    catalogue = load_catalogue(project / "data")
    rows = []
    for text in sorted(catalogue, key=lambda found: found.id):
        if text.language is not Language.ENGLISH:
            continue
        spanish = catalogue.get(text.id, Language.SPANISH)
        rows.append([f"`{text.id}`", str(text.version), text.approver, text.text, spanish.text])
    return _page(
        "Texts",
        "Every sentence that a person can receive, from `data/texts` and `data/faq`.",
        _table(["Id", "Version", "Approver", "English", "Spanish"], rows),
    )


def escalation_page(project: Path) -> str:
    """Who is paged for an alert of each level, and how long we wait."""
    policies = load_policies(project / "data" / "escalation")
    parts = [_policy(policies[level]) for level in sorted(policies, key=lambda level: -level.rank)]
    return _page(
        "Escalation",
        "What is done for an alert until a named person acknowledges. The last step repeats.",
        "\n".join(parts),
    )


def statuses_page(project: Path) -> str:
    """What each thing may be, and what it may become."""
    parts = []
    for thing, transitions in LIVES.items():
        rows = [
            [f"*{before}*", ", ".join(f"*{after}*" for after in sorted(afters)) or "nothing more"]
            for before, afters in transitions.items()
        ]
        parts.append(f"## {thing}\n\n{_table(['Status', 'May become'], rows)}")
    return _page("Statuses", "What each thing may be, and what it may become.", "\n".join(parts))


PAGES: Mapping[str, Callable[[Path], str]] = {
    "settings.md": settings_page,
    "texts.md": texts_page,
    "escalation.md": escalation_page,
    "statuses.md": statuses_page,
}


def _policy(policy: EscalationPolicy) -> str:
    rows = [
        [
            str(number),
            step.recipient.replace("_", " "),
            ", ".join(step.channels),
            f"{step.wait.total_seconds() / 60:.0f} min",
        ]
        for number, step in enumerate(policy.steps, 1)
    ]
    steps = _table(["Step", "Pages", "By", "Then waits"], rows) if rows else "Nobody is paged.\n"
    late = policy.out_of_hours
    if late is not None:
        steps += (
            f"\nWhere no staffed hours are left today whoever is on call is paged between "
            f"{late.starts:%H:%M} and {late.ends:%H:%M}, on any day, about: "
            f"{', '.join(sorted(kind.replace('_', ' ') for kind in late.categories))}. "
            "Everything else waits for staffed hours.\n"
        )
    minutes = policy.stale_after.total_seconds() / 60
    return (
        f"## {policy.level}\n\n{steps}\n"
        f"An acknowledgement without an outcome re-opens after {minutes:.0f} min.\n"
    )


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        return "a local secret" if default.get_secret_value() else "–"
    if isinstance(default, str | Path):
        # Nobody's own folders: the same page on every machine.
        shown = str(default).replace(str(PROJECT), ".")
        return f"`{shown}`" if shown else "–"
    return f"`{default}`"


def _page(title: str, about: str, body: str) -> str:
    return f"# {title}\n\n{_MADE}\n\n{about}\n\n{body.rstrip()}\n"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |\n"
        for line in lines
    )
