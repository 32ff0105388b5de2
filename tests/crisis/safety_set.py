"""Reads the locked safety set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content import yaml_files
from bot.core.languages import Language
from bot.core.levels import Category, Level

HERE = Path(__file__).parent


@dataclass(frozen=True)
class SafetyText:
    """One text; without a class it is harmless and must raise nothing."""

    text: str
    language: Language
    category: Category | None = None
    at_least: Level | None = None


def safety_texts() -> Iterator[SafetyText]:
    """All texts of both languages."""
    for language in Language:
        content = yaml_files.read(HERE / f"safety_set.{language}.yml")
        for group in yaml_files.plain(content):
            for line in group["texts"].splitlines():
                if not line.strip():
                    continue
                if "quiet" in group:
                    yield SafetyText(line.strip(), language)
                else:
                    category, level = Category(group["class"]), Level(group["at_least"])
                    yield SafetyText(line.strip(), language, category, level)
