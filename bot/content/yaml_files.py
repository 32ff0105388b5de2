"""Reads a YAML file into a checked value, or says which line to mend and how."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from bot.errors import ConfigError


class Strict(BaseModel):
    """Base of every file's shape: unknown keys are errors, values cannot be changed later."""

    model_config = {"extra": "forbid", "frozen": True}


def read(path: Path) -> Any:  # YAML is whatever the file holds
    """The file's content with line numbers still attached.

    :raises ConfigError: missing file, or no YAML; names file, line and cure.
    """
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: the file is missing. Restore it or fix the setting.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text. Save it as UTF-8.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(
            f"{path}:{line}: not readable as YAML ({error.problem}). "
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
        sentences = []
        for wrong in error.errors():
            where = ".".join(str(part) for part in wrong["loc"]) or "the file"
            line = line_of(content, wrong["loc"])
            sentences.append(f"{path}:{line}: {where}: {wrong['msg']}.")
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
    """The line, counted from 1, of a place inside content that ``read`` returned."""
    line = 1
    for part in loc:
        marks = getattr(content, "lc", None)
        if marks is None:
            break
        try:
            position = marks.key(part) if isinstance(content, dict) else marks.item(part)
            line = cast(int, position[0]) + 1
            content = content[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            line = max(line, cast(int, marks.line) + 1)
            break
    return line


def plain(content: Any) -> Any:
    """The same content as ordinary dicts, lists and strings."""
    if isinstance(content, dict):
        return {str(key): plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    if isinstance(content, str):
        return str(content)
    if isinstance(content, bool) or content is None:
        return content
    if isinstance(content, int):
        return int(content)
    return float(content) if isinstance(content, float) else content
