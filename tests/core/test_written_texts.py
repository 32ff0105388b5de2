"""What speaks against a text that a person wrote: scores, links, length, words."""

import pytest

from bot.core.languages import Language
from bot.core.written_texts import objections

OWN = "https://tend.example.org"


def rules(words, language=Language.ENGLISH, own=OWN):
    return [(one.rule, one.final) for one in objections(words, language, own=own)]


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
        "You scored seventeen on the questionnaire",
        "It was seventeen of twenty-seven.",
        "P H Q 9 was 1 7",
        "Your P.H.Q. nine came back at twenty one.",
        "Your PHQ-9 was one.",
        "Seventeen on your last questionnaire.",
        "You got twelve points.",
        "Su puntaje fue diecisiete.",
        "Sacó diecisiete en el cuestionario.",
        "Fueron dieciséis de veintisiete.",
        "Tiene veintidós puntos.",
        "Your PHQ\uff0d9 is \uff11\uff17",
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
        "(https://tend.example.org/now).",
        "We meet today.Call me when you can.",
        "I am here.Me and Sam read it.So write us.",
        "Call us at 8.am or at 3 p.m. please.",
        "Dr.Bose/Lund will phone you.",
        "Two or three points to talk about at ten.",
        "The PHQ-9 has nine questions. Please do it at 3 pm.",
        "Did you take your pill at ten?",
        "Give her 60 ml of milk.",
        "Hoy.Él le llama a las diez.",
        "You sent STOP last week, so we waited.",
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
        "evil.zip/x",
        "evil.click",
        "\uff45vil\uff0ecom/x",
        "evil\u3002com",
        "ev\u200bil.c\u00adom",
        "evil(dot)com",
        "evil [dot] com",
        "evil dot com",
        "evil punto com",
        "evil. com",
        "EVIL.COM",
        "Evil.Com",
        "evil.ru",
        "evil.Click/x",
        "evil.whatever/x",
        "192.0.2.7/x",
        "\u0435vil.\u0441om",
        "xn--vil-hma.xn--p1ai",
        "https://tend.example.org/login?next=https://evil.example",
        "https://tend.example.org/login?next=//evil",
        "https://tend.example.org:8443/now",
        "http://tend.example.org/now",
        "https://tend.example.org\\@evil.example",
        "https://tend.example.org/%2f%2fevil",
        "https://tend.example.orgx",
    ],
)
def test_a_link_that_is_not_the_clinics_own_is_final(words):
    assert ("link", True) in rules(words)


@pytest.mark.parametrize(
    ("words", "fine"),
    [
        ("http://127.0.0.1:9203/now", True),
        ("http://127.0.0.1:9203.evil.com/", False),
        ("http://127.0.0.1:92031/", False),
        ("http://127.0.0.1/now", False),
    ],
)
def test_the_port_is_part_of_the_clinics_own_address(words, fine):
    assert (rules(words, own="http://127.0.0.1:9203") == []) is fine


@pytest.mark.parametrize(
    "words",
    [
        "take 50 mg",
        "Take fifty milligrams tonight.",
        "take two pills",
        "Take half a tablet.",
        "You can take another dose.",
        "Double the dose tonight.",
        "Skip your dose.",
        "Tome dos pastillas.",
        "Tome media tableta.",
        "Son 50 miligramos.",
    ],
)
def test_a_dose_is_a_clinicians_to_tell(words):
    assert rules(words) == [("dose", False)]


@pytest.mark.parametrize("words", ["STOP", "start", " Help. ", '"UNSTOP"', "ayuda", "STO\u200bP"])
def test_a_carriers_word_alone_is_final(words):
    assert ("lone word", True) in rules(words)


def test_what_a_clinician_may_know_better_is_not_final():
    assert rules("Your ketamine comes tomorrow.") == [("words", False)]
    assert rules("Reply YES to confirm.") == [("carrier words", False)]
    assert rules("We talk about it then. " * 20) == [("length", False)]


def test_forbidden_words_count_in_either_language():
    assert ("words", False) in rules("Your ketamine comes tomorrow.", Language.SPANISH)
    assert ("words", False) in rules("Su ketamina llega el lunes.", Language.ENGLISH)


def test_a_smiley_and_a_long_sentence_are_a_persons_own_affair():
    assert rules("See you then \U0001f642") == []
