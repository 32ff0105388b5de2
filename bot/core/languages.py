"""The languages in which Tend can speak to a patient."""

import re
import unicodedata
from enum import StrEnum


class Language(StrEnum):
    """A language with a complete catalogue of texts in ``data/texts``."""

    ENGLISH = "en"
    SPANISH = "es"


# "I don't speak English" asks for Spanish, and names only English.
_NOT_HERS = re.compile(
    r"\b(?:dont|don't|do not|cant|can't|cannot|no|not|nada|poco|bad|little|isnt|isn't)\b"
    r"(?:\W+(?!but\b|pero\b|sino\b)\w+){0,4}?\W+(?P<first>english|ingles|spanish|espanol)\b"
    r"|\b(?P<second>english|ingles|spanish|espanol)\b\W+(?:is|es)\W+(?:\w+\W+)?"
    r"(?:bad|poor|malo|not|isnt|poco)\b"
)


def language_denied(text: str) -> Language | None:
    """The language that she says she does not speak or read, if that is what she says.

    :param text: her words, in either language.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    found = _NOT_HERS.search("".join(sign for sign in plain if not unicodedata.combining(sign)))
    if found is None:
        return None
    named = found["first"] or found["second"]
    return Language.ENGLISH if named.startswith("ing") or named == "english" else Language.SPANISH
