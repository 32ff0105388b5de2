"""How many segments does a text cost, and how is it written so that it costs fewer?

Carriers bill by segment: 160 characters of a small alphabet (GSM-7), or 70 of any other (UCS-2).
One curly quote in a long text doubles its price.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.core.languages import Language

Encoding = Literal["gsm7", "ucs2"]

# 3GPP TS 23.038, section 6.2.1: the default alphabet, without its escape character.
GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038, section 6.2.1.1: each of these is sent as escape + character.
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM7 = GSM7_BASIC | GSM7_EXTENSION

# Units in a text that fits one segment; units in each segment of one that does not: six bytes of
# every part go to the header by which the phone joins them again (TS 23.040, section 9.2.3.24).
CAPACITY: dict[Encoding, tuple[int, int]] = {"gsm7": (160, 153), "ucs2": (70, 67)}

# Look-alikes that phones and word processors put in, and what GSM-7 has for them.
LOOK_ALIKES = {
    **dict.fromkeys("‘’‚‛′‵´`ʹʻʼ‹›", "'"),
    **dict.fromkeys("“”„‟″‶«»〝〞", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－•‣◦●▪·∙⁃", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009", " "),
    **dict.fromkeys("\u200a\u202f\u205f\u3000\t\v", " "),
    **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    **dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff", ""),
    "…": "...",
    "×": "x",
    "⁄": "/",
    "∕": "/",
    "∗": "*",
    "∼": "~",
}
# Unicode's tags for characters that only look different ("ﬁ", "Ａ"), not for "²" or "½".
SAME_LETTER = frozenset({"<compat>", "<wide>", "<narrow>", "<font>", "<noBreak>"})
# "Papa" is a potato and "papá" a father: written Spanish keeps these, at UCS-2's price.
KEPT_IN_SPANISH = frozenset("áíóúÁÍÓÚ")


@dataclass(frozen=True)
class Segments:
    """What a text costs.

    :param units: GSM-7 septets or UTF-16 code units.
    :param count: segments that are billed; 0 for an empty text.
    """

    encoding: Encoding
    units: int
    count: int


def segments(text: str) -> Segments:
    """Count the segments that a text is sent in, as the carrier bills it, look-alikes included."""
    encoding: Encoding = "gsm7" if GSM7.issuperset(text) else "ucs2"
    widths = [_width(character, encoding) for character in text]
    units = sum(widths)
    single, joined = CAPACITY[encoding]
    if units <= single:
        return Segments(encoding=encoding, units=units, count=1 if units else 0)
    return Segments(encoding=encoding, units=units, count=_parts(widths, capacity=joined))


def _width(character: str, encoding: Encoding) -> int:
    if encoding == "gsm7":
        return 2 if character in GSM7_EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _parts(widths: Iterable[int], *, capacity: int) -> int:
    """Parts needed when no character may be cut in two: a part can end one unit early."""
    count, used = 1, 0
    for width in widths:
        if used + width > capacity:
            count, used = count + 1, 0
        used += width
    return count


def tidy(text: str, language: Language) -> str:
    """Write a text with GSM-7 characters wherever that changes nothing for its reader.

    Emoji and other alphabets stay as they are: a text may cost more, it never loses a word.
    Accents that GSM-7 lacks are dropped in English and kept in Spanish (á í ó ú).
    """
    kept = GSM7 | KEPT_IN_SPANISH if language is Language.SPANISH else GSM7
    composed = unicodedata.normalize("NFC", text)
    return "".join(character if character in kept else _plain(character) for character in composed)


def _plain(character: str) -> str:
    if character in LOOK_ALIKES:
        return LOOK_ALIKES[character]
    base, *marks = list(unicodedata.normalize("NFKD", character))
    # Only a letter may lose its mark: "≠" without it is "=".
    if marks and base.isalpha() and all(unicodedata.combining(mark) for mark in marks):
        return base if base in GSM7 else character
    # Only a form of the same letter: 10² must not become 102, nor 1½ become 11/2.
    if unicodedata.decomposition(character).split(" ")[0] not in SAME_LETTER:
        return character
    spelled = "".join(LOOK_ALIKES.get(part, part) for part in (base, *marks))
    return spelled if GSM7.issuperset(spelled) else character
