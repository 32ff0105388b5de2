"""Says what is wrong with settings: each once, where it stands, and in plain words."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from annotated_types import Ge, Gt, Le
from dotenv.parser import parse_stream
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

_SEE = "See docs/reference/settings.md."
_VALUE_ERROR = "Value error, "
_LONGEST = 40
_NUMBER = re.compile(r"(int|float|decimal)_|greater_than|less_than|finite_number")
_CHOICE = ("literal_error", "enum")


class Places:
    """Where each setting was given.

    :param file: the file ``.env``, which need not be there.
    :param by_program: what the program itself gave; it wins over both others.
    """

    def __init__(self, file: Path, by_program: Iterable[str] = ()) -> None:
        self._lines = dict(_lines(file))
        self._environment = {name.upper() for name in os.environ}
        self._file, self._by_program = file, {name.upper() for name in by_program}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._environment | self._lines.keys()))

    def of(self, name: str) -> str:
        """``the environment``, or file and line; nothing where the program gave it."""
        if name in self._by_program:
            return ""
        if name in self._environment:
            return "the environment: "
        return f"{self._file}:{self._lines[name]}: " if name in self._lines else ""


def _lines(file: Path) -> Iterator[tuple[str, int]]:
    try:
        with file.open(encoding="utf-8") as stream:
            for binding in parse_stream(stream):
                if binding.key:
                    # What a binding is made of begins with the empty lines before it.
                    before = binding.original.string
                    blank = len(before[: len(before) - len(before.lstrip())].splitlines())
                    yield binding.key.upper(), binding.original.line + blank
    except (OSError, UnicodeDecodeError):
        return


def unknown(names: Iterable[str], known: Iterable[str], places: Places) -> Iterator[str]:
    """A sentence for each name that is no setting, with the one that was probably meant.

    Its value is not shown: it may be a secret under a misspelt name.
    """
    for name in names:
        meant = get_close_matches(name, [*known], n=1)
        cure = f"Did you mean {meant[0]}?" if meant else "Remove it."
        yield f"{places.of(name)}{name}: there is no such setting. {cure} {_SEE}"


def misfits(
    errors: Iterable[ErrorDetails],
    fields: Mapping[str, FieldInfo],
    places: Places,
    *,
    prefix: str,
) -> Iterator[str]:
    """A sentence for each value that does not fit, and for what does not fit together."""
    for error in errors:
        name = next((str(part) for part in error["loc"] if part in fields), "")
        if not name:
            for sentence in error["msg"].removeprefix(_VALUE_ERROR).splitlines():
                yield f"{sentence}. {_SEE}"
            continue
        written = f"{prefix}{name.upper()}"
        yield f"{places.of(written)}{written}: {_said(error, fields[name])}. {_SEE}"


def _said(error: ErrorDetails, field: FieldInfo) -> str:
    """What it must be and, unless it may hold a secret, what it is."""
    kind = error["type"]
    if _NUMBER.match(kind):
        must = _number(field)
    elif kind.startswith("bool_"):
        must = "must be true or false"
    elif kind in _CHOICE:
        must = "must be " + str(error.get("ctx", {}).get("expected", "")).replace("'", "")
    else:
        # Our own sentences, on addresses: those may hold a password.
        return error["msg"].removeprefix(_VALUE_ERROR)
    return f"{must}; {_is(error['input'])}"


def _number(field: FieldInfo) -> str:
    low = high = ""
    for bound in field.metadata:
        match bound:
            case Ge(ge=least):
                low = f"from {least}"
            case Gt(gt=least):
                low = f"above {least}"
            case Le(le=most):
                high = f"to {most}"
    joined = f"{low} {high}" if low.startswith("from") else f"{low}, up {high}"
    return f"must be a number {joined}" if low and high else "must be a number"


def _is(value: Any) -> str:  # whatever was given
    text = str(value)
    if not text:
        return "it is empty"
    return f"it is '{text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}'"
