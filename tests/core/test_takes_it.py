"""Which words of a clinician take an alert, and which never do."""

import pytest

from bot.core.takes_it import takes_it

TAKES = """yes i got it on my way|got it, calling her|ok im on it|on it|On it!|I'm on it.
    |calling her now|I'll take it|i will take this one|omw|yes on my way|I have it|ive got this one
    |ok calling her right now|taking it, thanks|yep I'll call her|acknowledged|lo tomo|yo la llamo
    |sí, lo tengo, voy en camino|copy, on it"""
NEVER = """not me|can't|cant take it|who?|got it but can't take it|got it but im off tonight
    |im not on it|on it?|i cant call her|wrong person|yes|ok|got it|got it thanks|k|thanks
    |who has it
    |is dr ruiz on it|ill call her tomorrow|i will call her later|not on my way|no puedo|no la tengo
    |someone else take it|dr lund is calling her|i got it wrong|on vacation|on it in an hour
    |calling in sick|i have it muted|call me|"""


@pytest.mark.parametrize("words", [words.strip() for words in TAKES.split("|")])
def test_words_that_plainly_say_i_have_it_take_it(words: str) -> None:
    assert takes_it(words)


@pytest.mark.parametrize("words", [words.strip() for words in NEVER.split("|")])
def test_anything_unclear_takes_nothing(words: str) -> None:
    assert not takes_it(words)
