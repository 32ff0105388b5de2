"""How a text reads as the answer to an A/B question."""

import pytest

from bot.services.safety_answers import Choice, read_choice


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("A", Choice.A),
        ("a.", Choice.A),
        ("yes", Choice.A),
        ("sí", Choice.A),
        ("B", Choice.B),
        ("b thanks", Choice.B),
        ("no lol just tired", Choice.B),
        ("nope never", Choice.B),
        ("para nada", Choice.B),
        ("no", Choice.B),
        ("No.", Choice.B),
        ("nah", Choice.B),
        ("no estoy", Choice.B),
        ("lol no", Choice.B),
        ("omg no", Choice.B),
        ("naw im good", Choice.B),
        ("never", Choice.B),
        ("im not", Choice.B),
        ("of course not", Choice.B),
        ("jamás", Choice.B),
        ("no but i think about it", Choice.UNCLEAR),
        ("no not anymore", Choice.UNCLEAR),
        ("no point in living", Choice.UNCLEAR),
        ("no puedo más", Choice.UNCLEAR),
        ("no one cares", Choice.UNCLEAR),
        ("no?", Choice.UNCLEAR),
        ("never felt this bad", Choice.UNCLEAR),
        ("im not ok", Choice.UNCLEAR),
        ("not really", Choice.UNCLEAR),
        ("nunca me senti asi", Choice.UNCLEAR),
        ("lol no point", Choice.UNCLEAR),
        ("maybe", Choice.UNCLEAR),
        ("i dont know", Choice.UNCLEAR),
        ("a little", Choice.UNCLEAR),
        ("", Choice.UNCLEAR),
    ],
)
def test_only_a_clear_no_is_a_no(words, choice):
    assert read_choice(words) == choice
