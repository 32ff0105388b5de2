"""Keeps the vectors of examples between two trainings, so that only new examples are encoded.

Under ``var/``, by a digest of the text and of everything that decides a vector. Only training and
cross-validation come here: what a mother texts is never kept.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path("var") / "vectors"
Rows = Any  # an array of numbers, one row for each text


def cached(texts: list[str], encode: Callable[[list[str]], Rows], *, version: str) -> Rows:
    """One row for each text, encoding only those that were not met before.

    :param version: whatever decides a vector; another version never meets the rows of this one.
    """
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    file = FOLDER / f"{version[:16]}.npz"
    known = _read(file)
    missing = dict(zip(keys, texts, strict=True))
    for key in known:
        missing.pop(key, None)
    if missing:
        # Texts of like length together: the encoder pads a batch to its longest.
        ordered = sorted(missing, key=lambda key: (len(missing[key]), key))
        known.update(zip(ordered, encode([missing[key] for key in ordered]), strict=True))
        _write(file, known)
    return np.vstack([known[key] for key in keys])


def _read(file: Path) -> dict[str, Rows]:
    try:
        with np.load(file, allow_pickle=False) as content:
            return dict(zip(content["keys"].tolist(), content["rows"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}  # not there, or cut off half way: everything is encoded again


def _write(file: Path, known: dict[str, Rows]) -> None:
    """Put the rows in place in one step; where nothing can be written, the next run is slower."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(handle, "wb") as part:
            np.savez(part, keys=np.array(list(known)), rows=np.vstack(list(known.values())))
        os.replace(name, file)
    except OSError:
        return
