"""``tend evaluate crisis``: how the whole screening does on a file of labelled texts.

What the classifier was taught proves nothing: such texts are found, left out and counted.
"""

import csv
import json
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.core.languages import Language
from bot.crisis import kinds
from bot.crisis.evaluate import Judged, Result, Row, judge, quantile, results_of, wilson
from bot.crisis.screening import Screener
from bot.crisis.word_table import fold_word
from bot.errors import ConfigError

_SHORT = 160
_NEEDED = ("text", "kind")
# Two texts that share so many words in a row were not written apart from each other.
_SHARED_WORDS = 12


def read_rows(path: Path) -> list[Row]:
    """The labelled texts of a CSV file: ``text``, ``kind``; ``id``, ``sampling``, ``language`` too.

    :raises ConfigError: no such columns, not UTF-8, or a language that Tend does not speak.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(
                    f"{path}:1: no column '{missing[0]}'. The first line must name the columns "
                    "text and kind."
                )
            return [_row(path, number, line) for number, line in enumerate(reader, start=2)]
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text. Save it as UTF-8.") from None
    except csv.Error as error:
        raise ConfigError(f"{path}: not readable as CSV ({error}).") from None


def _row(path: Path, number: int, line: dict[str, str | None]) -> Row:
    written = line.get("language") or Language.ENGLISH
    if written not in set(Language):
        known = ", ".join(Language)
        raise ConfigError(f"{path}:{number}: language '{written}'; known are {known}.")
    return Row(
        id=line.get("id") or f"{path.stem}:{number}",
        text=line["text"] or "",
        kind=line["kind"] or "none",
        sampling=line.get("sampling") or "random",
        language=Language(written),
        place=f"{path}:{number}",
    )


def evaluate_crisis(
    screener: Screener,
    files: Sequence[Path],
    *,
    taught: Iterable[str] = (),
    console: Console,
    as_json: bool = False,
    show_texts: bool = False,
) -> dict[str, Any]:
    """Screen every text of the files and print what became of each kind.

    A kind that is not known is told first, and loudly: danger under a name of its own would
    otherwise read as a false alarm.

    :param taught: texts that the classifier was trained on.
    :param show_texts: also print the words of misses and false alarms; ids and reasons otherwise.
    :raises ConfigError: a file cannot be read.
    """
    rows = {str(path): read_rows(path) for path in files}
    warnings = unknown_kinds([row for given in rows.values() for row in given])
    loud = Console(stderr=True) if as_json else console  # JSON stays JSON, and is warned of too
    for sentence in warnings:
        loud.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    leak = Leak(taught)
    figures: dict[str, Any] = {"files": {}, "warnings": warnings}
    everything: list[Judged] = []
    for name, given in rows.items():
        part = [row for row in given if not leak.holds(row.text)]
        shown: Iterable[Row] = part
        if not as_json:
            shown = track(part, description=Path(name).name, console=console, transient=True)
        judged = list(judge(screener, shown))
        everything.extend(judged)
        left_out = len(given) - len(part)
        figures["files"][name] = {**_figures(judged), "left_out_as_taught": left_out}
        if not as_json:
            console.print(_table(results_of(judged), title=Path(name).name))
            _print_wrong(judged, console, show_texts=show_texts)
            console.print(f"{left_out} texts left out: the classifier was taught them.")
    figures["latency_ms"] = _latency(everything)
    if as_json:
        console.print_json(json.dumps(figures))
    else:
        for size, values in figures["latency_ms"].items():
            console.print(f"screening, {size}: " + ", ".join(f"{k} {v}" for k, v in values.items()))
    return figures


def unknown_kinds(rows: Iterable[Row]) -> list[str]:
    """A sentence for each kind that is not known: where it is first, how often, and the cure."""
    first: dict[str, Row] = {}
    counted: Counter[str] = Counter()
    for row in rows:
        if not kinds.is_known(row.kind):
            first.setdefault(row.kind, row)
            counted[row.kind] += 1
    found = [
        f"{row.place}: the kind '{kind}' is not known ({_texts(counted[kind])}), and taken "
        f"as harmless: danger of this kind reads as a false alarm. {kinds.meant_by(kind)}"
        for kind, row in first.items()
    ]
    return [*found, "Known kinds. " + "; ".join(kinds.listed()) + "."] if found else []


class Leak:
    """Knows which texts were used for training, word for word or in long pieces."""

    def __init__(self, taught: Iterable[str]) -> None:
        self._whole: set[tuple[str, ...]] = set()
        self._pieces: set[tuple[str, ...]] = set()
        for text in taught:
            words = _words(text)
            self._whole.add(words)
            self._pieces.update(_pieces(words))

    def holds(self, text: str) -> bool:
        """Was this text, or twelve words of it in a row, used for training?"""
        words = _words(text)
        return words in self._whole or not self._pieces.isdisjoint(_pieces(words))


def _words(text: str) -> tuple[str, ...]:
    plain = "".join(c if c.isalnum() or c == "'" else " " for c in fold_word(text))
    return tuple(plain.split())


def _pieces(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    last = len(words) - _SHARED_WORDS
    return (words[start : start + _SHARED_WORDS] for start in range(last + 1))


def _figures(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "kinds": {
            r.kind: {
                **asdict(r),
                "wanted": r.wanted,
                "paged_share": r.paged / r.n,
                **_doubt(r.kind),
            }
            for r in results_of(judged)
        },
        "random_only": {
            r.kind: asdict(r)
            for r in results_of(one for one in judged if one.row.sampling == "random")
        },
        "misses": [{"id": one.row.id, "why": one.reasons} for one in judged if one.is_miss],
        "false_alarms": [
            {"id": one.row.id, "why": one.reasons, **_doubt(one.row.kind)}
            for one in judged
            if one.is_false_alarm
        ],
    }


def _texts(count: int) -> str:
    return "1 text" if count == 1 else f"{count} texts"


def _doubt(kind: str) -> dict[str, str]:
    """What is to be said beside every figure of a kind that is not known."""
    return {} if kinds.is_known(kind) else {"note": kinds.NOT_KNOWN}


def _latency(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Milliseconds of one core, for short texts and long ones."""
    sizes = {
        f"up to {_SHORT} characters": [o.seconds for o in judged if len(o.row.text) <= _SHORT],
        "longer": [o.seconds for o in judged if len(o.row.text) > _SHORT],
    }
    return {
        size: {
            "n": len(seconds),
            "mean": round(1000 * statistics.mean(seconds), 2),
            "p50": round(1000 * quantile(seconds, 0.5), 2),
            "p99": round(1000 * quantile(seconds, 0.99), 2),
        }
        for size, seconds in sizes.items()
        if seconds
    }


def _table(results: Sequence[Result], *, title: str) -> Table:
    table = Table("kind", "n", "paged", "asked", "flagged", "95 % interval", "wanted", title=title)
    for r in results:
        table.add_row(
            r.kind,
            str(r.n),
            _share(r.paged, r.n),
            _share(r.asked, r.n),
            f"{r.flagged:.1%}",
            f"{r.low:.1%} to {r.high:.1%}",
            r.wanted if kinds.is_known(r.kind) else f"{r.wanted} ({kinds.NOT_KNOWN})",
        )
    n, hits = sum(r.n for r in results), sum(r.paged + r.asked for r in results)
    low, high = wilson(hits, n)
    paged = _share(sum(r.paged for r in results), n)
    asked = _share(sum(r.asked for r in results), n)
    share = f"{hits / n:.1%}" if n else "-"
    table.add_section()
    table.add_row("all", str(n), paged, asked, share, f"{low:.1%} to {high:.1%}", "")
    return table


def _share(hits: int, n: int) -> str:
    return f"{hits} ({hits / n:.1%})" if n else "-"


def _print_wrong(judged: Sequence[Judged], console: Console, *, show_texts: bool) -> None:
    for title, wrong in (
        ("missed", [one for one in judged if one.is_miss]),
        ("false alarm", [one for one in judged if one.is_false_alarm]),
    ):
        for one in wrong:
            words = f": {one.row.text}" if show_texts else ""
            kind = ", ".join((one.row.kind, *_doubt(one.row.kind).values()))
            line = f"{title} {one.row.id} ({kind}){words}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
            console.print(f"  {one.reasons}", markup=False, highlight=False, soft_wrap=True)
