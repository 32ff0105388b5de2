"""Prints how the crisis patterns do on labelled texts, and how long screening takes.

    python tests/benchmarks/crisis_eval.py FILE.csv… [--misses]

Each file has the columns ``text``, ``kind``, ``id`` and, if known, ``sampling`` and ``language``.
"""

import argparse
import csv
import statistics
import sys
import time
from pathlib import Path

from bot.content.crisis import load_crisis
from bot.core.languages import Language
from bot.crisis.evaluate import Row, evaluate, table
from bot.crisis.screening import Context, Screener

RULES = Path(__file__).parents[2] / "data" / "crisis"


def read_rows(path: Path) -> list[Row]:
    """The labelled texts of one file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                id=line.get("id") or f"{path.stem}:{number}",
                text=line["text"],
                kind=line.get("kind") or path.stem,
                sampling=line.get("sampling") or "random",
                language=Language(line.get("language") or "en"),
            )
            for number, line in enumerate(csv.DictReader(file), start=2)
        ]


def latency(screener: Screener, texts: list[str]) -> str:
    """Mean and 99th percentile of screening one text, in milliseconds of one core."""
    times: list[float] = []
    for text in texts:
        started = time.thread_time()
        screener.screen(text, Context(Language.ENGLISH))
        times.append((time.thread_time() - started) * 1000)
    times.sort()
    p99 = times[int(len(times) * 0.99)]
    return f"n {len(times)}  mean {statistics.mean(times):.2f} ms  p99 {p99:.2f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--misses", action="store_true", help="also print the ids that were missed")
    options = parser.parse_args()
    screener = Screener(load_crisis(RULES))
    everything: list[Row] = []
    for path in options.files:
        rows = read_rows(path)
        everything.extend(rows)
        for title, part in (
            ("all", rows),
            ("random sample only", [row for row in rows if row.sampling == "random"]),
        ):
            if part and (title == "all" or len(part) != len(rows)):
                results = evaluate(screener, part)
                sys.stdout.write(f"\n{path.name} ({title})\n{table(results)}\n")
        if options.misses:
            for result in evaluate(screener, rows):
                sys.stdout.write(f"misses of {result.kind}: {' '.join(result.misses)}\n")
    short = [row.text for row in everything if len(row.text) <= 160]
    long = [" ".join(short[i : i + 40])[:1600] for i in range(0, len(short) - 40, 40)]
    for title, texts in (("up to 160 characters", short), ("1,600 characters", long)):
        if texts:
            sys.stdout.write(f"\nscreening, {title}: {latency(screener, texts)}")
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
