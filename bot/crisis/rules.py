"""What a clinic signs about crisis texts: classes, patterns and spelling, ready to use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.levels import Category, Level
from bot.crisis.pattern_lines import Line
from bot.crisis.word_table import WordTable


@dataclass(frozen=True)
class Softening:
    """What a negated or past mention becomes; a person still looks (facts 2.3).

    :param level: none for a mention that raises nothing at all (*no chest pain*).
    """

    level: Level | None
    reply: str = ""


@dataclass(frozen=True)
class CrisisClass:
    """One kind of danger: its level, the reply and who must look how fast.

    :param reply: id of a text in ``data/texts``; empty when no crisis reply is sent.
    :param negated: for *I do not want to die*; none: negation changes nothing.
    :param past: for *I tried to kill myself years ago*; none: the past changes nothing.
    :param gives_way: milder texts of this kind, sent only where no other one fits as well.
    """

    category: Category
    level: Level
    reply: str
    who_looks: str
    source: str
    approver: str
    negated: Softening | None = None
    past: Softening | None = None
    gives_way: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mistake:
    """What the classifier may take a pattern's words for, although nothing was done yet.

    :param but_for: words that say that it was done: with one of them the classifier is believed.
    """

    category: Category
    but_for: frozenset[str]


@dataclass(frozen=True)
class CrisisPattern:
    """One entry of a pattern file, with the examples that are its test.

    :param lines: any of these is a hit.
    :param unless: a hit that shares a content word with one of these is dropped.
    :param can_be_past: its words may tell of long ago, and are then softened.
    :param negatable: False where *not* before the hit says nothing good.
    :param mistaken_for: pills that are only counted are no overdose, whatever the classifier says.
    :param where: file and line, for error messages.
    """

    id: str
    category: Category
    level: Level
    reply: str
    lines: tuple[Line, ...]
    unless: tuple[Line, ...]
    note: str
    can_be_past: bool
    negatable: bool
    must_match: tuple[str, ...]
    must_not_match: tuple[str, ...]
    where: str
    mistaken_for: Mistake | None = None


@dataclass(frozen=True)
class CrisisRules:
    """Everything that the screening needs, as one value.

    :param classes: in tie-break order: of equally pressing signals the earlier class is answered.
    :param idioms: harmless phrases (*dying for a nap*); a hit made only of them raises nothing.
    :param not_negating: phrases whose *not* negates nothing (*can not stop*, *why not*).
    :param past: phrases that place things long ago; ``present``: phrases that bring them back.
    """

    classes: Mapping[Category, CrisisClass]
    patterns: tuple[CrisisPattern, ...]
    words: WordTable = field(default_factory=WordTable)
    idioms: tuple[Line, ...] = ()
    not_negating: tuple[Line, ...] = ()
    past: tuple[Line, ...] = ()
    present: tuple[Line, ...] = ()
