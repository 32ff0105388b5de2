"""Which passwords are too easy to guess: length counts, symbols do not."""

import re
import unicodedata
from collections.abc import Iterable

SHORTEST, LONGEST = 12, 200
# A password of twelve letters that uses four of them is a pattern on the keyboard.
_FEWEST_CHARACTERS = 5
# What is left once an obvious word is taken out must carry the password on its own.
_REST = 8
_OBVIOUS = (
    *("password", "passwort", "contrasena", "letmein", "welcome", "bienvenid", "iloveyou"),
    *("qwerty", "qwertz", "asdfgh", "zxcvbn", "abcdef", "monkey", "dragon", "sunshine"),
    *("princess", "football", "baseball", "superman", "trustno", "changeme", "secret"),
    *("admin", "login", "doctor", "nurse", "hospital", "clinic", "practice", "tend"),
    *("spring", "summer", "autumn", "winter", "january", "december", "monday", "correcthorse"),
    *("batterystaple", "whatever", "computer", "internet", "michael", "jessica", "charlie"),
)
_LEET = str.maketrans("013457@$!", "oleastasi")
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def normalised(password: str) -> str:
    """The same letters typed on another keyboard give the same password."""
    return unicodedata.normalize("NFC", password)


def objection(password: str, *, own_words: Iterable[str] = ()) -> str | None:
    """Why this password is too easy to guess, in a sentence for its owner; none when it is good.

    :param own_words: the person's name and login name, which an attacker tries first.
    """
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A sentence of four words is easy to keep."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    plain = password.casefold()
    if len(set(plain)) < _FEWEST_CHARACTERS:
        return "That repeats a few characters. Use a sentence of four words."
    own = [word.casefold() for words in own_words for word in re.findall(r"\w{3,}", words)]
    for word in (*own, *_OBVIOUS, *_runs_in(plain)):
        rest = _without(plain, word)
        if rest is not None and len(rest) < _REST:
            return "That is among the first that somebody would try. Use four words of your own."
    return None


def _without(plain: str, word: str) -> str | None:
    """What is left of it when the word is taken out and digits and signs are ignored."""
    for written in (plain, plain.translate(_LEET)):
        if word in written:
            rest = written.replace(word, "")
            return re.sub(r"[^a-z\u00df-\uffff]", "", rest)
    return None


def _runs_in(plain: str) -> list[str]:
    """Long runs of neighbours on the keyboard or in the alphabet, both ways."""
    found = []
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for start in range(len(run) - 5):
            if run[start : start + 6] in plain:
                found.append(run[start : start + 6])
    return found
