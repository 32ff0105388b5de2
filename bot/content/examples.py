"""Reads examples in Rasa's NLU format, and says in which language each is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.yaml_files import Items, line_of, read
from bot.core.languages import Language
from bot.core.plain_words import unaccented
from bot.errors import ConfigError

FOLDERS = ("data/nlu", "data/faq")


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Short words that one language has and the other has not; words of both (me, no, a) are left out.
_ENGLISH = _words(
    "the i my is it to and of you do im can what how are for in on was its this that with have be "
    "dont not or they if when does your so but just at an will about after she he her his we did "
    "why there get any ur pls u thx bc who from where been has baby feel need want"
    " wanna gonna cant wont tmrw"
)
_SPANISH = _words(
    "el la los las que de mi se un una es en por con para y si le lo como esta soy muy yo mas q xq "
    "al del te su cuando donde porque pero bebe estoy tengo puedo hay ya pa hola gracias sin nada "
    "quiero cual este eso todo hacer ser fue era ni tan desde q les nos tu sus ha he han siento"
    " tambien despues"
)
_SPANISH_MARKS = re.compile(r"[áéíóúüñ¿¡]", re.I)
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Example:
    """A text that teaches or tests an intent.

    :param place: file and line, for messages.
    """

    text: str
    intent: str
    language: Language
    place: str = field(default="", compare=False)


def load_project(project: Path) -> list[Example]:
    """All examples that the model is trained on."""
    files = [file for folder in FOLDERS for file in sorted((project / folder).glob("*.yml"))]
    return load_files(files)


_INTENT = re.compile(r"^- intent: *(\S+)", re.MULTILINE)


def intents_of(data: Path) -> list[str]:
    """Everything that can be meant, by the files' own lines: quick enough for a page."""
    files = [file for folder in ("nlu", "faq") for file in (data / folder).glob("*.yml")]
    found = {name for file in files for name in _INTENT.findall(file.read_text("utf-8"))}
    return sorted(found)


def load_files(files: Iterable[Path]) -> list[Example]:
    """All examples of these files, in order.

    :raises ConfigError: a file is not in Rasa's NLU format.
    """
    return [example for file in files for example in _load(file)]


def _load(file: Path) -> Iterator[Example]:
    content = read(file)
    if not isinstance(content, dict):
        raise ConfigError(f"{file}:1: not in Rasa's NLU format. It needs the key 'nlu:'.")
    for entry in content.get("nlu") or []:
        if not isinstance(entry, dict) or "intent" not in entry:
            continue  # synonyms, look-up tables
        stated = (entry.get("metadata") or {}).get("language")
        began = line_of(entry, ("examples",))
        for line, text in _texts(entry.get("examples") or "", began):
            language = Language(stated or language_of(text))
            yield Example(text, str(entry["intent"]), language, f"{file}:{line}")


def _texts(examples: object, began: int) -> Iterator[tuple[int, str]]:
    """Rasa takes a block of lines with dashes, or a list of entries with ``text``."""
    if isinstance(examples, Items):
        for line, entry in zip(examples.lines, examples, strict=True):
            yield line, str(entry["text"]).strip()
        return
    for line, written in enumerate(str(examples).splitlines(), start=began + 1):
        if written.strip().startswith("-"):
            yield line, written.strip()[1:].strip()


def language_of(text: str) -> Language:
    """The language that most of the text's small words are in; English when none speaks."""
    if _SPANISH_MARKS.search(text):
        return Language.SPANISH
    words = _WORD.findall(unaccented(text.lower().replace("'", "")))
    spanish = sum(word in _SPANISH for word in words)
    english = sum(word in _ENGLISH for word in words)
    if spanish == english:
        # No small word decides: Spanish words end in vowels and s far more often.
        ends = sum(word[-1] in "aos" and len(word) > 3 for word in words)
        return Language.SPANISH if words and ends * 2 > len(words) else Language.ENGLISH
    return Language.SPANISH if spanish > english else Language.ENGLISH
