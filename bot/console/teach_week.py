"""The weekly picture: a page of plots, and the one thing that would help most next.

Only places are computed here; the template turns them into SVG, and a table says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import get

from bot.console.desk import Answer, Asked, desk_of, off_loop, page, visitor_of
from bot.console.doors import needs
from bot.core.rights import Right
from bot.services import taught_changes, teaching_week
from bot.services.teaching_week import Week

WIDTH, HEIGHT = 560, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 16, 34
_ROW = 30
_NAMES = 190


@dataclass(frozen=True)
class Bar:
    """One bar with what stands beside it."""

    x: float
    y: float
    width: float
    height: float
    value: str
    label: str


@dataclass(frozen=True)
class Line:
    """The grid's height of a value."""

    y: float
    label: str


@dataclass(frozen=True)
class Plot:
    """Everything to draw, in units of the picture."""

    title: str
    summary: str
    width: int
    height: float
    bars: Sequence[Bar]
    grid: Sequence[Line] = ()
    across: bool = False


@get("/teach/week", opt=needs(Right.TEACH))
@off_loop
def week_page(request: Asked) -> Answer:
    """How the bot did, week by week."""
    desk, visitor = desk_of(request), visitor_of(request)
    picture = teaching_week.look_at(
        desk.clinic, desk.workshop, desk.directory.entries(), by=visitor, now=desk.now()
    )
    changes = taught_changes.list_changes(desk.clinic)
    titles = desk.workshop.titles()
    return page(
        request,
        "teach_week.html",
        picture=picture,
        plots=[understood(picture.weeks), questions(picture.top), answers(picture.weeks)],
        titles=titles,
        taught=teaching_week.taught_this_week(changes, now=desk.now()),
    )


def understood(weeks: Sequence[Week]) -> Plot:
    """The share understood, as upright bars."""
    values = [None if week.share is None else week.share * 100 for week in weeks]
    texts = ["" if value is None else f"{value:.0f}" for value in values]
    return _upright("Understood, of 100 texts", weeks, values, texts, most=100.0)


def answers(weeks: Sequence[Week]) -> Plot:
    """Hours until support had answered, half of the times."""
    values = [week.answer_hours for week in weeks]
    texts = ["" if value is None else f"{value:.1f}" for value in values]
    most = max([1.0, *(value for value in values if value is not None)])
    return _upright("Hours until support answered (half were quicker)", weeks, values, texts, most)


def questions(top: Sequence[tuple[str, int]]) -> Plot:
    """The most frequent questions, as lying bars."""
    most = max([1, *(count for _, count in top)])
    wide = WIDTH - _NAMES - _LEFT
    bars = [
        Bar(_NAMES, 6 + place * _ROW, round(count / most * wide, 1), _ROW - 10, str(count), intent)
        for place, (intent, count) in enumerate(top)
    ]
    said = "; ".join(f"{intent} {count}" for intent, count in top) or "No question yet"
    title = "Most asked this week"
    return Plot(title, f"{said}.", WIDTH, max(1, len(top)) * _ROW + 8, bars, across=True)


def _upright(
    title: str,
    weeks: Sequence[Week],
    values: Sequence[float | None],
    texts: Sequence[str],
    most: float,
) -> Plot:
    bottom, space = HEIGHT - _BOTTOM, (WIDTH - _LEFT - _RIGHT) / max(1, len(weeks))
    high = bottom - _TOP
    bars = []
    for place, (week, value, text) in enumerate(zip(weeks, values, texts, strict=True)):
        tall = round((value or 0.0) / most * high, 1)
        x = round(_LEFT + place * space + space * 0.2, 1)
        label = f"{week.week:%b} {week.week.day}"
        bars.append(Bar(x, bottom - tall, round(space * 0.6, 1), tall, text, label))
    digits = 0 if most > 4 else 1
    grid = [
        Line(round(bottom - part * high, 1), f"{most * part:.{digits}f}") for part in (0, 0.5, 1)
    ]
    said = ", ".join(f"{bar.label}: {bar.value}" for bar in bars if bar.value) or "nothing yet"
    return Plot(title, f"{said}.", WIDTH, HEIGHT, bars, grid)


HANDLERS = [week_page]
