"""Is every Spanish text Spanish? One that was left in English passes every other rule."""

import re
from collections.abc import Iterator

from bot.content.texts import Catalogue, Text
from bot.core.languages import Language

_WORD = re.compile(r"[^\W\d_]+")
_BLANK = re.compile(r"\{[^{}]*\}")


def untranslated(catalogue: Catalogue) -> Iterator[str]:
    """A sentence for each Spanish text whose words are the English ones.

    Nothing but numbers or blanks is the same in both. Capitals and punctuation do not count.
    """
    for text in catalogue:
        if text.language is Language.SPANISH:
            yield from _same(text, catalogue.get(text.id, Language.ENGLISH))


def _same(spanish: Text, english: Text) -> Iterator[str]:
    wordings = {
        "text": (spanish.text, english.text),
        "loss_text": (spanish.loss_text or "", english.loss_text or ""),
        "life_text": (spanish.life_text or "", english.life_text or ""),
    }
    for name, (ours, theirs) in wordings.items():
        if (words := _words(ours)) and words == _words(theirs):
            yield (
                f"{spanish.place}: the Spanish {name} of {spanish.id} is word for word the English "
                "one. Translate it."
            )


def _words(text: str) -> list[str]:
    return _WORD.findall(_BLANK.sub(" ", text).casefold())
