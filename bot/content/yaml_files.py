"""Reads a YAML file into a checked value, or says which line to mend and how."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.content import wrong_values
from bot.errors import ConfigError

# libyaml, in C, reads all our files in the time that a parser in Python takes for one of them.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# YAML 1.2: "no", "off" and "12:30" are words. (1.1 takes them for false, false and 750.)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Strict(BaseModel):
    """Base of every file's shape: unknown keys are errors, values cannot be changed later."""

    model_config = {"extra": "forbid", "frozen": True}


class Fields(dict[str, Any]):
    """A mapping of a file, and the line of each of its keys."""

    lines: Mapping[Any, int]


class Items(list[Any]):
    """A list of a file, and the line of each of its items."""

    lines: list[int]


class _Unreadable(Exception):
    """What is wrong with the YAML, and in which line, counted from 1."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


def read(path: Path) -> Any:  # YAML is whatever the file holds
    """The file's content with line numbers still attached.

    :raises ConfigError: missing file, or no YAML; names file, line and cure.
    """
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: the file is missing. Restore it or fix the setting.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text. Save it as UTF-8.") from None
    except _Unreadable as error:
        raise ConfigError(
            f"{path}:{error.line}: not readable as YAML ({error}). "
            "Check indentation, colons and quotes on this line."
        ) from None


def load[M: BaseModel](path: Path, model: type[M]) -> M:
    """The file as a checked value of this shape.

    :raises ConfigError: names file, line, field and what is expected there.
    """
    return check(read(path), model, path)


def check[M: BaseModel](content: Any, model: type[M], path: Path) -> M:
    """Content that was already read, as a checked value.

    :raises ConfigError: names file, line, field and what is expected there.
    """
    try:
        return model.model_validate(plain(content))
    except ValidationError as error:
        sentences = [
            f"{path}:{line_of(content, place)}: {said}"
            for place, said in wrong_values.told(error.errors(), model)
        ]
        raise ConfigError(*sentences) from None


class Together:
    """Gathers what is wrong in several places, so that a person mends them in one go."""

    def __init__(self) -> None:
        self._sentences: list[str] = []

    @contextmanager
    def part(self) -> Iterator[None]:
        """What is wrong here is kept, and the next part is read all the same."""
        try:
            yield
        except ConfigError as error:
            self._sentences.extend(error.sentences)

    def refuse(self) -> None:
        """Say all of it.

        :raises ConfigError: anything was wrong anywhere.
        """
        if self._sentences:
            raise ConfigError(*dict.fromkeys(self._sentences))


def line_of(content: Any, loc: tuple[int | str, ...]) -> int:
    """The line, counted from 1, of a place inside content that ``read`` returned.

    Of a place that is not there, as a field that is missing, the line of what lacks it.
    """
    line = 1
    for part in loc:
        if not isinstance(content, Fields | Items):
            break
        try:
            line = content.lines[part]  # type: ignore[index]  # a wrong kind of part is a TypeError
            content = content[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return line


def plain(content: Any) -> Any:
    """The same content as ordinary dicts and lists."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    return content


def _parse(text: str) -> Any:
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _marked(error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, text.find(chr(error.character))) + 1
        raise _Unreadable("a character that text cannot have", line) from None
    return None if node is None else _value(node)


def _marked(error: yaml.MarkedYAMLError) -> _Unreadable:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    # A quote that is never closed is noticed at the end of the file.
    began = error.context_mark.line + 1 if error.context_mark else line
    where = f", in what begins on line {began}" if began < line else ""
    return _Unreadable(f"{error.problem}{where}", line)


def _value(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return _fields(node)
    if isinstance(node, SequenceNode):
        items = Items(_value(item) for item in node.value)
        items.lines = [_line(item) for item in node.value]
        return items
    assert isinstance(node, ScalarNode)  # there is no fourth kind
    return _scalar(node)


def _fields(node: MappingNode) -> Fields:
    fields, lines = Fields(), {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            raise _Unreadable("a key that is no word", _line(key_node))
        key = str(key_node.value)
        if key in fields:
            raise _Unreadable(f'"{key}" is there twice', _line(key_node))
        fields[key], lines[key] = _value(value_node), _line(key_node)
    fields.lines = lines
    return fields


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    if node.style:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
