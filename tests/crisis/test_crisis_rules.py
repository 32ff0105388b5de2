"""What a clinician may write in the crisis files, and what she is told when it cannot be read."""

import gc
import shutil
import time
from pathlib import Path

import pytest

from bot.content.crisis import check_examples, load_crisis
from bot.core.levels import Category, Level
from bot.crisis.pattern_lines import PatternError, parse
from bot.crisis.rules import CrisisRules
from bot.crisis.word_table import WordTable
from bot.errors import ConfigError
from tests.crisis.conftest import FOLDER

REPLIES = {
    "", "crisis_suicide", "crisis_self_harm", "crisis_baby", "crisis_intrusive", "crisis_others",
    "crisis_psychosis", "crisis_infant", "crisis_overdose", "crisis_medical", "crisis_violence",
    "crisis_misuse", "crisis_loss", "crisis_ask", "crisis_shaken", "crisis_infant_ill",
    "crisis_infant_left",    "crisis_violence_unsafe", "crisis_violence_danger",
}  # fmt: skip


def test_every_entry_does_what_its_examples_say(rules: CrisisRules):
    assert check_examples(rules) == []


def test_every_class_has_patterns_in_both_languages(rules: CrisisRules):
    for language in ("en", "es"):
        covered = {p.category for p in rules.patterns if f".{language}.yml" in p.where}
        assert covered == set(rules.classes)


def test_replies_are_the_texts_that_exist(rules: CrisisRules):
    used = {p.reply for p in rules.patterns} | {c.reply for c in rules.classes.values()}

    assert used <= REPLIES


def test_no_softening_silences_thoughts_of_death_or_harm(rules: CrisisRules):
    grave = {
        Category.SUICIDE, Category.SELF_HARM, Category.HARM_BABY, Category.HARM_OTHERS,
        Category.PSYCHOSIS, Category.OVERDOSE,
    }  # fmt: skip
    for category in grave:
        softening = rules.classes[category].negated
        assert softening is not None
        assert softening.level is Level.SAME_DAY
        assert softening.reply


@pytest.mark.timing
def test_rules_load_within_their_budget():
    gc.collect()
    started = time.thread_time()
    load_crisis(FOLDER)

    assert time.thread_time() - started < 1.5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in FOLDER.glob("*.yml"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("patterns.en.yml", "@kill (myself", "@kll (myself", "no set '@kll'"),
        ("patterns.en.yml", "@kill (myself", "@kill (myself (", "brackets"),
        ("patterns.en.yml", "rather|sooner) (die", "rather||sooner) (die", "empty place"),
        ("patterns.en.yml", "      suicid*\n", "      suicid* …3\n", "gap"),
        ("patterns.en.yml", "      suicid*\n", "      [suicid*]\n", "nothing in this line"),
        ("patterns.en.yml", "id: suicide.now", "id: suicide.word", "is taken"),
        ("patterns.en.yml", "class: suicide", "class: suicid", "class"),
        ("patterns.en.yml", "reply: crisis_ask", "reply: hello", "reply"),
        ("words.yml", "  kms = kill myself", "  kms kill myself", "short = long"),
        ("words.yml", "  kms = kill myself", "  kms = a\n  kms = b", "two meanings"),
        ("classes.yml", "level: watch", "level: sometime", "level"),
        ("classes.yml", "category: distress", "category: loss", "twice"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    folder: Path, file: str, old: str, new: str, told: str
):
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    line = content[: content.index(old)].count("\n") + 1

    with pytest.raises(ConfigError, match=told) as caught:
        load_crisis(folder)

    named = int(str(caught.value).removeprefix(f"{path}:").split(":")[0])
    # What is wrong with an entry as a whole is told at the entry: a line or two away at most.
    assert abs(named - line) <= 2


def test_too_few_examples_are_refused(folder: Path):
    path = folder / "patterns.en.yml"
    content = path.read_text(encoding="utf-8")
    path.write_text(
        content.replace("      i want to die\n      honestly", "      honestly", 1).replace(
            "      id rather be dead\n      i hope", "      i hope", 1
        )
    )

    with pytest.raises(ConfigError, match="at least 4 must_match"):
        load_crisis(folder)


def test_a_missing_file_is_named(folder: Path):
    (folder / "words.yml").unlink()

    with pytest.raises(ConfigError, match=r"words\.yml: the file is missing"):
        load_crisis(folder)


def test_an_example_that_fails_is_named_with_its_entry(folder: Path):
    path = folder / "patterns.en.yml"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("      id rather be dead\n", "      nice weather\n", 1))

    problems = check_examples(load_crisis(folder))

    assert len(problems) == 1
    assert "suicide.want_to_die must match 'nice weather'" in problems[0]


@pytest.mark.parametrize("line", ["a ( b", "[a] [b]", "… a", "a|b", "a !", "( )"])
def test_a_line_that_cannot_be_read_is_refused(line: str):
    with pytest.raises(PatternError):
        parse(line, sets={}, words=WordTable())
