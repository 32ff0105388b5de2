"""Writes the utterances of Rasa's domain.yml from the catalogue, so that no text stands twice."""

import json
import os
from pathlib import Path

from bot.content.texts import FAQ, Catalogue
from bot.core.languages import Language
from bot.errors import ConfigError

BEGIN = "# --- generated from data/texts: begin ---"
END = "# --- end ---"


def responses_block(catalogue: Catalogue) -> str:
    """The part of domain.yml between the markers.

    FAQ answers are left out: their own files bring them to Rasa. Loss variants too: the worker
    renders every reply from the catalogue by its id, and Rasa's words are only a stand-in.
    """
    lines = ["responses:"]
    for text_id in catalogue.ids:
        if text_id.startswith("utter_") and not text_id.startswith(FAQ):
            lines += [f"  {text_id}:", *_variants(catalogue, text_id)]
    return "\n".join(lines) + "\n"


def write_domain(domain_path: Path, catalogue: Catalogue) -> bool:
    """Bring domain.yml up to date, and say whether that changed it.

    :raises ConfigError: the file or one of the two marker lines is missing.
    """
    before, after = _read(domain_path), _renewed(domain_path, catalogue)
    if before == after:
        return False
    beside = domain_path.with_name(domain_path.name + ".new")
    beside.write_text(after, encoding="utf-8")
    os.replace(beside, domain_path)
    return True


def domain_is_fresh(domain_path: Path, catalogue: Catalogue) -> bool:
    """Does domain.yml say what the catalogue says?

    :raises ConfigError: the file or one of the two marker lines is missing.
    """
    return _read(domain_path) == _renewed(domain_path, catalogue)


def _variants(catalogue: Catalogue, text_id: str) -> list[str]:
    lines: list[str] = []
    # The default, without a condition, stands last; Rasa prefers a condition that fits.
    for language in sorted(Language, key=lambda language: language is Language.ENGLISH):
        # JSON's string is YAML's double-quoted one.
        words = json.dumps(catalogue.get(text_id, language).text, ensure_ascii=False)
        if language is Language.ENGLISH:
            lines.append(f"  - text: {words}")
            continue
        lines += ["  - condition:", "    - type: slot", "      name: language"]
        lines += [f"      value: {language}", f"    text: {words}"]
    return lines


def _renewed(domain_path: Path, catalogue: Catalogue) -> str:
    content = _read(domain_path)
    head, begin, rest = content.partition(BEGIN + "\n")
    _, end, tail = rest.partition(END)
    if not begin or not end:
        missing = END if begin else BEGIN
        raise ConfigError(f"{domain_path}:1: the line '{missing}' is missing. Put it back.")
    return head + begin + responses_block(catalogue) + end + tail


def _read(domain_path: Path) -> str:
    try:
        return domain_path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{domain_path}: the file is missing. Restore it.") from None
