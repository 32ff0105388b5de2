"""What holds for every text: it is read, nothing breaks, and every label reads back as itself."""

import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.instruments import load_instrument_pack, load_instruments
from bot.core.answers import (
    Ambiguous,
    Answered,
    Declined,
    Skipped,
    Unreadable,
    read_answer,
)
from bot.core.instruments import Answer, Item, is_alerting
from bot.core.languages import Language

ROOT = Path(__file__).parents[2]
SHIPPED = load_instruments(ROOT / "data")
EPDS = load_instrument_pack(ROOT / "tests" / "content" / "epds_placeholder")
ITEMS = [item for instrument in (*SHIPPED.values(), EPDS) for item in instrument.items]
NINE = SHIPPED["phq9"].item(9)
CHOICES = [(item, answer) for item in ITEMS for answer in item.answers]

languages = st.sampled_from(list(Language))
PIECES = [
    *("0", "1", "2", "3", "7", "10", "2.5", "10/10", "2️⃣", "½", "-1", "1-2", "3+", "days", "am"),
    *("no", "yes", "sí", "maybe", "idk", "sometimes", "but", "or", "and", "y", "o", "u", "skip"),
    *("not at all", "several days", "every day", "casi todos los días", "nunca", "a veces"),
    *("stop asking me", "no more questions", "i cant sleep", "my baby", "months", "?", ".", "!"),
    *(",", "\n", "(", ")", "😭", "👍", "¿", "the", "un", "like a", "what", "i guess"),
]
texts = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=string.printable, max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
edges = st.text(alphabet=" .!,;\n\t…~*\"'“”()", max_size=4)


@settings(max_examples=600, deadline=None)
@given(item=st.sampled_from(ITEMS), text=texts, language=languages)
def test_any_text_gives_a_reading(item: Item, text: str, language: Language) -> None:
    match read_answer(item, text, language):
        case Answered(score=score):
            assert score in item.scores
        case Ambiguous(could_mean=could_mean, might_alert=might_alert):
            assert could_mean
            assert set(could_mean) <= set(item.scores)
            assert might_alert == any(is_alerting(item, score) for score in could_mean)
        case reading:
            assert reading in {Skipped(), Declined(), Unreadable()}


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_her_language_changes_no_reading_of_the_shipped_scales(text: str) -> None:
    assert read_answer(NINE, text, Language.ENGLISH) == read_answer(NINE, text, Language.SPANISH)


def noisy(words: str, *, case: str, gap: str, accents: bool) -> str:
    changed = {"upper": words.upper(), "lower": words.lower(), "title": words.title()}
    words = changed.get(case, words).replace(" ", gap)
    if accents:
        return words
    bare = unicodedata.normalize("NFD", words)
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


@settings(max_examples=500, deadline=None)
@given(
    choice=st.sampled_from(CHOICES),
    case=st.sampled_from(["as is", "upper", "lower", "title"]),
    gap=st.sampled_from([" ", "  ", "\t", "\u00a0"]),
    accents=st.booleans(),
    before=edges,
    after=edges,
    language=languages,
)
def test_every_label_reads_back_as_itself_however_it_is_typed(
    choice: tuple[Item, Answer],
    case: str,
    gap: str,
    accents: bool,
    before: str,
    after: str,
    language: Language,
) -> None:
    item, answer = choice
    for label in filter(None, (answer.label.en, answer.label.es)):
        text = f"{before}{noisy(label, case=case, gap=gap, accents=accents)}{after}"
        assert read_answer(item, text, language) == Answered(answer.score)


@settings(max_examples=300, deadline=None)
@given(
    choice=st.sampled_from(CHOICES),
    join=st.sampled_from([" ", " - ", ": ", ". ", ", ", "\n", " = ", " – "]),
    before=edges,
    after=edges,
    language=languages,
)
def test_number_with_its_label_reads_as_the_score(
    choice: tuple[Item, Answer], join: str, before: str, after: str, language: Language
) -> None:
    item, answer = choice
    for label in filter(None, (answer.label.en, answer.label.es)):
        for text in (f"{answer.score}{join}{label}", f"{label}{join}{answer.score}"):
            if label == str(answer.score):  # "7 - 7" is nobody's answer
                text = label
            assert read_answer(item, f"{before}{text}{after}", language) == Answered(answer.score)


@settings(max_examples=200, deadline=None)
@given(
    item=st.sampled_from(ITEMS),
    scores=st.data(),
    join=st.sampled_from([" or ", " o ", "-", " to ", ", ", " y ", " and ", "/", " maybe "]),
    language=languages,
)
def test_two_different_scores_are_never_one_answer(
    item: Item, scores: st.DataObject, join: str, language: Language
) -> None:
    first, second = scores.draw(
        st.permutations(item.scores).map(lambda order: (order[0], order[1]))
    )
    if join == "/" and second == 10 == item.scores[-1]:
        return  # "7/10" is a seven
    reading = read_answer(item, f"{first}{join}{second}", language)
    assert isinstance(reading, Ambiguous)
    assert reading.might_alert == (item.alerting_from is not None)


@pytest.mark.parametrize("story", ["", ". id rather be dead", "\nim so tired", " and i cant go on"])
@given(score=st.integers(1, 3), before=edges)
def test_alerting_score_survives_what_she_adds(story: str, score: int, before: str) -> None:
    assert read_answer(NINE, f"{before}{score}{story}", Language.ENGLISH) == Answered(score)


@settings(max_examples=400, deadline=None)
@given(
    zero=st.sampled_from(["0", "not at all", "never", "no", "nunca"]),
    rest=st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join),
)
def test_zero_with_an_alerting_word_after_it_is_never_a_clear_zero(zero: str, rest: str) -> None:
    for word in ("sometimes", "a veces", "several days", "2", "kinda"):
        reading = read_answer(NINE, f"{zero}, {word}. {rest}", Language.ENGLISH)
        assert reading != Answered(0)


def test_a_text_of_1600_characters_is_read() -> None:
    assert read_answer(NINE, "3. " + "it is so hard " * 114, Language.ENGLISH) == Answered(3)
    assert read_answer(NINE, "9" * 1600, Language.ENGLISH) != Answered(9)
    assert isinstance(read_answer(NINE, "a" * 1600, Language.ENGLISH), Unreadable)
