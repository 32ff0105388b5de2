"""Which lines of Rasa's output may be logged: a few that are known to hold no word of hers.

Rasa logs texts in warnings and in the traces of errors. So nothing passes as it came: a line that
fits a pattern becomes an event of ours with an id or a kind in it, everything else is only counted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Names, files and addresses of our own making: no spaces, so no sentence can be in them.
_NAME = r"(?P<detail>[A-Za-z0-9_.:/-]{1,200})"
_START = r"(?:\S+ \S+ +(?:INFO|WARNING|ERROR) +\S+ +- )?"


@dataclass(frozen=True)
class Line:
    """One line of Rasa's that may be logged, as an event of ours."""

    event: str
    detail: str = ""


_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (event, re.compile(_START + pattern))
    for event, pattern in (
        ("starting", rf"Starting Rasa server on {_NAME}"),
        ("loading model", rf"Loading model {_NAME}\.\.\."),
        ("up", r"Rasa server is up and running\."),
        ("model is missing", r"No valid model found.*"),
        ("port is taken", r".*\[Errno 98\].*"),
        ("action failed", rf"Failed to run custom action '{_NAME}'\..*"),
        (
            "action failed",
            rf"Encountered an exception while running action '{_NAME}'\..*",
        ),
        ("turn failed", rf"turn failed: {_NAME}"),
    )
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class OutputFilter:
    """Turns Rasa's lines into events.

    :ivar dropped: how many lines were not passed on.
    """

    dropped: int = field(default=0)

    def read(self, line: str) -> Line | None:
        """The event that this line may become, or nothing."""
        bare = _COLOUR.sub("", line).strip()
        for event, pattern in _PATTERNS:
            if match := pattern.fullmatch(bare):
                return Line(event, match.groupdict().get("detail") or "")
        self.dropped += bool(bare)
        return None

    def events(self, lines: Iterable[str]) -> Iterator[Line]:
        """All events of an output, in order."""
        for line in lines:
            if (event := self.read(line)) is not None:
                yield event
