"""Does a clinician's text take an alert: "ACK R8", "akc r8", "ack r 8 calling her", "r8"?

Typed with a thumb at 4 a.m. it counts as well as typed neatly. Whatever denies, asks, waits or
names somebody else makes it unclear, and unclear is no acknowledgement: the pages go on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.plain_words import plain
from bot.core.takes_it import adds_nothing, takes_it

# Neatly, or so that nothing else is meant: two letters changed places, or one is there twice.
_ACK = frozenset({"ack", "acknowledge", "akc", "cak", "aack", "acck", "ackk"})
# A letter is missing, or a word that elsewhere only tells of something: not without a code.
_ACK_WITH_CODE = _ACK | {"ac", "ak", "ck", "acknowledged", "acking"}
# Written as one word with the code. Two letters are too few: "ack8" is not "ac k8".
_GLUED = re.compile(rf"({'|'.join(sorted(_ACK, key=len, reverse=True))})([a-z]\d{{1,4}})")
_CODE = re.compile(r"[a-z]\d{1,4}")
_LETTER, _DIGITS = re.compile(r"[a-z]"), re.compile(r"\d{1,4}")
_BETWEEN = frozenset({"and", "y"})
# Two letters may be another word ("ck r8 pls": check it); no words may follow them.
_SHORT = 2
_DOUBT = frozenset(
    re.findall(
        r"\w+",
        """
    no not none never nope nah nobody neither nor without unable unavailable impossible busy off
    cant cannot cnt cnat couldnt wont wouldnt dont dnt doesnt didnt isnt wasnt arent aint havent
    hasnt shouldnt t wrong mistake error accident undo cancel forget ignore stop pass hand give
    who whos whose whom what whats which why where when how if unless later tomorrow
    maybe perhaps probably might think guess
    someone somebody anyone anybody else other another others you your please pls dr doctor doc dra
    ni nadie nunca tampoco quien cual cuando como donde puedo pude luego despues manana quizas
    otro otra otros otras alguien usted ustedes imposible ocupado ocupada equivoque devuelvo paso
    """,
    )
)
_THANKS = re.compile(r"\bthank (?:you|u)\b")
# "Ruiz has it"; and "ack r8 back", which is the other command.
_ELSEWHERE = re.compile(r"\bhas (?:it|this|that|her)\b|^back\b")
_ASKS = re.compile(r"[?¿]|👎|❌|🚫|⛔|❓|❔")


@dataclass(frozen=True)
class Ack:
    """What a text takes.

    :param codes: of the alerts, as they are on record; none for the one that is open.
    :param more: words beside it, which may be about anything.
    """

    codes: tuple[str, ...] = ()
    more: bool = False


def read_ack(text: str) -> Ack | None:
    """What this text takes; none when it is not plainly an acknowledgement."""
    if _ASKS.search(text):
        return None
    words = re.findall(r"[^\W_]+", plain(text))
    for start in range(len(words)):
        before = words[:start]
        found = _ack_at(words[start:], before) if adds_nothing(" ".join(before)) else None
        if found is not None:
            return found
    return None


def _ack_at(words: Sequence[str], before: Sequence[str]) -> Ack | None:
    """The acknowledgement that these words begin with.

    :param before: what stands before them: "ok", "on it" or nothing.
    """
    first, rest = words[0], list(words[1:])
    if glued := _GLUED.fullmatch(first):
        first, rest = glued[1], [glued[2], *rest]
    if first not in _ACK_WITH_CODE:
        codes, rest = _codes(words, apart=False)
        # A code alone answers a page; with words beside it, these must say that it is taken.
        beside = " ".join([*before, *rest])
        is_plain = not beside or takes_it(beside)
        return Ack(codes) if codes and is_plain else None
    codes, rest = _codes(rest, apart=len(first) > _SHORT)
    said = " ".join(rest)
    if not codes:
        return Ack() if _stands_alone(first) and adds_nothing(said) else None
    if adds_nothing(said):
        return Ack(codes)
    is_clear = len(codes) == 1 and len(first) > _SHORT and not _in_doubt(said)
    return Ack(codes, more=True) if is_clear else None


def _stands_alone(word: str) -> bool:
    return word in _ACK or word == "ac"


def _in_doubt(said: str) -> bool:
    """Do these words deny, ask, wait, or name another alert or somebody else?"""
    if _ELSEWHERE.search(said):
        return True
    words = _THANKS.sub("", said).split()
    return any(word in _DOUBT or _CODE.fullmatch(word) for word in words)


def _codes(words: Sequence[str], *, apart: bool) -> tuple[tuple[str, ...], list[str]]:
    """The codes at the beginning, and the words after them.

    :param apart: may a letter and its digits be two words?
    """
    found: list[str] = []
    left = list(words)
    while left:
        if _CODE.fullmatch(left[0]):
            found.append(left.pop(0))
        elif apart and _is_apart(left):
            found.append(left.pop(0) + left.pop(0))
        elif found and left[0] in _BETWEEN and _codes(left[1:], apart=apart)[0]:
            left.pop(0)
        else:
            break
    return tuple(dict.fromkeys(code.upper() for code in found)), left


def _is_apart(words: Sequence[str]) -> bool:
    return len(words) > 1 and bool(_LETTER.fullmatch(words[0]) and _DIGITS.fullmatch(words[1]))
