"""The catalogue: every sentence that a person can receive, by id and language.

It holds data/texts and the answers of data/faq. What is not in it cannot be sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, RootModel

from bot.content import yaml_files
from bot.content.yaml_files import Strict
from bot.core.languages import Language
from bot.core.levels import Level
from bot.core.text_rules import Finding, Purpose, blanks, fill, lint, speaks_of_baby
from bot.errors import ConfigError, NotFound

FAQ = "utter_faq_"
DEMO = "demo"
# Said to a bereaved mother instead of an answer about the baby that has no other wording.
STAND_IN = "answer_by_person"
# These may name the carrier's own words: it is what they are about (facts 4.1, 4.3).
_OPT_OUT_WORDS = frozenset({"STOP", "START", "HELP"})
_ABOUT_OPT_OUT = frozenset(
    {"utter_faq_stop_texts", "page_staff_stopped", "voice_stopped", "answer_by_email"}
)


@dataclass(frozen=True)
class Text:
    """One text in one language, as a named person approved it.

    :param note: why it reads as it does; for a FAQ answer, its source.
    :param loss_text: said instead to a mother whose baby has died; none when it needs no other.
    :param life_text: said instead where a body is in danger now, hers or a child's: 911 comes
        first, and no line for thoughts of dying; none when it needs no other.
    :param place: file and line, for messages.
    :param tells: the care team hears that she asked this, at this level; none for most questions.
    """

    id: str
    language: Language
    version: int
    approver: str
    purpose: Purpose
    note: str
    text: str
    loss_text: str | None
    place: str
    tells: Level | None = None
    life_text: str | None = None

    @cached_property
    def blanks(self) -> frozenset[str]:
        """What has to be filled in before it can be sent."""
        return blanks(self.text)

    def findings(self) -> tuple[Finding, ...]:
        """What the text rules say about it, its variants included."""
        about_opt_out = self.purpose is Purpose.CONSENT or self.id in _ABOUT_OPT_OUT
        may_ask = _OPT_OUT_WORDS if about_opt_out else frozenset[str]()
        wordings = [one for one in (self.text, self.loss_text, self.life_text) if one is not None]
        return tuple(
            finding
            for wording in wordings
            for finding in lint(
                wording, language=self.language, purpose=self.purpose, may_ask=may_ask
            )
        )


@dataclass(frozen=True)
class Rendered:
    """A text with its blanks filled, ready for the outbox.

    :param text_id: the id of what is said; not always of what was asked for (see ``render``).
    """

    text_id: str
    version: int
    language: Language
    body: str


class Catalogue:
    """All texts, checked: both languages have the same ids and blanks. Safe to share."""

    def __init__(self, texts: Mapping[tuple[str, Language], Text]) -> None:
        self._texts = dict(texts)
        self.ids: tuple[str, ...] = tuple(dict.fromkeys(text_id for text_id, _ in self._texts))

    @classmethod
    def of(cls, other: "Catalogue") -> "Catalogue":
        """A copy, which may become another one without changing this."""
        return cls(other._texts)

    def become(self, other: "Catalogue") -> None:
        """Hold what the other one holds, as when another model and its answers go live."""
        self._texts, self.ids = other._texts, other.ids

    def __iter__(self) -> Iterator[Text]:
        return iter(self._texts.values())

    def __contains__(self, text_id: object) -> bool:
        return text_id in self.ids

    def get(self, text_id: str, language: Language) -> Text:
        """One text as it stands in its file.

        :raises NotFound: there is no such id.
        """
        try:
            return self._texts[text_id, language]
        except KeyError:
            raise NotFound(
                f"There is no text {text_id}. Add it to data/texts, or mend the id."
            ) from None

    def render(
        self,
        text_id: str,
        language: Language,
        values: Mapping[str, str] | None = None,
        *,
        bereaved: bool = False,
        life_at_risk: bool = False,
    ) -> Rendered:
        """The words to send. Values that the text has no blank for are ignored.

        :param bereaved: her baby has died: the variant for loss is said, and an answer about a
            baby without such a variant is replaced by the offer of a person.
        :param life_at_risk: a body is in danger now: the variant for that is said, where there is
            one, before any other.
        :raises NotFound: there is no such id.
        :raises ConfigError: a blank has no value; names the blank.
        """
        text = self.get(text_id, language)
        body = text.text
        if life_at_risk and text.life_text is not None:
            body = text.life_text
        elif bereaved and text.loss_text is not None:
            body = text.loss_text
        elif bereaved and speaks_of_baby(body, language):
            text = self.get(STAND_IN, language)
            body = text.text
        given = values or {}
        if missing := sorted(blanks(body) - given.keys()):
            raise ConfigError(
                f"{text.place}: {text.id} was asked for without a value for "
                f"{', '.join(missing)}. Pass values for {', '.join(sorted(text.blanks))}."
            )
        return Rendered(text.id, text.version, language, fill(body, given))

    def told_level(self, text_id: str) -> Level | None:
        """The level at which the care team hears that she was given this answer; mostly none."""
        return self.get(text_id, Language.ENGLISH).tells

    def approved(self, *, production: bool) -> None:
        """Make sure that a clinic has approved every text; only production insists.

        :raises ConfigError: in production, when any text still has the approver *demo*.
        """
        demo = [text for text in self if text.approver == DEMO]
        if production and demo:
            raise ConfigError(
                f"{demo[0].place}: {demo[0].id} ({len(demo)} texts in all) has the approver "
                f"'{DEMO}'. A person of the clinic reviews each text and puts a name there."
            )


class _Entry(Strict):
    version: int = Field(ge=1)
    approver: str = Field(min_length=1)
    purpose: Purpose
    note: str = Field(min_length=1)
    text: str = Field(min_length=1)
    loss_text: str | None = None
    life_text: str | None = None


class _File(RootModel[dict[str, _Entry]]):
    pass


class _Condition(Strict):
    type: str = Field(pattern="^slot$")
    name: str = Field(pattern="^language$")
    value: Language


class _Metadata(Strict):
    version: int = Field(ge=1)
    approver: str = Field(min_length=1)
    source: str = Field(min_length=1)
    loss_text: str | None = None
    # Some questions reach a person although they have an answer (clinic rules, "Levels").
    tells: Level | None = None


class _Answer(Strict):
    condition: tuple[_Condition, ...] = Field(default=(), max_length=1)
    text: str = Field(min_length=1)
    metadata: _Metadata


class _Answers(RootModel[dict[str, tuple[_Answer, ...]]]):
    pass


def load_catalogue(data: Path, *, faq: Path | None = None) -> Catalogue:
    """Read data/texts and the answers of data/faq, and check them together.

    :param data: the folder that holds ``texts`` and ``faq``.
    :param faq: where the answers are instead: those that go with the live model.
    :raises ConfigError: a file is wrong, a text breaks a hard rule, or the languages differ in
        ids, purposes or blanks; names file, line and cure.
    """
    texts: dict[tuple[str, Language], Text] = {}
    wrong = yaml_files.Together()
    for language in Language:
        with wrong.part():
            for text in _texts_of(data / "texts" / f"{language}.yml", language):
                texts[text.id, language] = text
    for path in sorted((faq or data / "faq").glob("*.yml")):
        with wrong.part():
            _add_answers(texts, path)
    # What a broken file holds is not missing in the other language.
    wrong.refuse()
    for text in texts.values():
        with wrong.part():
            _check(text)
            _check_same(text, texts)
    wrong.refuse()
    if (STAND_IN, Language.ENGLISH) not in texts:
        raise ConfigError(f"{data / 'texts'}: the text {STAND_IN} is missing. Restore it.")
    return Catalogue(texts)


def _add_answers(texts: dict[tuple[str, Language], Text], path: Path) -> None:
    for text in _answers_of(path):
        if (text.id, text.language) in texts:
            raise ConfigError(f"{text.place}: {text.id} is there twice. Remove one of them.")
        texts[text.id, text.language] = text


def _texts_of(path: Path, language: Language) -> Iterator[Text]:
    content = yaml_files.read(path)
    for text_id, entry in yaml_files.check(content, _File, path).root.items():
        place = f"{path}:{yaml_files.line_of(content, (text_id,))}"
        yield Text(id=text_id, language=language, place=place, **dict(entry))


def _answers_of(path: Path) -> Iterator[Text]:
    content = yaml_files.read(path)
    responses: Any = content.get("responses") if isinstance(content, dict) else None
    expected = FAQ + path.stem
    if not isinstance(responses, dict) or list(responses) != [expected]:
        raise ConfigError(f"{path}:1: 'responses:' must hold {expected} and nothing else.")
    line = yaml_files.line_of(content, ("responses", expected))
    for answer in yaml_files.check(responses, _Answers, path).root[expected]:
        # Rasa takes the answer without a condition when no condition fits: that is English.
        yield Text(
            id=expected,
            language=answer.condition[0].value if answer.condition else Language.ENGLISH,
            version=answer.metadata.version,
            approver=answer.metadata.approver,
            purpose=Purpose.REPLY,
            note=answer.metadata.source,
            text=answer.text,
            loss_text=answer.metadata.loss_text,
            place=f"{path}:{line}",
            tells=answer.metadata.tells,
        )


def _check(text: Text) -> None:
    hard = [finding for finding in text.findings() if finding.hard]
    if hard:
        where = f"{text.place}: {text.id} ({text.language})"
        raise ConfigError(*(f"{where}: {finding.cure}" for finding in hard))
    # Either may be said to a mother whose baby has died.
    for name, wording in (("loss_text", text.loss_text), ("life_text", text.life_text)):
        if wording is None:
            continue
        if speaks_of_baby(wording, text.language):
            raise ConfigError(f"{text.place}: the {name} of {text.id} speaks of a baby. Reword it.")
        if not blanks(wording) <= text.blanks:
            raise ConfigError(f"{text.place}: the {name} of {text.id} has blanks of its own.")


def _check_same(text: Text, texts: Mapping[tuple[str, Language], Text]) -> None:
    for language in Language:
        other = texts.get((text.id, language))
        if other is None:
            raise ConfigError(f"{text.place}: {text.id} has no text in '{language}'. Add it.")
        if other.blanks != text.blanks:
            names = ", ".join(sorted(other.blanks ^ text.blanks))
            raise ConfigError(f"{text.place}: {text.id}: only one language has {names}.")
        if other.purpose is not text.purpose:
            raise ConfigError(f"{text.place}: {text.id} has two purposes. Make them the same.")
