"""What must never be in the repository, and what Rasa must never take for its own."""

import re
from pathlib import Path

import pytest
import yaml

from bot.training.gates import folded
from tests.conftest import DATA, ROOT

TEXT_FILES = (".py", ".yml", ".yaml", ".md", ".html", ".js", ".css", ".toml", ".txt", ".json")
FOLDERS = ("bot", "actions", "data", "docs", "tests", "deploy")
PASSED_OVER = {".venv", "__pycache__", "node_modules", "static"}

# The range that is kept for fiction, Twilio's magic numbers, and the public lines that we name.
PUBLIC_NUMBERS = {
    "8002221222": "Poison Control",
    "8338526262": "National Maternal Mental Health Hotline",
    "8007997233": "National Domestic Violence Hotline",
    "8009444773": "Postpartum Support International",
}
NUMBER = re.compile(
    r"(?<![\w.+-])(?:\+?1[ .-]?)?\(?([2-9]\d{2})\)?[ .-]?([2-9]\d{2})[ .-]?(\d{4})(?![\w.])"
)
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
# Keys by which Rasa knows its own files (DESIGN: it takes any file with such a line).
RASA_KEYS = re.compile(r"^(nlu|responses|stories|rules|intents|slots|forms|actions):", re.MULTILINE)
RASA_FOLDERS = ("nlu", "rules", "stories", "faq")


def files() -> list[Path]:
    found = [path for path in ROOT.glob("*") if path.suffix in TEXT_FILES]
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in TEXT_FILES and not PASSED_OVER & set(path.parts):
                found.append(path)
    return found


def is_fictional(area: str, exchange: str, line: str) -> bool:
    """555-0100 to 555-0199 in any area, and Twilio's magic +1 500 555 numbers."""
    return (exchange == "555" and line.startswith("01")) or (area == "500" and exchange == "555")


def test_no_real_looking_phone_number_is_in_the_repository():
    found = set()
    for path in files():
        for match in NUMBER.finditer(path.read_text(encoding="utf-8", errors="ignore")):
            digits = "".join(match.groups())
            if not is_fictional(*match.groups()) and digits not in PUBLIC_NUMBERS:
                found.add(f"{path.relative_to(ROOT)}: {match.group()}")
    assert found == set()


def test_no_real_looking_address_is_in_the_repository():
    found = set()
    for path in files():
        for match in ADDRESS.finditer(path.read_text(encoding="utf-8", errors="ignore")):
            host = match.group(1)
            if not re.search(
                r"(^|\.)example(\.(org|com|net))?$|\.(test|invalid|localhost)$|^127\.", host
            ):
                found.add(f"{path.relative_to(ROOT)}: {match.group()}")
    assert found == set()


def test_the_numbers_test_sees_a_real_looking_number():
    # Put together here, so that this file does not hold it.
    assert not is_fictional(*NUMBER.search("call " + "212-867-" + "5309").groups())
    assert is_fictional(*NUMBER.search("+12025550111").groups())


def test_rasa_takes_no_file_of_ours_for_its_own():
    found = [
        str(path.relative_to(ROOT))
        for path in DATA.rglob("*.yml")
        if path.relative_to(DATA).parts[0] not in RASA_FOLDERS
        and RASA_KEYS.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def examples(path: Path) -> set[str]:
    """Its examples without what typing adds: capitals, accents, marks, spaces."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    found = set()
    for entry in content.get("nlu", []) if isinstance(content, dict) else []:
        for line in str(entry.get("examples", "")).splitlines():
            found.add(folded(re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", line.removeprefix("- "))))
    return found - {""}


@pytest.mark.parametrize("name", ["held_out", "noisy", "out_of_scope"])
def test_no_training_example_is_in_what_the_model_is_tested_with(name):
    """Not even a short one, or one that only lacks its accents: the figures would be too good."""
    tested = examples(ROOT / "tests" / "nlu" / f"{name}.yml")
    assert len(tested) > 20
    shared = set()
    for folder in ("nlu", "faq"):
        for path in (DATA / folder).glob("*.yml"):
            shared |= {f"{path.name}: {text}" for text in examples(path) & tested}
    assert shared == set()


def test_nothing_speaks_of_how_it_was_made():
    wrong = re.compile("/wo" + "rk/|/tm" + "p/brief|sub" + "agent")
    found = [
        str(path.relative_to(ROOT))
        for path in files()
        if wrong.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
