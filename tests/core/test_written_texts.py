"""What speaks against a text that a person wrote: scores, links, length, words."""

import pytest

from bot.core.languages import Language
from bot.core.written_texts import objections

HOSTS = {"tend.example.org"}


def rules(words, language=Language.ENGLISH):
    return [(one.rule, one.final) for one in objections(words, language, known_hosts=HOSTS)]


@pytest.mark.parametrize(
    "words",
    [
        "your PHQ-9 is 17",
        "Your phq9 was 17 this week.",
        "GAD-7: 12",
        "Your EPDS came back as 14.",
        "Your score was 8.",
        "You have 17 points.",
        "That is 17/27.",
        "You are at 17 out of 27.",
        "Su puntaje es 17.",
        "Tiene 17 puntos.",
        "Su PHQ-9 fue de 17.",
        "You are in the severe range.",
    ],
)
def test_a_score_is_never_told_by_text(words):
    assert ("score", True) in rules(words)


@pytest.mark.parametrize(
    "words",
    [
        "Please fill in the PHQ-9 today.",
        "Your visit is on 1/27 at 10 am.",
        "Dr Bose calls you at 10:30 am. Practice: 202-555-0100.",
        "Call 988 any hour, or 911 in danger.",
        "We have 2 things to talk about.",
        "Your session is on the 21 of May.",
        "How are you? I will read it at 3 pm.",
        "Good.Thanks for telling me",
        "See https://tend.example.org/now",
    ],
)
def test_what_is_fine_is_left_alone(words):
    assert rules(words) == []


@pytest.mark.parametrize(
    "words",
    [
        "See https://evil.example/now",
        "Look at www.babysleep.com",
        "bit.ly/x1",
        "go to HTTP://192.0.2.7/x",
        "https://tend.example.org@evil.example/",
        "https://tend.example.org.evil.com/",
        "tend-example.org is ours",
    ],
)
def test_a_link_that_is_not_the_clinics_own_is_final(words):
    assert ("link", True) in rules(words)


def test_what_a_clinician_may_know_better_is_not_final():
    assert rules("Your ketamine comes tomorrow.") == [("words", False)]
    assert rules("Reply YES to confirm.") == [("carrier words", False)]
    assert rules("We talk about it then. " * 20) == [("length", False)]


def test_forbidden_words_count_in_either_language():
    assert ("words", False) in rules("Your ketamine comes tomorrow.", Language.SPANISH)
    assert ("words", False) in rules("Su ketamina llega el lunes.", Language.ENGLISH)


def test_a_smiley_and_a_long_sentence_are_a_persons_own_affair():
    assert rules("See you then \U0001f642") == []
