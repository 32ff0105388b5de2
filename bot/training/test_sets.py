"""The texts that models are tested with: blind sets, the locked safety set, golden conversations.

They lie beside the project's tests, where engineers keep them; the training desk reads the same
files, so that both mean the same by *tested*.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content.yaml_files import plain, read
from bot.core.languages import Language
from bot.errors import ConfigError
from bot.training.examples import Example, load_files

NLU, SAFETY, GOLDENS = "tests/nlu", "tests/crisis", "tests/conversations"


@dataclass(frozen=True)
class SafetyText:
    """One text of the locked safety set; harmless ones have no class.

    :param category: the class that it must be seen as; empty for harmless ones.
    :param at_least: the level that it must reach.
    """

    text: str
    language: Language
    category: str
    at_least: str


def held_out(project: Path) -> Mapping[str, tuple[Example, ...]]:
    """The blind sets by name.

    :raises ConfigError: there is none, so that nothing could be proved.
    """
    files = sorted((project / NLU).glob("*.yml"))
    if not files:
        raise ConfigError(f"{project / NLU}: no blind sets. Restore the folder.")
    return {file.stem: tuple(load_files([file])) for file in files}


def safety_set(project: Path) -> tuple[SafetyText, ...]:
    """The locked safety set in both languages.

    :raises ConfigError: it is not there.
    """
    return tuple(_safety_texts(project))


def goldens(project: Path) -> tuple[Path, ...]:
    """The golden conversations."""
    return tuple(sorted((project / GOLDENS).glob("*.yaml")))


def golden_texts(project: Path) -> tuple[str, ...]:
    """What mothers text in the golden conversations."""
    found = []
    for path in goldens(project):
        for step in (plain(read(path)) or {}).get("steps") or []:
            said = step.get("patient") if isinstance(step, dict) else None
            words = said.get("text") if isinstance(said, dict) else said
            if isinstance(words, str):
                found.append(words)
    return tuple(found)


def _safety_texts(project: Path) -> Iterator[SafetyText]:
    for language in Language:
        path = project / SAFETY / f"safety_set.{language}.yml"
        for group in plain(read(path)):
            for line in str(group["texts"]).splitlines():
                if line.strip():
                    category, level = group.get("class", ""), group.get("at_least", "")
                    yield SafetyText(line.strip(), language, str(category), str(level))
