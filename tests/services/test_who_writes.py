"""Who is this: asked in answer to the invitation, before she has chosen anything."""

import pytest

from bot.services.consent_answers import asks_who, read_choice

ENGLISH = """what is this|who r u|what is this, who r u|who is this|who are you|whos this|who dis
    |new phone who dis|wat is this|wut is this|whats this|whats this about|what is this for
    |who's texting me|who is texting|do i know you|which doctor is this|which office|is this a scam
    |is this spam|is this real|is this a bot|how did you get my number|where is this from|what??
    |who??|huh|Who am I speaking with on this number?|hoo r u|who u|what do u want what is it
    |sorry who is this|what is tend|is this legit"""
SPANISH = """qué es esto|que es esto|quién es|quien eres|quién habla|quien son ustedes|q es esto
    |k es esto|kien es|quien me escribe|de parte de quién|de quien es este numero|de dónde es
    |de que se trata|esto qué es|para qué es|para que es esto|es una estafa?|es un robot
    |es un fraude|cómo tienen mi número|como consiguieron mi numero|no sé quién es|quién??|que??
    |¿Quién me está mandando esto?|de qué numero es|quién manda esto|la conozco?|disculpe quien es
    |es una persona"""
OTHER = """yes|ok|no thanks|stop|later|call me|si|luego|ahora no|gracias|my baby is asleep
    |i already talked to dr lund|mañana"""


def lines(table: str) -> list[str]:
    return [" ".join(words.split()) for words in table.split("|")]


@pytest.mark.parametrize("words", [*lines(ENGLISH), *lines(SPANISH)])
def test_she_asks_who_writes(words):
    assert asks_who(words)
    assert read_choice(words) is None


@pytest.mark.parametrize("words", lines(OTHER))
def test_other_words_get_the_choices_again(words):
    assert not asks_who(words)


def test_there_are_enough_examples_in_both_languages():
    assert min(len(lines(ENGLISH)), len(lines(SPANISH))) >= 25
