"""What she takes back, what she wants erased, and a goodbye that is meant for good."""

import pytest

from bot.content.texts import load_catalogue
from bot.core import bare_words, erasure, farewells, taken_back
from bot.core.bare_words import Bare
from bot.core.languages import Language
from tests.conftest import DATA

TAKEN_BACK = """
forget i said anything
Forget what I said, sorry
forget it
nvm im fine lol
never mind me
please ignore my last text
pretend i never said that
i take it back
olvide lo que dije
olvídalo
olvídese de eso por favor
haga de cuenta que no dije nada
no me haga caso
ignore that
borra eso
""".strip().splitlines()

ERASED = """
forget me
forget me and my data
forget everything you know about me
wipe all my answers
i want my messages deleted
please don't keep my information
remove everything about me
borren todo lo mío
quiero que eliminen mis mensajes
no guarden mi información
bórrenme de su sistema
""".strip().splitlines()

NEITHER = """
i forgot my session
forget about me
olvídense de mí
never mind the pain, can i drive tomorrow
i cant forget what he did
se me olvidó la cita
ignore the rash or call someone
i deleted the app
""".strip().splitlines()


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_taking_back_asks_for_no_erasure(text):
    assert taken_back.only(text)
    assert not erasure.is_asked(text)


@pytest.mark.parametrize("text", ERASED)
def test_erasure_is_asked_for_in_words(text):
    assert erasure.is_asked(text)
    assert not taken_back.only(text)


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_is_left_to_others(text):
    assert not erasure.is_asked(text)
    assert not taken_back.only(text)


@pytest.mark.parametrize("text", ["goodnight world", "bye for good", "adiós, ya no vuelvo"])
def test_a_goodbye_for_good_is_seen(text):
    assert farewells.is_for_good(text)


@pytest.mark.parametrize("text", ["night night", "ttyl baby woke up", "me voy a dormir, bye"])
def test_an_ordinary_goodbye_is_none(text):
    assert not farewells.is_for_good(text)


@pytest.mark.parametrize("language", list(Language))
def test_every_word_that_our_texts_offer_is_read_without_a_model(language):
    choices = load_catalogue(DATA).get("choices", language).text
    offered = [word for word in choices.replace(",", " ").split() if word.isupper()]
    assert {bare_words.read(word) for word in offered} == {
        Bare.CALL,
        Bare.CHECK_IN,
        Bare.NEXT_SESSION,
    }


@pytest.mark.parametrize("text", ["my session was hard", "call of duty", "", "3", "hola"])
def test_more_than_the_word_is_for_the_model(text):
    assert bare_words.read(text, labels=["Not at all", "Several days"]) is None
