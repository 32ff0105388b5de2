"""How mothers ask how many questions are still to come."""

import pytest

from bot.core.item_questions import asks_how_many_left

ENGLISH = """how many more|how many more questions|how many more questions are there|how many left
    |how many are left?|how many questions|how many questions is this|how mny more|how manny more
    |hw many more|how much more|how much longer|how much longer is this|how long is this
    |how long will this take till its done|how many more of these|how many q's left|how many to go
    |how many remaining|are we almost done|are we done yet|r we almost done?|almost done?
    |is this the last one|is that it?|last one?|ugh how many more|omg how many r left
    |so how many more do i have to answer|when does this end|when is this over|many more?
    |How many questions still remain, please?|any more questions after this?"""
SPANISH = """cuántas más|cuantas mas|cuántas preguntas faltan|cuantas faltan|cuantas quedan
    |cuántas preguntas son|cuantas son|kuantas faltan|cuanto falta|cuánto falta para terminar
    |cuántas preguntas más|cuantas preguntas hay|cuánto más|cuanto tiempo mas|cuantas me faltan
    |¿Cuántas preguntas quedan, por favor?|ya casi terminamos|ya casi termino?|ya mero
    |falta mucho|falta mucho?|ya es la última|es la última?|es la ultima pregunta
    |cuando se acaba|cuándo termina|son muchas|son muchas preguntas?|ay cuantas mas
    |cuantas preguntas todavia|ya acabamos?"""
OTHER = """how many sessions are left|how many more sessions|how many weeks more|how long does the
    medicine last in hours|cuántas sesiones faltan|cuánto cuesta|cuantas dosis son|2|not at all
    |several days|can i drive tomorrow?|how are you|varios días|how much does it cost|idk|call me
    |i cry every day still|what is this question about"""


def lines(table: str) -> list[str]:
    return [" ".join(words.split()) for words in table.split("|")]


@pytest.mark.parametrize("words", [*lines(ENGLISH), *lines(SPANISH)])
def test_she_wants_to_know_how_many_are_left(words):
    assert asks_how_many_left(words)


@pytest.mark.parametrize("words", lines(OTHER))
def test_another_question_is_not_about_the_check_in(words):
    assert not asks_how_many_left(words)


def test_there_are_enough_examples_in_both_languages():
    assert min(len(lines(ENGLISH)), len(lines(SPANISH))) >= 25
