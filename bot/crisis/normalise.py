"""Turns a text as she typed it into plain words, each with its place in the original.

*su1c1de*, *k*ll*, *k i l l*, *killmyself*, *kms*, *diiie* and *suicde* become the words they mean.
Nothing here decides anything: an unknown word simply stays as it is.
"""

import re
from dataclasses import dataclass
from itertools import pairwise, product

from bot.crisis.lexicon import Lexicon
from bot.crisis.pattern_lines import STOP
from bot.crisis.word_table import WordTable, fold_character

_CHUNK = re.compile(r"\S+")
_PIECE = re.compile(r":[a-z]+:|[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)?|[.!?;]+$")
_EDGES = ".,!?;:()[]{}\"'*_~-#&/\\"
_DIGIT_LETTERS = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t",
}  # fmt: skip
_HIDDEN = re.compile(r"[*#%._-]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1")
_LEAST_RUN_OF_LETTERS = 3
_LEAST_RUN_TOGETHER = 6
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Token:
    """One plain word and where it stands: ``text[start:end]`` of the original."""

    word: str
    start: int
    end: int


class Normaliser:
    """Reads texts with the clinic's word table and the words of the patterns."""

    def __init__(self, table: WordTable, lexicon: Lexicon) -> None:
        self._table = table
        self._lexicon = lexicon
        self._pieces = lexicon.words | table.short_words
        self._misspellings = table.misspellings
        hidden = sorted(table.disguised, key=len, reverse=True)
        self._disguised = re.compile("|".join(map(re.escape, hidden)) or r"(?!)")
        self._emoji = {sign: f" {name} " for sign, name in table.emoji.items()}
        self._emoji_names = frozenset(table.emoji.values())

    def tokens(self, text: str) -> list[Token]:
        """Her words in order; a full stop is a token of its own."""
        folded, places = self._fold(text)
        found: list[Token] = []
        for chunk in _CHUNK.finditer(folded):
            self._read_chunk(chunk, places, found)
        joined = self._join_letters(found)
        repaired = [t for token in joined for t in self._repair(token)]
        return self._write_out(repaired)

    def _fold(self, text: str) -> tuple[str, list[int]]:
        if text.isascii():
            return text.lower(), list(range(len(text)))
        characters: list[str] = []
        places: list[int] = []
        for place, character in enumerate(text):
            folded = self._emoji.get(character)
            if folded is None:
                folded = fold_character(character)
            characters.append(folded)
            places.extend([place] * len(folded))
        return "".join(characters), places

    def _read_chunk(self, chunk: re.Match[str], places: list[int], found: list[Token]) -> None:
        text = chunk[0]
        if text.isalpha():
            found.append(Token(text, places[chunk.start()], places[chunk.end() - 1] + 1))
            return
        if (plain := self._undisguise(text.strip(_EDGES))) is not None:
            found.append(Token(plain, places[chunk.start()], places[chunk.end() - 1] + 1))
            return
        for piece in _PIECE.finditer(text):
            if (word := self._word(piece[0])) is not None:
                start, end = chunk.start() + piece.start(), chunk.start() + piece.end()
                found.append(Token(word, places[start], places[end - 1] + 1))

    def _word(self, piece: str) -> str | None:
        """The piece as a word; nothing for an ellipsis or a stray sign."""
        first = piece[0]
        if first.isdecimal():
            return re.split("[.,]", piece)[0]
        if first in ".!?;":
            return None if piece.startswith("..") else STOP
        if first == ":" and piece not in self._emoji_names:
            return piece.strip(":")
        return piece

    def _undisguise(self, chunk: str) -> str | None:
        """*k1ll*, *su!cide*, *k*ll* → the word that is meant, if the patterns know it."""
        if len(chunk) < 3 or not any(c.isalpha() for c in chunk) or len(chunk) > _LONGEST_WORD:
            return None
        if _HIDDEN.search(chunk):
            return self._uncover(chunk)
        signs = [c for c in chunk if c in _DIGIT_LETTERS]
        if not signs or len(signs) > 5:
            return None
        for letters in product(*(_DIGIT_LETTERS.get(c, c) for c in chunk)):
            word = "".join(letters)
            if self._lexicon.knows(word) or word in self._table.short_words:
                return word
        return None

    def _uncover(self, chunk: str) -> str | None:
        parts = [re.escape(part) for part in _HIDDEN.split(chunk)]
        pattern = re.compile("[a-z]{1,4}".join(parts))
        return next((w for w in sorted(self._table.disguised) if pattern.fullmatch(w)), None)

    def _join_letters(self, tokens: list[Token]) -> list[Token]:
        """*k i l l  m y s e l f* → the words, if the letters make words and nothing else."""
        found: list[Token] = []
        position = 0
        while position < len(tokens):
            end = position
            while end < len(tokens) and len(tokens[end].word) == 1 and tokens[end].word.isalpha():
                end += 1
            run = tokens[position:end]
            if len(run) >= _LEAST_RUN_OF_LETTERS and (joined := self._segment_letters(run)):
                found.extend(joined)
            else:
                found.extend(run)
            if end < len(tokens):
                found.append(tokens[end])
            position = end + 1
        return found

    def _segment_letters(self, run: list[Token]) -> list[Token]:
        """Letters at the front may be words of their own: *i  d i e*."""
        for skipped in range(len(run) - _LEAST_RUN_OF_LETTERS + 1):
            letters = "".join(token.word for token in run[skipped:])
            if words := self._segment(letters):
                rest = run[skipped:]
                places = _cuts(words)
                spans = pairwise(places)
                tokens = [
                    Token(w, rest[a].start, rest[b - 1].end)
                    for w, (a, b) in zip(words, spans, strict=True)
                ]
                return [*run[:skipped], *tokens]
        return []

    def _segment(self, letters: str) -> list[str]:
        """Fewest known words that make up the letters, one of them disguised; else nothing."""
        if len(letters) > _LONGEST_WORD or not self._disguised.search(letters):
            return []
        best: list[list[str] | None] = [[], *([None] * len(letters))]
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 14), end):
                before, word = best[start], letters[start:end]
                if before is None or not self._is_piece(word):
                    continue
                current = best[end]
                if current is None or len(before) + 1 < len(current):
                    best[end] = [*before, word]
        words = best[-1] or []
        return words if any(w in self._table.disguised for w in words) else []

    def _is_piece(self, word: str) -> bool:
        return word in self._pieces and (len(word) > 1 or word in "iuay")

    def _repair(self, token: Token) -> list[Token]:
        word = token.word
        if self._known(word) or not word.isalpha():
            return [token]
        if (plain := self._without_repeats(word)) is not None:
            return [Token(plain, token.start, token.end)]
        if (meant := self._misspellings.get(word)) is not None:
            return [Token(meant, token.start, token.end)]
        if len(word) >= _LEAST_RUN_TOGETHER and (words := self._segment(word)):
            return [Token(w, token.start, token.end) for w in words]
        return [token]

    def _known(self, word: str) -> bool:
        return self._lexicon.knows(word) or word in self._table.first_words

    def _without_repeats(self, word: str) -> str | None:
        """*diiie* → *die*, *killlll* → *kill*; two letters become one only in disguised words."""
        if _REPEATED.search(word):
            for kept in (r"\1\1", r"\1"):
                plain = _REPEATED.sub(kept, word)
                if self._known(plain):
                    return plain
            return _REPEATED.sub(r"\1", word)
        if _DOUBLED.search(word):
            plain = _DOUBLED.sub(r"\1", word)
            return plain if plain in self._table.disguised else None
        return None

    def _write_out(self, tokens: list[Token]) -> list[Token]:
        """Short forms and code words in full; the longest that fits wins."""
        found: list[Token] = []
        position = 0
        while position < len(tokens):
            taken = self._short_form_at(tokens, position, found)
            position += taken
        return found

    def _short_form_at(self, tokens: list[Token], position: int, found: list[Token]) -> int:
        token = tokens[position]
        if token.word in self._table.first_words:
            for length in range(self._table.longest_short_form, 1, -1):
                run = tokens[position : position + length]
                if (long := self._table.short_forms.get(tuple(t.word for t in run))) is not None:
                    found.extend(Token(w, run[0].start, run[-1].end) for w in long)
                    return length
        found.extend(Token(w, token.start, token.end) for w in self._table.written_out(token.word))
        return 1


def _cuts(words: list[str]) -> list[int]:
    places = [0]
    for word in words:
        places.append(places[-1] + len(word))
    return places
