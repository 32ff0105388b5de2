"""How many years of school a text asks for: counted, not guessed.

English: Flesch-Kincaid grade (Kincaid et al. 1975). Spanish: the ease index of Fernández Huerta
(1959), turned into a grade by its own table. Both count syllables by rule and are good to a grade
or two on texts this short.
"""

import re

from bot.core.languages import Language
from bot.core.text_rules import sentences, words

MOST = 6.0
_VOWELS = re.compile(r"[aeiouyáéíóúü]+", re.IGNORECASE)
# Ease from which a grade reaches: very easy is fourth, easy fifth, fairly easy sixth, and so on.
_EASE = ((90.0, 4.0), (80.0, 5.0), (70.0, 6.0), (60.0, 8.0), (50.0, 10.0))
_HARDEST = 12.0


def grade(text: str, language: Language) -> float:
    """The grade; 0 for an empty text."""
    parts = sentences(text)
    found = [word for part in parts for word in words(part) if word.strip("{}").isalpha()]
    if not found:
        return 0.0
    syllables = sum(_syllables(word, language) for word in found)
    a_word, a_sentence = syllables / len(found), len(found) / len(parts)
    if language is Language.ENGLISH:
        return max(0.0, round(0.39 * a_sentence + 11.8 * a_word - 15.59, 1))
    ease = 206.84 - 60.0 * a_word - 1.02 * a_sentence
    return next((found for least, found in _EASE if ease >= least), _HARDEST)


def _syllables(word: str, language: Language) -> int:
    count = len(_VOWELS.findall(word))
    if language is Language.ENGLISH and re.search(r"[^aeiouyl]e$", word.lower()) and count > 1:
        count -= 1  # a silent e
    return max(1, count)
