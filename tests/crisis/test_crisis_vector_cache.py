"""Vectors are made once a text, and a damaged or foreign file costs time, never a wrong model."""

from pathlib import Path

import numpy as np
import pytest

from bot.crisis import encoder
from bot.training import vector_cache

TEXTS = ["i need a nap", "quiero dormir", "the bus is late"]


class Encoder:
    """Counts what it is given, and makes vectors of a text's length."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def vectors(self, texts: list[str], *, threads: int = 1) -> encoder.Vectors:
        self.read += texts
        rows = [np.full(encoder.WIDTH, len(text) / 1000 + 1e-5) for text in texts]
        return np.array(rows, dtype=np.float32)


@pytest.fixture
def counting(monkeypatch) -> Encoder:
    fake = Encoder()
    monkeypatch.setattr(encoder, "vectors", fake.vectors)
    return fake


def made(folder: Path, texts: list[str] = TEXTS) -> vector_cache.Rounded:
    return vector_cache.vectors(texts, folder, advance=lambda n: None)


def test_a_text_is_read_once_and_gives_the_same_numbers_again(tmp_path: Path, counting: Encoder):
    first = made(tmp_path)
    again = made(tmp_path)

    assert counting.read == TEXTS
    assert np.array_equal(first, again)


def test_only_new_texts_are_read_and_old_ones_forgotten(tmp_path: Path, counting: Encoder):
    made(tmp_path)
    rows = made(tmp_path, [TEXTS[2], "a new one"])

    assert counting.read == [*TEXTS, "a new one"]
    assert rows[0, 0] == np.float16(len(TEXTS[2]) / 1000 + 1e-5)
    with np.load(tmp_path / vector_cache.NAME) as kept:
        assert len(kept["keys"]) == 2


def test_every_text_is_counted_as_done(tmp_path: Path, counting: Encoder):
    made(tmp_path, TEXTS[:1])
    done: list[int] = []
    vector_cache.vectors(TEXTS, tmp_path, advance=done.append)

    assert sum(done) == len(TEXTS)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 half a zip"])
def test_a_damaged_file_is_made_again(tmp_path: Path, counting: Encoder, content: bytes):
    (tmp_path / vector_cache.NAME).write_bytes(content)

    assert made(tmp_path).shape == (3, encoder.WIDTH)
    assert counting.read == TEXTS


@pytest.mark.parametrize(
    ("keys", "vectors"),
    [
        (np.zeros((1, 16), np.uint8), np.full((1, encoder.WIDTH), np.nan, np.float16)),
        (np.zeros((2, 16), np.uint8), np.zeros((1, encoder.WIDTH), np.float16)),
        (np.zeros((1, 16), np.uint8), np.zeros((1, 8), np.float16)),
    ],
)
def test_numbers_that_make_no_sense_are_not_taken(tmp_path: Path, counting, keys, vectors):
    np.savez(tmp_path / vector_cache.NAME, keys=keys, vectors=vectors)

    assert made(tmp_path).shape == (3, encoder.WIDTH)
    assert counting.read == TEXTS
