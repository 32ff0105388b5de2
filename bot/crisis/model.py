"""The trained crisis classifier: readers that vote, two of wording, two of meaning.

It finds danger that no pattern foresaw ("my kids won't have to deal with me much longer"). It can
only add a signal, never take one away, and every number it needs lies in its own file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp

import numpy as np
import numpy.typing as npt

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.spoken_language import languages_of
from bot.crisis import encoder
from bot.crisis.neighbours import Neighbours
from bot.crisis.ngrams import Buckets, Weights, ngrams
from bot.crisis.normalise import Token
from bot.crisis.word_neighbours import WordNeighbours

Numbers = npt.NDArray[np.float32]

# So many words of a long text are read for their meaning: a text of three segments is read whole.
PART = 100


class Guess(StrEnum):
    """What a text of a label may lead to when the classifier alone found it."""

    PAGE = "page"
    ASK = "ask"


@dataclass(frozen=True)
class Label:
    """One kind of text that the classifier knows, as ``data/crisis/classifier.yml`` describes it.

    :param category: its crisis class.
    :param soft_reply: id of the text she gets between the thresholds.
    :param soft_level: how fast a person must look then.
    """

    name: str
    category: Category
    guess: Guess
    soft_reply: str = ""
    soft_level: Level = Level.SAME_DAY


@dataclass(frozen=True)
class Thresholds:
    """From which score on she is asked, and from which a person is paged at once.

    :param ask: least chance of danger for the soft reply, 0 to 1.
    :param page: least chance of danger that may page, for a page, 0 to 1.
    :param look: least chance of danger, by wording alone, for looking at the meaning too.
    :param doubt: a kind whose votes are no more than this below the likeliest's is plausible too.
    :param agree: least chance for a page where a pattern has asked about a kind that would page.
    """

    ask: float
    page: float
    look: float = 0.0
    doubt: float = 0.0
    agree: float = 1.0

    def __post_init__(self) -> None:
        for name in ("ask", "page"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"0 < {name} <= 1 is needed, not {getattr(self, name)}")


@dataclass(frozen=True)
class Unsure:
    """Which text is right where the kinds of danger cannot be told apart.

    :param page: names no kind of danger, gives 988 and 911: sent while a person is paged.
    :param ask: between the thresholds; the first of these that a plausible kind asks for.
    :param question: the text that ends with the safety question, which no page is answered by.
    """

    page: str = "crisis_suicide"
    ask: tuple[str, ...] = ()
    question: str = "crisis_ask"


@dataclass(frozen=True)
class Reader:
    """A linear reader: what each number that goes in adds to each answer.

    :param weights: a row for each number that goes in; columns are *ask*, *page*, then the labels.
    :param bias: one number for each column.
    """

    weights: Numbers
    bias: Numbers


@dataclass(frozen=True)
class Trust:
    """How much the other readers count beside the linear one of wording.

    :param ask: the linear reader's vote on danger or not; ``page``: on paging; ``kinds``: on kinds.
    :param neighbours: the neighbours' two votes.
    :param word_neighbours: the word neighbours' two votes.
    :param spanish: added to both votes for danger in a clearly Spanish text, as log odds: the
        harmless Spanish texts that taught the readers stand nearer to danger than the English ones.
    """

    ask: float
    page: float
    kinds: float
    neighbours: float
    word_neighbours: float
    spanish: float = 0.0

    def for_language(self, text: str) -> float:
        """What the language of this text adds to both votes for danger."""
        is_spanish = languages_of(text, own=Language.ENGLISH) == (Language.SPANISH,)
        return self.spanish if self.spanish and is_spanish else 0.0

    def added(self, linear: Numbers, near: Numbers) -> Numbers:
        """The votes of meaning as they are added to those of wording, a row for each text."""
        votes = linear * np.float32(self.kinds)
        votes[:, :2] = linear[:, :2] * np.array([self.ask, self.page], dtype=np.float32)
        votes[:, :2] += near * np.float32(self.neighbours)
        return votes


@dataclass(frozen=True)
class Verdict:
    """How much a text sounds like danger.

    :param ask: chance that it is danger and no mere distress, 0 to 1; generous.
    :param page: chance that it is danger of the kinds that may page, 0 to 1; strict.
    :param labels: the plausible kinds of danger, the likeliest first; at least one.
    """

    ask: float
    page: float
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class CrisisModel:
    """The classifier with the thresholds it was measured with; they belong together.

    :param labels: the kinds of danger, in the order of the readers' columns after the first two.
    :param rarity: how much each bucket counts: what stands in most texts says little.
    :param wording: reads hashed words and letters.
    :param meaning: reads the sentence vector.
    :param neighbours: compares the sentence vector with those of the invented texts.
    :param word_neighbours: compares rare words and letters with those of the invented texts.
    :param trust: how much the other readers' votes count beside the first one's.
    :param fingerprint: of the data and code it was made of.
    :param unsure: which text is right where kinds cannot be told apart.
    """

    labels: tuple[Label, ...]
    thresholds: Thresholds
    rarity: Numbers
    wording: Reader
    meaning: Reader
    neighbours: Neighbours
    word_neighbours: WordNeighbours
    trust: Trust
    fingerprint: str
    unsure: Unsure = Unsure()

    def read(self, text: str, tokens: Sequence[Token], *, thorough: bool = False) -> Verdict:
        """How much this text sounds like danger. Costs under 1 ms, or 5 ms if it might.

        :param tokens: the text as plain words.
        :param thorough: look at the meaning whatever the wording says.
        """
        buckets, counted = self._counted(*ngrams(text, tokens))
        votes = self._by_wording(buckets, counted)
        votes[:2] += np.float32(self.trust.for_language(text))
        if thorough or _chance(votes[0]) >= self.thresholds.look:
            votes += self.by_meaning(self._telling_part(text, tokens))
            near = self.word_neighbours.votes(buckets, counted)
            votes[:2] += near * np.float32(self.trust.word_neighbours)
        return self._verdict(votes)

    def _counted(self, buckets: Buckets, weights: Weights) -> tuple[Buckets, Weights]:
        """The same groups by their rarity; all of a text together are of length 1."""
        counted = weights * self.rarity[buckets]
        return buckets, counted / (np.sqrt(np.dot(counted, counted)) or np.float32(1))

    def by_wording(self, buckets: Buckets, weights: Weights) -> Numbers:
        """The first reader's votes, as log odds."""
        return self._by_wording(*self._counted(buckets, weights))

    def _by_wording(self, buckets: Buckets, counted: Weights) -> Numbers:
        votes: Numbers = counted @ self.wording.weights[buckets] + self.wording.bias
        return votes

    def _telling_part(self, text: str, tokens: Sequence[Token]) -> str:
        """The part of a long text in which the wording hears most danger; short texts are whole.

        The encoder's time grows with the text, and what few words say is lost among many.
        """
        if len(tokens) <= PART:
            return text
        starts = [*range(0, len(tokens) - PART, PART // 2), len(tokens) - PART]
        parts = [tokens[start : start + PART] for start in starts]
        loudest = max(parts, key=lambda part: self._heard_in(text, part))
        return _written(text, loudest)

    def _heard_in(self, text: str, part: Sequence[Token]) -> float:
        return float(self.by_wording(*ngrams(_written(text, part), part))[0])

    def by_meaning(self, text: str) -> Numbers:
        """What the readers of meaning add to these votes."""
        vector = encoder.vectors([text])
        linear = vector @ self.meaning.weights + self.meaning.bias
        votes: Numbers = self.trust.added(linear, self.neighbours.votes(vector))[0]
        return votes

    def _verdict(self, votes: Numbers) -> Verdict:
        kinds = votes[2:]
        likeliest_first = np.argsort(-kinds, kind="stable")
        least = kinds[likeliest_first[0]] - self.thresholds.doubt
        labels = tuple(self.labels[place] for place in likeliest_first if kinds[place] >= least)
        return Verdict(ask=_chance(votes[0]), page=_chance(votes[1]), labels=labels)


def _written(text: str, part: Sequence[Token]) -> str:
    return text[part[0].start : part[-1].end]


def _chance(log_odds: np.float32) -> float:
    return 1.0 / (1.0 + exp(-max(-60.0, float(log_odds))))
