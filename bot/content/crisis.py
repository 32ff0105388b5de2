"""Reads the clinic's crisis files, or says which line to mend and how.

The folder holds ``classes.yml``, ``words.yml`` and ``patterns.<language>.yml``. In a block of
lines, what follows a lone ``#`` is a remark.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.content import yaml_files
from bot.content.yaml_files import Strict
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis import pattern_lines
from bot.crisis.examples import check_examples
from bot.crisis.pattern_lines import Line, PatternError, Sets
from bot.crisis.rules import CrisisClass, CrisisPattern, CrisisRules, Mistake, Softening
from bot.crisis.word_table import WordTable, fold_word
from bot.errors import ConfigError

__all__ = ["check_examples", "load_crisis"]

MUST_MATCH, MUST_NOT_MATCH = 4, 2

type Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$")]
type TextId = Annotated[str, Field(pattern=r"^crisis_[a-z_]+$|^$")]


class _Softened(Strict):
    level: Level
    reply: TextId = ""


class _Class(Strict):
    category: Category
    level: Level
    reply: TextId
    who_looks: str
    source: str
    approver: str
    negated: _Softened | Literal["quiet"] | None = None
    past: _Softened | None = None
    gives_way: tuple[TextId, ...] = ()


class _ClassFile(Strict):
    classes: list[_Class]


class _WordFile(Strict):
    short_forms: str
    emoji: str
    disguised: str
    misspelt: str
    not_misspelt: str
    negators: str
    negation_ends: str
    common: str
    not_negating: str
    past: str
    present: str


class _Mistake(Strict):
    class_: Category = Field(alias="class")
    but_for: str


class _Pattern(Strict):
    id: Id
    class_: Category = Field(alias="class")
    level: Level | None = None
    reply: TextId | None = None
    note: str = ""
    any: str
    unless: str = ""
    can_be_past: bool = False
    negatable: bool = True
    mistaken_for: _Mistake | None = None
    must_match: str
    must_not_match: str


class _PatternFile(Strict):
    sets: dict[str, str] = Field(default_factory=dict)
    idioms: str = ""
    patterns: list[_Pattern]


def load_crisis(folder: Path) -> CrisisRules:
    """The crisis rules in a folder such as ``data/crisis``.

    :raises ConfigError: anything wrong, with file, line and cure.
    """
    classes = _load_classes(folder / "classes.yml")
    path = folder / "words.yml"
    content = yaml_files.read(path)
    file = yaml_files.check(content, _WordFile, path)
    words = _word_table(file, content, path)
    patterns: list[CrisisPattern] = []
    idioms: list[Line] = []
    wrong = yaml_files.Together()
    for language in Language:
        with wrong.part():
            more, harmless = _load_patterns(folder / f"patterns.{language}.yml", classes, words)
            patterns.extend(more)
            idioms.extend(harmless)
    wrong.refuse()
    _check_ids(patterns)
    read = _LineReader(path, {}, words)
    return CrisisRules(
        classes=classes,
        patterns=tuple(patterns),
        words=words,
        idioms=tuple(idioms),
        not_negating=read.lines(content, "not_negating"),
        past=read.lines(content, "past"),
        present=read.lines(content, "present"),
    )


def _load_classes(path: Path) -> dict[Category, CrisisClass]:
    content = yaml_files.read(path)
    rows = yaml_files.check(content, _ClassFile, path).classes
    classes: dict[Category, CrisisClass] = {}
    for place, row in enumerate(rows):
        if row.category in classes:
            line = yaml_files.line_of(content, ("classes", place))
            raise ConfigError(f"{path}:{line}: {row.category} stands here twice. Remove one.")
        classes[row.category] = CrisisClass(
            row.category, row.level, row.reply, row.who_looks, row.source, row.approver,
            negated=_softening(row.negated), past=_softening(row.past),
            gives_way=frozenset(row.gives_way),
        )  # fmt: skip
    return classes


def _softening(row: _Softened | Literal["quiet"] | None) -> Softening | None:
    if row is None:
        return None
    return Softening(None) if row == "quiet" else Softening(row.level, row.reply)


def _word_table(file: _WordFile, content: Any, path: Path) -> WordTable:
    # YAML is whatever the file holds
    short: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line, left, right in _pairs(content, "short_forms", path):
        key = tuple(fold_word(left).split())
        if short.setdefault(key, tuple(fold_word(right).split())) != tuple(
            fold_word(right).split()
        ):
            raise ConfigError(f"{path}:{line}: '{left}' has two meanings. Keep one.")
    return WordTable(
        short_forms=short,
        emoji={left: right for _, left, right in _pairs(content, "emoji", path)},
        disguised=_words(file.disguised),
        misspelt=_words(file.misspelt),
        not_misspelt=_words(file.not_misspelt),
        negators=_words(file.negators),
        negation_ends=_words(file.negation_ends),
        common=_words(file.common),
    )


def _pairs(content: Any, key: str, path: Path) -> Iterator[tuple[int, str, str]]:
    for line, text in _numbered(content, (key,)):
        left, sign, right = (part.strip() for part in text.partition("="))
        if not (left and sign and right):
            raise ConfigError(f"{path}:{line}: expected 'short = long', found '{text}'.")
        yield line, left, right


def _words(block: str) -> frozenset[str]:
    return frozenset(fold_word(word) for text in _texts(block) for word in text.split())


def _load_patterns(
    path: Path, classes: dict[Category, CrisisClass], words: WordTable
) -> tuple[list[CrisisPattern], tuple[Line, ...]]:
    content = yaml_files.read(path)
    file = yaml_files.check(content, _PatternFile, path)
    sets = {name: _members(block) for name, block in file.sets.items()}
    read = _LineReader(path, sets, words)
    idioms = read.lines(content, "idioms") if file.idioms else ()
    patterns = [
        _pattern(row, place, content, read, classes) for place, row in enumerate(file.patterns)
    ]
    return patterns, idioms


def _members(block: str) -> list[str]:
    return [part.strip() for text in _texts(block) for part in text.split("|") if part.strip()]


class _LineReader:
    """Reads blocks of pattern lines of one file."""

    def __init__(self, path: Path, sets: Sets, words: WordTable) -> None:
        self.path = path
        self._sets = sets
        self._words = words
        self._read_before: dict[str, Line] = {}

    def lines(self, content: Any, *place: str | int) -> tuple[Line, ...]:
        found: list[Line] = []
        for number, text in _numbered(content, place):
            try:
                line = pattern_lines.parse(
                    text, sets=self._sets, words=self._words, read_before=self._read_before
                )
                found.append(line)
            except PatternError as error:
                raise ConfigError(f"{self.path}:{number}: {text}: {error}.") from None
        return tuple(found)


def _pattern(
    row: _Pattern,
    place: int,
    content: Any,
    read: _LineReader,
    classes: dict[Category, CrisisClass],
) -> CrisisPattern:
    at = ("patterns", place)
    where = f"{read.path}:{yaml_files.line_of(content, at)}"
    rules = classes.get(row.class_)
    if rules is None:
        raise ConfigError(f"{where}: {row.id}: class {row.class_} is not in classes.yml. Add it.")
    must, must_not = _texts(row.must_match), _texts(row.must_not_match)
    if len(must) < MUST_MATCH or len(must_not) < MUST_NOT_MATCH:
        raise ConfigError(
            f"{where}: {row.id}: give at least {MUST_MATCH} must_match and {MUST_NOT_MATCH} "
            "must_not_match examples."
        )
    return CrisisPattern(
        id=row.id,
        category=row.class_,
        level=row.level or rules.level,
        reply=rules.reply if row.reply is None else row.reply,
        lines=read.lines(content, *at, "any"),
        unless=read.lines(content, *at, "unless") if row.unless else (),
        note=row.note,
        can_be_past=row.can_be_past,
        negatable=row.negatable,
        must_match=must,
        must_not_match=must_not,
        where=where,
        mistaken_for=_mistake(row.mistaken_for),
    )


def _mistake(row: _Mistake | None) -> Mistake | None:
    return Mistake(row.class_, frozenset(_members(row.but_for))) if row else None


def _texts(block: str) -> tuple[str, ...]:
    return tuple(text for _, text in _remarks_removed(block))


def _remarks_removed(block: str) -> Iterator[tuple[int, str]]:
    for offset, line in enumerate(block.splitlines()):
        text = line.partition(" # ")[0].strip()
        if text and not text.startswith("# "):
            yield offset, text


def _numbered(content: Any, place: tuple[str | int, ...]) -> Iterator[tuple[int, str]]:
    """The texts of a block with the line of the file on which each stands."""
    block = content
    for part in place:
        block = block[part]
    first = yaml_files.line_of(content, place) + 1
    for offset, text in _remarks_removed(str(block)):
        yield first + offset, text


def _check_ids(patterns: list[CrisisPattern]) -> None:
    seen: dict[str, str] = {}
    for pattern in patterns:
        if pattern.id in seen:
            raise ConfigError(
                f"{pattern.where}: id {pattern.id} is taken ({seen[pattern.id]}). Choose another."
            )
        seen[pattern.id] = pattern.where
