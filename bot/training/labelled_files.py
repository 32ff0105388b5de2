"""Looks a file of labelled texts over before a model is measured with it.

Rasa, and our own reading of its files, pass over what they do not know. A figure would then be
worth nothing, and nobody would see it.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bot.content.yaml_files import Fields, Items, read
from bot.core.languages import Language
from bot.errors import ConfigError

_HEAD = ("version", "nlu", "responses", "rules", "stories")
_ENTRY = ("intent", "examples", "metadata")
# Entries of Rasa's format that hold no labelled texts.
_NO_INTENT = ("synonym", "lookup", "regex")


def check_labelled(files: Iterable[Path]) -> None:
    """Make sure that everything in these files can be read, so that each text is counted.

    :raises ConfigError: a key is not known, or something is missing; names each with file, line
        and cure.
    """
    sentences = [f"{file}:{said}" for file in files for said in _wrong(read(file))]
    if sentences:
        raise ConfigError(*sentences)


def unknown_intents(files: Iterable[Path], *, intents: Sequence[str]) -> list[str]:
    """A sentence for each intent that the model cannot give: all its texts count as read wrongly.

    :param intents: everything that can be meant.
    """
    return [
        f"{file}:{entry.lines['intent']}: there is no intent '{name}', so each of its texts counts "
        f"as read wrongly. {_cure(name, intents)}"
        for file in files
        for entry in read(file)["nlu"]
        if (name := str(entry.get("intent", ""))) and name not in intents
    ]


def _wrong(content: Any) -> Iterator[str]:  # whatever the file holds
    if not isinstance(content, Fields):
        yield "1: not in Rasa's NLU format. It needs the key 'nlu:'."
        return
    yield from _unknown_keys(content, _HEAD)
    entries = content.get("nlu")
    if not isinstance(entries, Items) or not entries:
        yield f"{content.lines.get('nlu', 1)}: there are no texts under 'nlu:'. Add some."
        return
    for entry, line in zip(entries, entries.lines, strict=True):
        yield from _wrong_entry(entry, line)


def _wrong_entry(entry: Any, line: int) -> Iterator[str]:
    if not isinstance(entry, Fields):
        yield f"{line}: this is no entry. Write '- intent: NAME' and 'examples: |' below it."
        return
    if any(name in entry for name in _NO_INTENT):
        return
    yield from _unknown_keys(entry, _ENTRY)
    about = entry.get("metadata")
    language = about.get("language") if isinstance(about, Fields) else None
    if language is not None and language not in set(Language):
        yield f"{line}: language '{language}'; known are {', '.join(Language)}."
    for key in ("intent", "examples"):
        if not entry.get(key):
            yield f"{line}: this entry has no '{key}:'. Add it."
    if isinstance(examples := entry.get("examples"), Items):
        for one, place in zip(examples, examples.lines, strict=True):
            if not (isinstance(one, Fields) and one.get("text")):
                yield f"{place}: this example has no 'text:'. Add it."


def _unknown_keys(fields: Fields, known: Sequence[str]) -> Iterator[str]:
    for key in fields:
        if key not in known:
            yield f"{fields.lines[key]}: there is no '{key}' here. {_cure(key, known)}"


def _cure(written: str, known: Sequence[str]) -> str:
    near = get_close_matches(written, known, n=1)
    return f"Did you mean '{near[0]}'?" if near else "Remove it, or mend its name."
