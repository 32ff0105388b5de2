"""However she spells it, the words come out; and every word knows its place in the original."""

import pytest

from bot.content.crisis import load_crisis
from bot.crisis.lexicon import Lexicon
from bot.crisis.normalise import Normaliser
from tests.crisis.conftest import FOLDER, Screen


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    rules = load_crisis(FOLDER)
    lines = [line for pattern in rules.patterns for line in pattern.lines]
    return Normaliser(rules.words, Lexicon(lines))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("I WANT to Die", "i want to die"),
        ("Días", "dias"),
        ("diiiiie", "die"),
        ("killlll", "kill"),
        ("can’t", "can not"),
        ("su1c1de", "suicide"),
        ("k1ll", "kill"),
        ("k*ll", "kill"),
        ("su!cide", "suicide"),
        ("k.ll", "kill"),
        ("k i l l  m y s e l f", "kill myself"),
        ("i want to d i e", "i want to die"),
        ("killmyself", "kill myself"),
        ("iwanttodie", "i want to die"),
        ("kms", "kill myself"),
        ("unalive", "kill"),
        ("sewer slide", "suicide"),
        ("wanna", "want to"),
        ("want too die", "want to die"),
        ("suicde", "suicide"),
        ("kil myself", "kill myself"),
        ("xq kiero", "porque quiero"),
        ("🔫", ":gun:"),
        ("#suicidal", "suicidal"),
        ("/restart", "restart"),
        ("170/110", "170 110"),
        ("k\u200bill", "kill"),
        ("кill", "кill"),
        ("dіe", "die"),  # a Cyrillic i
    ],
)
def test_words_come_out_plain(normaliser: Normaliser, typed: str, words: str):
    assert " ".join(token.word for token in normaliser.tokens(typed)) == words


@pytest.mark.parametrize(
    "typed",
    ["doing", "putting", "better", "skill", "hill", "diet", "audience", "scared", "soldier"],
)
def test_real_words_are_not_bent_into_dangerous_ones(normaliser: Normaliser, typed: str):
    assert [token.word for token in normaliser.tokens(typed)] == [typed]


def test_every_word_knows_its_place(normaliser: Normaliser):
    text = "¡Ay!… K i l l 😭 k1ll"

    spans = [(token.word, text[token.start : token.end]) for token in normaliser.tokens(text)]

    assert ("kill", "K i l l") in spans
    assert ("kill", "k1ll") in spans
    assert (":crying:", "😭") in spans


@pytest.mark.parametrize(
    "text",
    [
        "su1c1de", "k*ll myself", "i want to unalive myself", "KMS", "k i l l m y s e l f",
        "i wanna d!e", "iwanttokillmyself", "ₖill myself", "ＫＩＬＬ ＭＹＳＥＬＦ",
        "kіll myself", "thinking of sewer slide", "wanna kill my self", "kill_myself",
    ],
)  # fmt: skip
def test_disguised_words_are_found(screen: Screen, text: str):
    assert screen(text).category == "suicide"
