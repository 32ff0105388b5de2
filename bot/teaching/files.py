"""Changes the files that an engineer edits too: comments and order stay, only what is new is added.

Nothing is written here. Each function says how files would read; ``saving`` checks and writes them.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot.content import yaml_files
from bot.core.languages import Language
from bot.errors import ConfigError

FOLDERS = ("data/nlu", "data/faq")
NEW_INTENTS = Path("data/nlu/taught.yml")
NEW_RULES = Path("data/rules/taught.yml")
# Stands where the approver's name belongs until a second person has agreed.
WAITING = "waiting"
_NLU_HEAD = (
    "# Intents that staff taught in the console. All invented; no patient wrote any of it.\n"
)
_RULES_HEAD = "# Where the intents of data/nlu/taught.yml lead.\n"


@dataclass(frozen=True)
class Edit:
    """How one file is to read.

    :param path: inside the project.
    :param after: its whole content; none when it goes.
    """

    path: Path
    after: str | None


@dataclass(frozen=True)
class Question:
    """A question with its answers, as one file holds it.

    :param title: a question that a person understands: the file's first line.
    """

    topic: str
    title: str
    examples: Sequence[str]
    answers: Mapping[Language, str]
    source: str

    @property
    def intent(self) -> str:
        """Its name among the intents."""
        return f"faq_{self.topic}"

    @property
    def path(self) -> Path:
        """Its file."""
        return Path("data/faq") / f"{self.topic}.yml"


def add_examples(project: Path, intent: str, texts: Sequence[str]) -> list[Edit]:
    """The file of an intent with these examples at its end; those that are there are left out.

    :raises ConfigError: there is no such intent.
    """
    path = file_of(project, intent)
    before = (project / path).read_text(encoding="utf-8")
    content = _load(project / path)
    entry = _entry(content, intent)
    there = set(_examples(entry))
    fresh = [text for text in texts if text not in there]
    if not fresh:
        return []
    _put(entry, [*_examples(entry), *fresh])
    after = _dump(content)
    _refuse_other_changes(path, before, after, added=fresh)
    return [Edit(path, after)]


def remove_examples(project: Path, intent: str, texts: Sequence[str]) -> list[Edit]:
    """The same file without these examples."""
    path = file_of(project, intent)
    before = (project / path).read_text(encoding="utf-8")
    content = _load(project / path)
    entry = _entry(content, intent)
    gone = [text for text in _examples(entry) if text in set(texts)]
    if not gone:
        return []
    _put(entry, [text for text in _examples(entry) if text not in set(texts)])
    after = _dump(content)
    _refuse_other_changes(path, after, before, added=gone)
    return [Edit(path, after)]


def add_question(project: Path, question: Question) -> list[Edit]:
    """A file for a new question.

    :raises ConfigError: there is one of that name with another content.
    """
    after = _question_file(question)
    file = project / question.path
    if file.exists():
        if file.read_text(encoding="utf-8") == after:
            return []
        raise ConfigError(f"There is a question named {question.topic}. Choose another name.")
    return [Edit(question.path, after)]


def approve_answers(project: Path, path: Path, *, approver: str) -> list[Edit]:
    """The file of a question with the approver's name where it was waited for."""
    content = _load(project / path)
    for answers in content["responses"].values():
        for answer in answers:
            if answer["metadata"]["approver"] == WAITING:
                answer["metadata"]["approver"] = DoubleQuotedScalarString(approver)
    return [Edit(path, _dump(content))]


def add_intent(
    project: Path, intent: str, *, title: str, examples: Sequence[str], action: str
) -> list[Edit]:
    """A new intent with its rule.

    :raises ConfigError: there is an intent of that name already.
    """
    nlu, rules = project / NEW_INTENTS, project / NEW_RULES
    if _has_intent(nlu, intent):
        entry = _entry(_load(nlu), intent)
        if _examples(entry) == list(examples):
            return []
        raise ConfigError(f"There is an intent named {intent}. Choose another name.")
    lines = "".join(f"    - {text}\n" for text in examples)
    block = f"# {title}\n- intent: {intent}\n  examples: |\n{lines}"
    rule = f"- rule: {intent}\n  steps:\n  - intent: {intent}\n  - action: {action}\n"
    return [
        Edit(NEW_INTENTS, _text_of(nlu, f'{_NLU_HEAD}version: "3.1"\nnlu:\n') + block),
        Edit(NEW_RULES, _text_of(rules, f'{_RULES_HEAD}version: "3.1"\nrules:\n') + rule),
    ]


def remove_intent(
    project: Path, intent: str, *, title: str, examples: Sequence[str], action: str
) -> list[Edit]:
    """Both files without that intent.

    :raises ConfigError: it has changed since it was added.
    """
    lines = "".join(f"    - {text}\n" for text in examples)
    block = f"# {title}\n- intent: {intent}\n  examples: |\n{lines}"
    rule = f"- rule: {intent}\n  steps:\n  - intent: {intent}\n  - action: {action}\n"
    edits = []
    for path, part in ((NEW_INTENTS, block), (NEW_RULES, rule)):
        before = _text_of(project / path, "")
        head, found, tail = before.partition(part)
        # More lines of the same list below: somebody has added to it.
        if not found or tail.startswith(" "):
            raise ConfigError("It was changed since. Take the later changes back first.")
        after = head + tail
        empty = after.rstrip().endswith(("nlu:", "rules:"))
        edits.append(Edit(path, None if empty else after))
    return edits


def intent_titles(project: Path) -> dict[str, str]:
    """What each intent means, in a sentence, wherever that is written down."""
    described = yaml_files.plain(yaml_files.read(project / "data" / "teaching" / "intents.yml"))
    found = {str(intent): str(title) for intent, title in described.items()}
    for path in sorted((project / "data" / "faq").glob("*.yml")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        found[f"faq_{path.stem}"] = first.removeprefix("#").strip()
    lines = _text_of(project / NEW_INTENTS, "").splitlines()
    for line, following in pairwise(lines):
        if line.startswith("# ") and following.startswith("- intent: "):
            found[following.removeprefix("- intent: ")] = line.removeprefix("# ")
    return found


def file_of(project: Path, intent: str) -> Path:
    """The file that holds an intent's examples.

    :raises ConfigError: there is none.
    """
    for folder in FOLDERS:
        for path in sorted((project / folder).glob("*.yml")):
            if _has_intent(path, intent):
                return path.relative_to(project)
    raise ConfigError(f"There is no intent {intent}.")


def _has_intent(path: Path, intent: str) -> bool:
    """A look that is quick: the whole file is read only where the name stands."""
    return f"- intent: {intent}\n" in _text_of(path, "")


def _text_of(path: Path, otherwise: str) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else otherwise


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    # No line is broken that was not broken before.
    yaml.width = 1_000_000
    return yaml


def _load(path: Path) -> Any:  # YAML is whatever the file holds
    content = yaml_files.read(path)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}:1: not in Rasa's format.")
    return _yaml().load(path.read_text(encoding="utf-8"))


def _dump(content: Any) -> str:
    out = io.StringIO()
    _yaml().dump(content, out)
    return out.getvalue()


def _entry(content: Any, intent: str) -> Any:
    for entry in content.get("nlu") or []:
        if entry.get("intent") == intent:
            return entry
    raise ConfigError(f"There is no intent {intent}.")


def _examples(entry: Any) -> list[str]:
    block = str(entry.get("examples") or "")
    return [line.strip()[1:].strip() for line in block.splitlines() if line.strip()[:1] == "-"]


def _put(entry: Any, texts: Sequence[str]) -> None:
    old = entry["examples"]
    block = LiteralScalarString("".join(f"- {text}\n" for text in texts))
    # A comment below the block belongs to its string.
    if getattr(old, "comment", None) is not None:
        block.comment = old.comment
    entry["examples"] = block


def _refuse_other_changes(path: Path, less: str, more: str, *, added: Sequence[str]) -> None:
    """Make sure that nothing but these lines differs: the rest is not the desk's to touch."""
    rest = more.splitlines()
    for text in added:
        line = next((n for n in range(len(rest) - 1, -1, -1) if rest[n].strip() == f"- {text}"), -1)
        if line >= 0:
            del rest[line]
    if rest != less.splitlines():
        raise ConfigError(f"{path}: written in a way that the desk would change. Ask an engineer.")


def _question_file(question: Question) -> str:
    """Written by hand: the shape of every file in data/faq, so that a diff is easy to read."""
    intent = question.intent
    lines = [
        f"# {question.title}",
        'version: "3.1"',
        "nlu:",
        f"- intent: {intent}",
        "  examples: |",
        *(f"    - {text}" for text in question.examples),
        "responses:",
        f"  utter_{intent}:",
        "  - condition:",
        "    - type: slot",
        "      name: language",
        "      value: es",
        f"    text: {_quoted(question.answers[Language.SPANISH])}",
        f"    metadata: {_metadata(question)}",
        f"  - text: {_quoted(question.answers[Language.ENGLISH])}",
        f"    metadata: {_metadata(question)}",
        "rules:",
        f"- rule: answer {intent}",
        "  steps:",
        f"  - intent: {intent}",
        f"  - action: utter_{intent}",
    ]
    return "\n".join(lines) + "\n"


def _metadata(question: Question) -> str:
    return f"{{version: 1, approver: {WAITING}, source: {_quoted(question.source)}}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
