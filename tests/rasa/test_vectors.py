"""Numbers for texts: what is kept between two trainings, and what the spelling says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import letters, vector_cache
from bot.nlu.vector_cache import cached

Encode = Callable[[list[str]], np.ndarray]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were encoded, in order; the cache lies in an empty folder."""
    monkeypatch.setattr(vector_cache, "FOLDER", tmp_path / "vectors")
    return []


def encoder(asked: list[str]) -> Encode:
    def encode(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)

    return encode


def test_example_is_encoded_once_when_it_is_met_again(asked: list[str]) -> None:
    first = cached(["hello", "hi"], encoder(asked), version="one")
    again = cached(["hi", "good night", "hello"], encoder(asked), version="one")

    assert sorted(asked) == ["good night", "hello", "hi"]
    assert again[[2, 0]].tolist() == first.tolist()
    assert again[1].tolist() == [10, ord("g")]


def test_rows_stand_in_the_order_of_the_texts_when_one_comes_twice(asked: list[str]) -> None:
    rows = cached(["thanks", "a", "thanks"], encoder(asked), version="one")

    assert rows[:, 0].tolist() == [6, 1, 6]
    assert sorted(asked) == ["a", "thanks"]


def test_rows_of_another_version_are_not_taken(asked: list[str]) -> None:
    cached(["hello"], encoder(asked), version="one")
    cached(["hello"], encoder(asked), version="two")

    assert asked == ["hello", "hello"]


def test_no_word_of_an_example_is_kept(asked: list[str]) -> None:
    cached(["verysecretword"], encoder(asked), version="one")

    files = list(vector_cache.FOLDER.iterdir())
    assert len(files) == 1
    assert b"secret" not in files[0].read_bytes()


def test_everything_is_encoded_again_when_the_file_was_cut_off(asked: list[str]) -> None:
    cached(["hello"], encoder(asked), version="one")
    (file,) = vector_cache.FOLDER.iterdir()
    file.write_bytes(file.read_bytes()[:40])

    rows = cached(["hello"], encoder(asked), version="one")

    assert asked == ["hello", "hello"]
    assert rows.tolist() == [[5, ord("h")]]


def test_rows_come_all_the_same_when_nothing_can_be_kept(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(vector_cache, "FOLDER", tmp_path / "file" / "vectors")

    assert cached(["hello"], encoder(asked), version="one").tolist() == [[5, ord("h")]]


def test_accents_and_capitals_do_not_change_the_spelling() -> None:
    plain, written = letters.rows(["que dia es mi sesion", "¿Qué día es mi sesión?"])

    assert plain.tolist() == written.tolist()


def test_typo_stays_near_and_another_word_does_not() -> None:
    word, typo, other = letters.rows(["english please", "englsh please", "spanish please"])

    assert word @ typo > word @ other


def test_row_is_empty_when_there_are_no_letters() -> None:
    assert not letters.rows(["?!"]).any()
