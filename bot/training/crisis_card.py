"""Writes the crisis classifier's model card for people: ``docs/reference/crisis-model.md``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.training.crisis import fingerprint_of, model_card_of

PAGE = Path("docs") / "reference" / "crisis-model.md"
_MADE = "This page is generated: `tend docs`, after `tend train crisis`."
_HOW = """## What it does

Every text of hers is read twice before anything else happens to it: by signed patterns
(`data/crisis/patterns.*.yml`), and by this classifier, which learned from invented texts
(`data/crisis/examples`). Either may raise; neither can take back what the other raised, and only a
named person closes. It is no diagnosis and no risk score: it decides who looks, and how soon.

Four readers vote: two of wording (hashed words and groups of letters, rare ones counted more), and
two of meaning (a frozen multilingual sentence encoder). Of each two, one is a straight line through
all texts, and one asks the few invented texts of danger and of no danger that are most alike. Of a
text of more than a hundred words, the meaning is read where the wording hears most. Above the upper
threshold a person is paged. Between the two she hears the soft text with 988 and 911 and the one
safety question, and a person looks the same day. Where a pattern found a doubtful sign of a kind
that would page, not negated nor past, a much lower chance pages: two readers agree. Without a model
file the patterns go on, and `/health/ready` and staff are told.

## How to read a decision

A signal names its layer and rule: `pattern suicide.want_to_die` is an entry of the pattern files,
with the words it matched; `classifier.suicide.page` says what the classifier took the text for, and
whether it was sure (`page`) or not (`ask`); `beside` names a kind that it could not tell from that
one. It judges the whole text, so no single word is marked.

## How to add what it missed, today

1. A construction that others will use, too: one entry in `data/crisis/patterns.<language>.yml`,
   with texts that it must and must not match. `tend doctor --files` tries them. It works at once.
2. A way of putting it: a few *invented* texts of the kind in
   `data/crisis/examples/<set>.<language>.txt`, never the text that was sent. Then
   `tend train crisis` and `tend evaluate crisis`.
3. `make test` runs the locked safety set, which no change may lower.

## Known limits

- It has never seen a real patient's text. A clinic labels its own before it goes live
  (`docs/how-to/go-live.md`), and reads every alert's verdict afterwards.
- It is best at texts of 10 to 60 words. Very short hints ("bye", "its ok now") say too little; the
  texts of the three minutes before are read with them.
- Irony, quotations, other languages than English and Spanish, and pictures are not understood.
- The blind texts below were written to be hard. What people usually write is caught more often.
"""


_KINDS = """The kind decides which text she hears. *Told*: the right one is the likeliest.
*Plausible*: it is among those that cannot be told from the likeliest; *Kinds* is how many those are
on average. Where there are several, staff see each, the level is the highest of them, and she hears
a text that is right for all (`data/crisis/classifier.yml`, `unsure`)."""


def write(project: Path) -> bool:
    """Write the page for the model of today's data; false when that was not trained yet."""
    path = model_card_of(project)
    if path.exists():
        page = page_of(json.loads(path.read_text(encoding="utf-8")))
        (project / PAGE).write_text(page, encoding="utf-8")
    return path.exists()


def page_of(card: Mapping[str, Any]) -> str:
    """The page for a model, from its card."""
    thresholds = card["thresholds"]
    examples = sum(card["examples"].values())
    return "\n".join(
        [
            f"# The crisis classifier\n\n{_MADE}\n\n{_HOW}",
            "## This model\n",
            f"- Data: `{card['fingerprint']}`; {examples:,} invented texts.",
            f"- Thresholds: asked from {thresholds['ask']:.2f}, paged from "
            f"{thresholds['page']:.2f}, or {thresholds['agree']:.2f} where a pattern asks; "
            f"meaning is looked at from {thresholds['look']:.2f}.",
            f"- Versions: {', '.join(f'{k} {v}' for k, v in card['versions'].items())}.\n",
            "## On blind texts, patterns and classifier together\n",
            "`tend evaluate crisis --input FILE` for each file of `tests/crisis/blind`.\n",
            _blind(card["blind"]),
            "## Which kind it takes a danger for, cross-validated\n",
            f"{_KINDS}\n",
            _kinds(card["kinds"]),
            "## Cross-validated, the classifier alone\n",
            "Each invented text is read by a classifier that was not taught it.\n",
            _sets(card["cross_validated"]),
        ]
    )


def is_stale(project: Path) -> bool:
    """Was the page written for other data than there is now?

    Only the data's fingerprint is compared: the last digit of a share may differ between machines.
    """
    path = project / PAGE
    fingerprint = f"`{fingerprint_of(project)}`"
    return not path.is_file() or fingerprint not in path.read_text(encoding="utf-8")


def _blind(files: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    rows = [
        f"| {name} | {kind} | {f['n']} | {f['paged'] / f['n']:.0%} | {f['asked'] / f['n']:.0%} | "
        f"{f['flagged']:.0%} ({f['low']:.0%} to {f['high']:.0%}) | {f['wanted']} |"
        for name, kinds in files.items()
        for kind, f in kinds.items()
    ]
    head = "| File | Kind | Texts | Paged | Asked | Either (95 %) | Wanted |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows, ""])


def _kinds(kinds: Mapping[str, Mapping[str, Any]]) -> str:
    """The confusion by class: each kind's texts, and what the classifier takes them for."""
    rows = []
    for name, f in kinds.items():
        taken = f["taken_for"]
        wrong = sorted((k for k in taken if k != name and taken[k]), key=lambda k: -taken[k])
        most = ", ".join(f"{k} {taken[k] / f['n']:.0%}" for k in wrong[:3])
        rows.append(
            f"| {name} | {f['n']} | {taken[name] / f['n']:.0%} | {f['plausible']:.0%} | "
            f"{f['kinds_told']:.1f} | {most} |"
        )
    head = "| Kind | Texts | Told | Plausible | Kinds | Most often taken for |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows, ""])


def _sets(sets: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        f"| {name} | {f['n']} | {f['paged']:.1%} | {f['asked']:.1%} |" for name, f in sets.items()
    ]
    return "\n".join(["| Set | Texts | Paged | Asked |\n|---|---|---|---|", *rows, ""])
