"""Reads the words that say who somebody is: names, places, months."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from bot.content import yaml_files
from bot.content.yaml_files import Strict


@dataclass(frozen=True)
class IdentifierWords:
    """Lists of folded words (lower case, no accents).

    :param names: nothing but names.
    :param ordinary: words that are nobody's name, beside those of the examples.
    :param word_names: names that are ordinary words too; the sentence decides.
    """

    names: frozenset[str]
    word_names: frozenset[str]
    months: frozenset[str]
    word_months: frozenset[str]
    holidays: frozenset[str]
    places: frozenset[str]
    ordinary: frozenset[str]
    word_places: frozenset[str]


class _File(Strict):
    version: int = Field(ge=1)
    names: str
    word_names: str
    months: str
    word_months: str
    holidays: str
    places: str
    word_places: str
    ordinary: str


def load_identifiers(data: Path) -> IdentifierWords:
    """Read data/identifiers/words.yml.

    :raises ConfigError: the file is missing or wrong; names file, line and cure.
    """
    path = data / "identifiers" / "words.yml"
    file = yaml_files.check(yaml_files.read(path), _File, path)
    word_names, word_places = _words(file.word_names), _words(file.word_places)
    return IdentifierWords(
        names=_words(file.names) - word_names,
        word_names=word_names,
        months=_words(file.months) - word_names,
        word_months=_words(file.word_months) | (_words(file.months) & word_names),
        holidays=_words(file.holidays),
        places=_words(file.places) - word_places,
        word_places=word_places,
        # A word that is a name too is asked about like any other.
        ordinary=_words(file.ordinary) - _words(file.names) - word_names - _words(file.places),
    )


def _words(block: str) -> frozenset[str]:
    return frozenset(block.split())
