"""What a text costs, and how it is written so that it costs less without losing a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.languages import Language
from bot.core.segments import (
    GSM7,
    GSM7_BASIC,
    GSM7_EXTENSION,
    LOOK_ALIKES,
    Segments,
    segments,
    tidy,
)

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
GSM_TEXT = st.text(st.sampled_from(sorted(GSM7)), max_size=700)
LANGUAGES = st.sampled_from(Language)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "gsm7", 0, 0),
        ("a", "gsm7", 1, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("a" * 1600, "gsm7", 1600, 11),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        # The 153rd place cannot hold half a "€": each part carries 76 of them.
        ("€" * 152, "gsm7", 304, 2),
        ("€" * 153, "gsm7", 306, 3),
        ("éñüà¿¡Ç", "gsm7", 7, 1),
        ("á", "ucs2", 1, 1),
        ("’" + "a" * 69, "ucs2", 70, 1),
        ("’" + "a" * 70, "ucs2", 71, 2),
        ("’" + "a" * 133, "ucs2", 134, 2),
        ("’" + "a" * 134, "ucs2", 135, 3),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        # 67 is odd: no part may end in half an emoji.
        ("😀" * 66, "ucs2", 132, 2),
        ("😀" * 67, "ucs2", 134, 3),
        ("\ud83d", "ucs2", 1, 1),
        ("ç", "ucs2", 1, 1),
        ("`", "ucs2", 1, 1),
        ("\t", "ucs2", 1, 1),
    ],
)
def test_a_text_costs_what_the_carrier_bills(
    text: str, encoding: str, units: int, count: int
) -> None:
    assert segments(text) == Segments(encoding=encoding, units=units, count=count)


def test_the_alphabet_has_the_size_of_the_standard() -> None:
    # TS 23.038: 128 places, one of which is the escape; ten characters behind it.
    assert len(GSM7_BASIC) == 127
    assert len(GSM7_EXTENSION) == 10
    assert not GSM7_BASIC & GSM7_EXTENSION


@pytest.mark.parametrize("absent", "áíóúÁÍÓÚ—–’‘“”…•`ç")
def test_gsm7_lacks_what_word_processors_put_in(absent: str) -> None:
    assert absent not in GSM7


@given(ANY_TEXT)
def test_the_count_is_never_less_than_the_units_need(text: str) -> None:
    given_segments = segments(text)
    single, joined = (160, 153) if given_segments.encoding == "gsm7" else (70, 67)

    if given_segments.units <= single:
        assert given_segments.count == (1 if text else 0)
    else:
        # Each part can lose one unit at its end, never more.
        assert given_segments.count >= -(-given_segments.units // joined)
        assert given_segments.count <= -(-given_segments.units // (joined - 1))


@given(ANY_TEXT, ANY_TEXT)
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count


@given(ANY_TEXT)
def test_ucs2_units_are_utf16_units(text: str) -> None:
    given_segments = segments(text)
    if given_segments.encoding == "ucs2":
        assert given_segments.units == len(text.encode("utf-16-le")) // 2


@given(GSM_TEXT, LANGUAGES)
def test_a_tidy_text_stays_as_it_is(text: str, language: Language) -> None:
    assert tidy(text, language) == text


@given(ANY_TEXT, LANGUAGES)
def test_tidying_twice_is_tidying_once(text: str, language: Language) -> None:
    once = tidy(text, language)

    assert tidy(once, language) == once


@given(ANY_TEXT, LANGUAGES)
def test_no_look_alike_is_left_when_a_text_was_tidied(text: str, language: Language) -> None:
    assert not LOOK_ALIKES.keys() & set(tidy(text, language))


@given(st.text(st.sampled_from("aé áíóú ’“”—–…•\u00a0ç"), max_size=400))
def test_english_is_gsm7_when_it_was_tidied(text: str) -> None:
    assert segments(tidy(text, Language.ENGLISH)).encoding == "gsm7"


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("“Don’t” — it’s… fine", "\"Don't\" - it's... fine"),
        ("9\u00a0a.m.–5\u202fp.m.", "9 a.m.-5 p.m."),
        ("• one\t• two", "- one - two"),
        ("2× a day", "2x a day"),
        ("1½ hours, 10² steps", "1½ hours, 10² steps"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("María Peña, café", "Maria Peña, café"),
        ("ﬁne", "fine"),
        ("line\u2028line", "line\nline"),
        ("`code´", "'code'"),
        ("baby 👶 ok", "baby 👶 ok"),
        ("score ≠ 3, ≤ 5", "score ≠ 3, ≤ 5"),
        ("Δ", "Δ"),
    ],
)
def test_english_loses_look_alikes_and_no_word(text: str, tidied: str) -> None:
    assert tidy(text, Language.ENGLISH) == tidied


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("¿Cómo está? Llámenos", "¿Cómo está? Llámenos"),
        ("mañana — “sí”…", 'mañana - "sí"...'),
        ("a\u0301 u\u0301 n\u0303", "á ú ñ"),
        ("pingüino", "pingüino"),
    ],
)
def test_spanish_keeps_its_accents(text: str, tidied: str) -> None:
    assert tidy(text, Language.SPANISH) == tidied


def test_one_curly_quote_doubles_the_price_until_the_text_is_tidied() -> None:
    text = "It’s " + "a" * 150

    assert segments(text).count == 3
    assert segments(tidy(text, Language.ENGLISH)).count == 1
