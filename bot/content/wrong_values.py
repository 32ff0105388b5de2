"""Says what is wrong in a file of ours, in words for the person who wrote it, with the cure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic_core import ErrorDetails

type Place = tuple[int | str, ...]

_VALUE_ERROR = "Value error, "
_LONGEST = 40
_MISSING, _UNKNOWN = "missing", "extra_forbidden"


def told(errors: Iterable[ErrorDetails], model: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    """The place and a sentence for each thing that is wrong, each once.

    A misspelt key is one mistake, though it leaves one key unknown and another one missing.

    :param model: the shape that the file should have.
    """
    found = list(errors)
    missing = {error["loc"] for error in found if error["type"] == _MISSING}
    meant: set[Place] = set()
    sentences: list[tuple[Place, str, bool]] = []
    for error in found:
        place = error["loc"]
        if error["type"] == _UNKNOWN:
            name = _meant(place, missing - meant, model)
            meant.add((*place[:-1], name))
            sentences.append((place, f"{_shown(place)}: {_unknown(place, name, model)}", False))
        else:
            words = f"{_shown(place)}: {_said(error)}"
            sentences.append((place, words, error["type"] == _MISSING))
    for place, sentence, is_missing in sentences:
        if not (is_missing and place in meant):
            yield place, sentence


def _meant(place: Place, missing: set[Place], model: type[BaseModel]) -> str:
    """The key that was probably meant; what is missing there comes first."""
    written, parent = str(place[-1]), place[:-1]
    lacking = [str(other[-1]) for other in missing if other[:-1] == parent]
    for names in (lacking, _known_at(model, parent)):
        if near := get_close_matches(written, names, n=1):
            return near[0]
    return ""


def _unknown(place: Place, name: str, model: type[BaseModel]) -> str:
    if name:
        return f"There is no '{place[-1]}' here. Did you mean '{name}'?"
    known = ", ".join(_known_at(model, place[:-1]))
    cure = f"Remove it; there may be {known}." if known else "Remove it."
    return f"There is no '{place[-1]}' here. {cure}"


def _known_at(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that there may be at this place of a file."""
    shapes: list[Any] = _plain_shapes(model)
    for part in place:
        inside = [one for shape in shapes for one in _inside(shape, part)]
        shapes = inside or shapes  # a part that is no key names a choice between shapes
    return [name for shape in shapes if _is_model(shape) for name in shape.model_fields]


def _inside(shape: Any, part: int | str) -> list[Any]:  # shapes are whatever annotations hold
    if _is_model(shape):
        field = shape.model_fields.get(str(part))
        return _plain_shapes(field.annotation) if field else []
    held = get_args(shape)
    if isinstance(get_origin(shape), type) and held:
        is_mapping = issubclass(get_origin(shape), Mapping)
        return _plain_shapes(held[1] if is_mapping and len(held) > 1 else held[0])
    return []


def _plain_shapes(shape: Any) -> list[Any]:
    """Without aliases and remarks; each one of a choice."""
    if isinstance(shape, TypeAliasType):
        return _plain_shapes(shape.__value__)
    if get_origin(shape) is Annotated:
        return _plain_shapes(get_args(shape)[0])
    if get_origin(shape) in (Union, UnionType):
        return [one for part in get_args(shape) for one in _plain_shapes(part)]
    if _is_model(shape) and issubclass(shape, RootModel):
        return _plain_shapes(shape.model_fields["root"].annotation)
    return [shape]


def _is_model(shape: Any) -> bool:
    return isinstance(shape, type) and not get_args(shape) and issubclass(shape, BaseModel)


def _shown(place: Place) -> str:
    return ".".join(str(part) for part in place if part != "[key]") or "the file"


def _said(error: ErrorDetails) -> str:
    say = _SAYS.get(error["type"])
    if say is not None:
        return say(_written(error["input"]), error.get("ctx", {}))
    return error["msg"].removeprefix(_VALUE_ERROR) + "."


def _written(value: Any) -> str:  # whatever stands in the file
    text = str(value)
    if text == "" or value is None:
        return "nothing"
    return f"'{text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}'"


def _choice(written: str, about: Mapping[str, Any]) -> str:
    expected = str(about.get("expected", "")).replace("'", "")
    near = get_close_matches(written.strip("'"), expected.replace(" or ", ", ").split(", "), n=1)
    question = f" Did you mean '{near[0]}'?" if near else ""
    return f"{written} is not known here; write {expected}.{question}"


def _is_no(what: str) -> Callable[[str, Mapping[str, Any]], str]:
    return lambda written, _about: f"{written} is {what}."


_TIME = _is_no("no time of day; write it as 08:00, from 00:00 to 23:59")
_DATE = _is_no("no date; write it as 2026-11-26")
_WHOLE = _is_no("no whole number; write it as 15")
_NUMBER = _is_no("no number; write it as 15 or 0.5")
_SAYS: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    _MISSING: lambda _written, _about: "This is missing. Add it.",
    "enum": _choice,
    "literal_error": _choice,
    **dict.fromkeys(("time_parsing", "time_type"), _TIME),
    **dict.fromkeys(("date_parsing", "date_type", "date_from_datetime_parsing"), _DATE),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_parsing", "float_type"), _NUMBER),
    **dict.fromkeys(("bool_parsing", "bool_type"), _is_no("neither true nor false")),
    "greater_than": lambda written, about: f"{written} is too small; above {about['gt']}.",
    "greater_than_equal": lambda written, about: f"{written} is too small; at least {about['ge']}.",
    "less_than": lambda written, about: f"{written} is too large; below {about['lt']}.",
    "less_than_equal": lambda written, about: f"{written} is too large; at most {about['le']}.",
    "string_type": _is_no("no text; put it into quotes"),
    "string_too_short": lambda _written, _about: "This is empty. Write something.",
    **dict.fromkeys(
        ("dict_type", "model_type", "mapping_type"),
        _is_no("not what belongs here: keys and values, each on a line of its own"),
    ),
    **dict.fromkeys(("list_type", "tuple_type"), _is_no("no list; write it as [one, another]")),
}
