"""Does every intent lead somewhere, and does every rule say something that there is?

One that no rule uses is learned, and then answered by nothing; Rasa says nothing about it when the
domain knows it. An action that does not exist is found by Rasa only after minutes of training.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bot.content.yaml_files import Fields, line_of, plain, read
from bot.errors import ConfigError

_TAUGHT = ("nlu", "faq")
_RULES = ("rules", "faq", "stories")
# Rasa has these of its own.
_RASAS = frozenset(
    {
        "action_listen",
        "action_restart",
        "action_session_start",
        "action_default_fallback",
        "action_deactivate_loop",
        "action_back",
        "action_unlikely_intent",
        "action_extract_slots",
    }
)


@dataclass(frozen=True)
class Named:
    """A name in a file of Rasa's.

    :param path: inside the data folder.
    """

    name: str
    path: Path
    line: int


@dataclass(frozen=True)
class Dialogue:
    """What the files teach, and what their rules do.

    :param taught: every intent that has examples.
    :param waited_for: every intent that a rule or a story begins or goes on with.
    :param done: every action that a rule or a story does.
    :param answers: every answer that stands beside a question.
    """

    taught: tuple[Named, ...]
    waited_for: frozenset[str]
    done: tuple[Named, ...]
    answers: frozenset[str]


def check_intents_lead_somewhere(project: Path) -> None:
    """Make sure that every intent with examples is in a rule or a story.

    :raises ConfigError: some are not; names each with its file.
    """
    sentences = [*lead_nowhere(load_dialogue(project / "data"), shown=Path("data"))]
    if sentences:
        raise ConfigError(*sentences)


def load_dialogue(data: Path) -> Dialogue:
    """Read examples and rules, without Rasa; a file that cannot be read is left out."""
    files = [
        (path.relative_to(data), content)
        for folder in dict.fromkeys((*_TAUGHT, *_RULES))
        for path in sorted((data / folder).glob("*.yml"))
        if isinstance(content := _content(path), Fields)
    ]
    steps = [step for path, content in files for step in _steps(path, content)]
    return Dialogue(
        taught=tuple(named for path, content in files for named in _intents(path, content)),
        waited_for=frozenset(named.name for key, named in steps if key == "intent"),
        done=tuple(named for key, named in steps if key == "action"),
        answers=frozenset(
            str(name)
            for _, content in files
            if isinstance(answers := content.get("responses"), dict)
            for name in answers
        ),
    )


def lead_nowhere(dialogue: Dialogue, *, shown: Path) -> Iterator[str]:
    """A sentence for each intent that is taught and that nothing follows.

    :param shown: the data folder, as the reader knows it.
    """
    for intent in dialogue.taught:
        if intent.name not in dialogue.waited_for:
            cure = "Mend its name, or add a rule in data/rules."
            if intent.path.parts[0] == "faq":
                cure = (
                    f"Mend its name, or add a rule below with the steps 'intent: {intent.name}' "
                    f"and 'action: utter_{intent.name}'."
                )
            place = f"{shown / intent.path}:{intent.line}"
            yield f"{place}: no rule says what follows {intent.name}. {cure}"


def say_nothing(dialogue: Dialogue, known: Iterable[str], *, shown: Path) -> Iterator[str]:
    """A sentence for each action in a rule that does not exist.

    :param known: actions, forms and texts that do.
    :param shown: the data folder, as the reader knows it.
    """
    there = {*known, *dialogue.answers, *_RASAS}
    for action in dialogue.done:
        if action.name not in there:
            meant = get_close_matches(action.name, sorted(there), n=1)
            cure = f"Did you mean {meant[0]}?" if meant else "Mend the name, or remove the step."
            place = f"{shown / action.path}:{action.line}"
            yield f"{place}: there is no action or text {action.name}. {cure}"


def known_actions(domain: Path, texts: Path) -> frozenset[str]:
    """What a rule may do: the actions, forms and texts of the domain, and the catalogue's texts.

    :param domain: the file ``domain.yml``; one that cannot be read knows nothing.
    :param texts: the folder ``data/texts``, which may be newer than the domain.
    """
    content = _content(domain) or {}
    files = [_content(path) or {} for path in sorted(texts.glob("*.yml"))]
    parts = [content.get(key) or () for key in ("actions", "forms", "responses")]
    return frozenset(str(_name(entry)) for part in (*parts, *files) for entry in part)


def _name(entry: Any) -> Any:
    """Rasa takes an action as its name, or as its name with properties."""
    return next(iter(entry)) if isinstance(entry, dict) else entry


def _content(path: Path) -> Any:  # YAML is whatever the file holds
    try:
        return read(path)
    except (ConfigError, OSError):
        return None  # named by whoever reads it for its content


def _intents(path: Path, content: Fields) -> Iterator[Named]:
    for place, entry in enumerate(_list(content.get("nlu"))):
        if isinstance(entry, dict) and "intent" in entry:
            yield Named(str(entry["intent"]), path, line_of(content, ("nlu", place, "intent")))


def _steps(path: Path, content: Fields) -> Iterator[tuple[str, Named]]:
    """Every step that names an intent or an action, those inside ``or`` too."""
    for key in ("rules", "stories"):
        for place, rule in enumerate(_list(content.get(key))):
            steps = rule.get("steps") if isinstance(rule, dict) else None
            for number, step in enumerate(_list(steps)):
                where = (key, place, "steps", number)
                yield from _in_step(path, content, where, plain(step))


def _in_step(
    path: Path, content: Fields, where: tuple[int | str, ...], step: Any
) -> Iterator[tuple[str, Named]]:
    if not isinstance(step, dict):
        return
    for key in ("intent", "action"):
        if step.get(key) is not None:
            yield key, Named(str(step[key]), path, line_of(content, (*where, key)))
    for place, inner in enumerate(_list(step.get("or"))):
        yield from _in_step(path, content, (*where, "or", place), inner)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
