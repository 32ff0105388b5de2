"""What is taken out of a text, and that no letter is."""

import pytest

from bot.core.signs import without_controls


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("i want to d\x00ie", "i want to die"),
        ("\x00", ""),
        ("want\x1fto\x0bdie\x85now", "want to die now"),
        ("a\x1b\x7f\x9fb", "ab"),
        ("\u202eeid ot tnaw i\u202c", "eid ot tnaw i"),
        ("\u2066x\u2067y\u2068z\u2069\u202a\u202b\u202d", "xyz"),
        ("half \ud83d of it", "half \ufffd of it"),
    ],
)
def test_what_nobody_typed_is_taken_out(sent, kept):
    assert without_controls(sent) == kept


@pytest.mark.parametrize(
    "words",
    ["", "two\nlines\r\n\tand more", "¿Cómo está?", "👩🏽\u200d🍼 ok", "e\u0301", "שלום", "plain"],
)
def test_what_was_typed_stays(words):
    assert without_controls(words) == words
