"""Is a sentence too close to what a mother really wrote? What is taught is said in own words."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from bot.teaching.words import stem, words_of

# So many words of hers in a row, or so much of the whole, is her text and not its meaning.
MOST_IN_A_ROW = 4
MOST_ALIKE = 0.68
MOST_LETTERS_ALIKE = 0.82
# Of a sentence this long, so much may be hers.
LONG = 6
MOST_TAKEN = 0.8
# Nobody is known by "can i swim": of a short text only the very words are refused.
SHORT = 3


def too_close(sentence: str, originals: Iterable[str]) -> bool:
    """Is the sentence one of these texts, or one with little changed?"""
    mine = _words(sentence)
    return any(_alike(mine, _words(original)) for original in originals)


def _alike(mine: list[str], hers: list[str]) -> bool:
    if not mine or not hers:
        return False
    if mine == hers:
        return True
    if len(hers) <= SHORT:
        return False
    if f" {' '.join(hers)} " in f" {' '.join(mine)} ":
        return True
    match = SequenceMatcher(None, mine, hers, autojunk=False)
    run = match.find_longest_match().size
    if run > MOST_IN_A_ROW or (run == len(mine) and run > SHORT):
        return True
    taken = sum(block.size for block in match.get_matching_blocks()) / len(mine)
    if len(mine) >= LONG and taken >= MOST_TAKEN:
        return True
    letters = SequenceMatcher(None, "".join(mine), "".join(hers), autojunk=False).ratio()
    return match.ratio() >= MOST_ALIKE or letters >= MOST_LETTERS_ALIKE


def _words(text: str) -> list[str]:
    return [stem(word.folded) for word in words_of(text)]
