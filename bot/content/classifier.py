"""Reads what the crisis classifier learns: kinds of danger and invented example texts.

``data/crisis/classifier.yml`` says what each set of examples teaches;
``data/crisis/examples/<set>.<language>.txt`` holds one text a line. A line that begins with ``#``
and a blank is a remark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bot.content import yaml_files
from bot.content.yaml_files import Strict
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis.model import Guess, Label, Unsure
from bot.crisis.word_table import fold_word
from bot.errors import ConfigError

type Name = Annotated[str, Field(pattern=r"^[a-z_]+$")]
type TextId = Annotated[str, Field(pattern=r"^crisis_[a-z_]+$")]
type Share = Annotated[float, Field(gt=0, le=1)]
type Weight = Annotated[float, Field(gt=0, le=100)]
type Promille = Annotated[float, Field(gt=0, le=100)]


class _Danger(Strict):
    label: Name
    class_: Category = Field(alias="class")
    examples: list[Name] = Field(min_length=1)
    guess: Guess
    soft_reply: TextId
    soft_level: Level = Level.SAME_DAY


class _Near(Strict):
    examples: list[Name] = Field(min_length=1)
    weight: Share


class _Harmless(Strict):
    examples: list[Name] = Field(min_length=1)
    weight: Weight


class _FalseAlarms(Strict):
    ask: Promille
    page: Promille


class _LeastChance(Strict):
    # Few and tidy examples are told apart too easily to say what a stranger's text will score.
    ask: float = Field(default=0.5, ge=0.5, lt=1)
    page: float = Field(default=0.5, ge=0.5, lt=1)


class _Unsure(Strict):
    page: TextId = "crisis_suicide"
    ask: list[TextId] = Field(default_factory=list)
    question: TextId = "crisis_ask"


class _File(Strict):
    version: int
    approver: str
    danger: list[_Danger] = Field(min_length=2)
    near: _Near
    harmless: _Harmless
    false_alarms: _FalseAlarms
    least_chance: _LeastChance = _LeastChance()
    more_for_spanish: Annotated[float, Field(ge=0, le=5)] = 0.0
    # 1: a pattern that only asked stays so, whatever the classifier says.
    agree: Annotated[float, Field(gt=0, le=1)] = 1.0
    unsure: _Unsure = _Unsure()


@dataclass(frozen=True)
class CrisisExample:
    """One invented text.

    :param label: the kind of danger it teaches; none where there is no danger.
    :param near: it is close to danger all the same, such as distress.
    """

    text: str
    set: str
    language: Language
    label: Label | None
    near: bool = False


@dataclass(frozen=True)
class Lesson:
    """Everything that the classifier is made from.

    :param near_weight: how much a text near danger counts where asking is learned.
    :param harmless_weight: how much a harmless text counts.
    :param ask_alarms: share of harmless texts that may be asked about, 0 to 1; ``page_alarms``:
        that may page.
    :param least_ask: the lowest threshold for asking, whatever the examples say; ``least_page``:
        for paging.
    :param more_for_spanish: added to the votes for danger in a Spanish text, as log odds.
    :param agree: least chance for a page where a pattern has asked about a kind that would page.
    :param unsure: which text is right where kinds of danger cannot be told apart.
    """

    labels: tuple[Label, ...]
    examples: tuple[CrisisExample, ...]
    near_weight: float
    harmless_weight: float
    ask_alarms: float
    page_alarms: float
    least_ask: float
    least_page: float
    more_for_spanish: float
    agree: float
    unsure: Unsure


def load_lesson(folder: Path) -> Lesson:
    """What a folder such as ``data/crisis`` teaches.

    :raises ConfigError: anything wrong, with file, line and cure.
    """
    path = folder / "classifier.yml"
    content = yaml_files.read(path)
    file = yaml_files.check(content, _File, path)
    taught: dict[str, tuple[Label | None, bool]] = {}
    labels: list[Label] = []
    for place, row in enumerate(file.danger):
        label = Label(row.label, row.class_, row.guess, row.soft_reply, row.soft_level)
        if row.label in {known.name for known in labels}:
            line = yaml_files.line_of(content, ("danger", place))
            raise ConfigError(f"{path}:{line}: {row.label} stands here twice. Remove one.")
        labels.append(label)
        taught.update(dict.fromkeys(row.examples, (label, False)))
    taught.update(dict.fromkeys(file.near.examples, (None, True)))
    taught.update(dict.fromkeys(file.harmless.examples, (None, False)))
    return Lesson(
        labels=tuple(labels),
        examples=tuple(_examples(folder / "examples", taught)),
        near_weight=file.near.weight,
        harmless_weight=file.harmless.weight,
        ask_alarms=file.false_alarms.ask / 1000,
        page_alarms=file.false_alarms.page / 1000,
        least_ask=file.least_chance.ask,
        least_page=file.least_chance.page,
        more_for_spanish=file.more_for_spanish,
        agree=file.agree,
        unsure=Unsure(file.unsure.page, tuple(file.unsure.ask), file.unsure.question),
    )


def _examples(folder: Path, taught: dict[str, tuple[Label | None, bool]]) -> list[CrisisExample]:
    """All texts, each once: the same words under danger and under no danger are an error."""
    found: dict[str, CrisisExample] = {}
    for path in sorted(folder.glob("*.txt")):
        name, _, language = path.stem.partition(".")
        if name not in taught or language not in set(Language):
            raise ConfigError(
                f"{path}: no set of this name in classifier.yml. Name the file "
                "<set>.<language>.txt, and the set under danger, near or harmless."
            )
        label, near = taught[name]
        for number, text in _lines(path):
            key = " ".join(fold_word(text).split())
            example = CrisisExample(text, name, Language(language), label, near)
            if (found.setdefault(key, example).label is None) != (label is None):
                raise ConfigError(
                    f"{path}:{number}: this text is in {found[key].set}, too. Keep it in one."
                )
    return list(found.values())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        written = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text. Save it as UTF-8.") from None
    for number, line in enumerate(written.splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("# "):
            yield number, text
