"""A word that was cut in two where one text ended: *i want to k* / *ill myself*.

Texts that follow each other within minutes are read as one anyway, with a space between them.
Here they are read without it, where that makes a word that the patterns ask for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.crisis.lexicon import Lexicon
from bot.crisis.normalise import Normaliser, Token


@dataclass(frozen=True)
class Mended:
    """Two texts read as one, without a space.

    :param tokens: of both; their places are those in the second text.
    :param first: place of the first token that lies over the seam; ``last`` of the last one.
    """

    tokens: list[Token]
    first: int
    last: int


def mend(head: str, tail: str, normaliser: Normaliser, lexicon: Lexicon) -> Mended | None:
    """Both texts as one; nothing when no word that matters lies over the seam."""
    head, left_out = head.rstrip(), len(tail) - len(tail.lstrip())
    tail = tail[left_out:]
    if not _is_cut(head, tail, normaliser, lexicon):
        return None
    seam = len(head)
    tokens = normaliser.tokens(head + tail)
    over = _over(tokens, seam)
    if not over:
        return None
    shift = seam - left_out
    placed = [
        Token(token.word, max(0, token.start - shift), max(0, token.end - shift))
        for token in tokens
    ]
    return Mended(placed, over[0], over[-1])


def mend_all(texts: Sequence[str], normaliser: Normaliser, lexicon: Lexicon) -> list[str]:
    """Her earlier texts, those joined between which a word was cut."""
    joined = [texts[0]]
    for before, after in pairwise(texts):
        if _is_cut(before.rstrip(), after.lstrip(), normaliser, lexicon):
            joined[-1] = joined[-1].rstrip() + after.lstrip()
        else:
            joined.append(after)
    return joined


def _is_cut(head: str, tail: str, normaliser: Normaliser, lexicon: Lexicon) -> bool:
    """Do the end of one and the beginning of the other make a word that the patterns know?"""
    if not head[-1:].isalpha() or not tail[:1].isalpha():
        return False
    begun, ended = head.split()[-1], tail.split()[0]
    tokens = normaliser.tokens(begun + ended)
    return any(lexicon.knows(tokens[n].word) for n in _over(tokens, len(begun)))


def _over(tokens: list[Token], seam: int) -> list[int]:
    """Places of the tokens that the seam cuts.

    Words that were typed together all have the place of the whole (*diewhat*): of those only the
    one in which the seam lies, and none where it lies between two.
    """
    over = [n for n, token in enumerate(tokens) if token.start < seam < token.end]
    if len(over) < 2:
        return over
    begins, found = tokens[over[0]].start, []
    for n in over:
        ends = begins + len(tokens[n].word)
        if begins < seam < ends:
            found.append(n)
        begins = ends
    return found
