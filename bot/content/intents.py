"""Does every intent lead somewhere? One that no rule uses is learned, and then answered by nothing.

Rasa itself says nothing about such an intent when the domain knows it.
"""

import re
from pathlib import Path

from bot.content.examples import FOLDERS
from bot.errors import ConfigError

_RULES = ("data/rules", "data/faq", "data/stories")
# Among examples the name stands at the beginning of a line, in a rule's steps it is indented.
_TAUGHT = re.compile(r"^- intent: (\S+)", re.MULTILINE)
_USED = re.compile(r"^ +- intent: (\S+)", re.MULTILINE)


def check_intents_lead_somewhere(project: Path) -> None:
    """Make sure that every intent with examples is in a rule or a story.

    :raises ConfigError: one is not; names it and its file.
    """
    used = {name for path in _files(project, _RULES) for name in _USED.findall(_read(path))}
    for path in _files(project, FOLDERS):
        for name in _TAUGHT.findall(_read(path)):
            if name not in used:
                raise ConfigError(
                    f"{path.relative_to(project)}: no rule says what follows {name}. "
                    "Mend its name, or add a rule in data/rules."
                )


def _files(project: Path, folders: tuple[str, ...]) -> list[Path]:
    return [path for folder in folders for path in sorted((project / folder).glob("*.yml"))]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
