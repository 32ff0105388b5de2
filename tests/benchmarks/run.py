"""Runs the benchmarks one after another.

``python -m tests.benchmarks.run [--only NAME] [--quick]``

Prints a table, and adds JSON lines to ``results/bench-<UTC date>.jsonl``. Exit status 1 when a
promise is not kept or a benchmark broke.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.errors import TendError
from tests.benchmarks import console, crisis, kill, reminders, reply, screening, start, webhook
from tests.benchmarks.corpus import ROOT
from tests.benchmarks.figures import Figure, Skipped, append

type Measured = Figure | Skipped
type Benchmark = Callable[..., Iterable[Measured]]

BENCHMARKS: Mapping[str, Benchmark] = {
    "webhook": webhook.run,
    "crisis": crisis.run,
    "reply": reply.run,
    "screening": screening.run,
    "reminders": reminders.run,
    "start": start.run,
    "kill": kill.run,
    "console": console.run,
}
_RESULTS = ROOT / "results"


def main() -> int:
    """Run what was asked for; the exit status."""
    asked = _arguments()
    console = Console()
    path = _RESULTS / f"bench-{datetime.now(UTC):%Y-%m-%d}.jsonl"
    names = asked.only or list(BENCHMARKS)
    measured: list[Measured] = []
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        task = progress.add_task("benchmarks", total=len(names))
        for name in names:
            progress.update(task, description=name)
            found = _run_one(name, quick=asked.quick)
            # Written at once: a long run that is stopped keeps what it found.
            append(path, found)
            measured.extend(found)
            progress.advance(task)
    console.print(_table(measured))
    console.print(f"written to {path.relative_to(ROOT)}")
    return 0 if all(_passes(one) for one in measured) else 1


def _run_one(name: str, *, quick: bool) -> list[Measured]:
    try:
        return list(BENCHMARKS[name](quick=quick))
    except (OSError, RuntimeError, TendError) as error:
        # A benchmark that broke is a promise not kept, and must not hide the others' figures.
        Console(stderr=True).print(f"{name}: {error}", style="red", markup=False)
        return [Figure(f"{name}.broke", 1, "count", 1, target=0)]


def _passes(measured: Measured) -> bool:
    return not isinstance(measured, Figure) or measured.ok is not False


def _table(measured: Iterable[Measured]) -> Table:
    table = Table("what", "value", "unit", "target", "n", "load", "")
    marks = {True: "[green]ok[/]", False: "[bold red]missed[/]", None: ""}
    for one in measured:
        if isinstance(one, Skipped):
            table.add_row(one.name, "", "", "", "", "", f"[yellow]skipped: {one.because}[/]")
            continue
        target = "" if one.target is None else f"{one.target:g}"
        value = f"{one.value:,.2f}".removesuffix(".00")
        table.add_row(
            one.name, value, one.unit, target, str(one.n), f"{one.load:.2f}", marks[one.ok]
        )
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="shorter and smaller, less certain")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
