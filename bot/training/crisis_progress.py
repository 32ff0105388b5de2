"""Says how far the training of the crisis classifier is, for whoever waits for it."""

from bot.training.progress import Step, Told

# Each text is read twice, for its wording and for its meaning.
_READINGS = 2
# What comes after the reading, and about how long each takes beside the reading of all texts (1.0)
# when no text's meaning is known from the last time.
_THEN = (
    ("Choosing the thresholds", 0.4),
    ("Learning from all examples", 0.3),
    ("Measuring it on texts it never saw", 0.3),
)


class CrisisProgress:
    """Counts what was read, and names what is done afterwards.

    :param texts: how many examples there are.
    """

    def __init__(self, texts: int, at: Told) -> None:
        self._texts, self._at = texts, at
        self._read, self._after = 0, 0
        self._total = round(texts * _READINGS * (1 + sum(share for _, share in _THEN)))
        self.read(0)

    def read(self, more: int) -> None:
        """So many more readings are done."""
        self._read += more
        says = f"{self._read // _READINGS:,} of {self._texts:,} examples read"
        self._at(Step(says, self._read, self._total, counts=True))

    def next(self) -> None:
        """The next of what comes after the reading begins."""
        done = self._texts * _READINGS * (1 + sum(share for _, share in _THEN[: self._after]))
        self._at(Step(_THEN[self._after][0], round(done), self._total))
        self._after += 1
