"""Takes out of a text what nobody typed: control characters, and signs that turn its order round.

A NUL stops a database and a reader of words; a turned order shows staff another sentence than the
one that was screened. Letters, accents, emoji and line ends stay as they are.
"""

import unicodedata

# Marks, embeddings, overrides and isolates of the writing direction (Unicode, UAX 9).
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINES = frozenset("\t\n\r")


def without_controls(text: str) -> str:
    """The text as it is stored, screened and shown; never shorter by a letter."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_kept, text))


def _kept(sign: str) -> str:
    if sign in _LINES:
        return sign
    category = unicodedata.category(sign)
    if category == "Cc":
        # Some of them part words, for whoever reads words: "want<0x1F>to".
        return " " if sign.isspace() else ""
    if category == "Cs":
        return "\ufffd"  # half a character, which can be neither stored nor sent
    return "" if sign in _TURNING else sign
