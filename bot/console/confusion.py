"""Draws which intents a candidate mixes up: a row for what was meant, a column for what it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

_CELL, _LEFT, _TOP, _LARGEST = 24, 190, 130, 11.0
_MOST = 18


@dataclass(frozen=True)
class Cell:
    """One pair that is mixed up; a larger spot, more often."""

    x: float
    y: float
    radius: float
    words: str
    more: bool


@dataclass(frozen=True)
class Label:
    """The name of a row or a column."""

    x: float
    y: float
    name: str


@dataclass(frozen=True)
class Picture:
    """Everything to draw, in units of the picture."""

    width: int
    height: int
    rows: Sequence[Label]
    columns: Sequence[Label]
    cells: Sequence[Cell]
    summary: str


def draw(confusions: Sequence[Mapping[str, Any]]) -> Picture | None:
    """The picture of the pairs that are mixed up most; none when nothing is."""
    shown = list(confusions)[:_MOST]
    if not shown:
        return None
    rows = list(dict.fromkeys(one["expected"] for one in shown))
    columns = list(dict.fromkeys(one["found"] for one in shown))
    most = max(one["after"] for one in shown)
    cells = [
        Cell(
            x=_LEFT + columns.index(one["found"]) * _CELL + _CELL / 2,
            y=_TOP + rows.index(one["expected"]) * _CELL + _CELL / 2,
            radius=round(2 + (_LARGEST - 2) * sqrt(one["after"] / most), 1),
            words=f"{one['expected']} taken for {one['found']}: "
            f"{one['after']} times, {one['before']} with the live model",
            more=one["after"] > one["before"],
        )
        for one in shown
    ]
    return Picture(
        width=_LEFT + len(columns) * _CELL + 120,
        height=_TOP + len(rows) * _CELL + 8,
        rows=[
            Label(_LEFT - 8, _TOP + place * _CELL + _CELL / 2 + 4, name)
            for place, name in enumerate(rows)
        ],
        columns=[
            Label(_LEFT + place * _CELL + _CELL / 2 + 4, _TOP - 8, name)
            for place, name in enumerate(columns)
        ],
        cells=cells,
        summary="; ".join(cell.words for cell in cells[:5]) + ".",
    )
