"""Training makes the same classifier every time, of files that a clinic can read and mend."""

import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from bot.content.classifier import load_lesson
from bot.core.languages import Language
from bot.core.levels import Level
from bot.crisis import model_files
from bot.crisis.model import Guess
from bot.crisis.ngrams import ngrams
from bot.crisis.screening import Context, Screener
from bot.errors import ConfigError
from bot.training import crisis_fit
from bot.training.crisis import fingerprint_of, see, train_crisis

ROOT = Path(__file__).parents[2]
QUIET = Console(quiet=True)

LESSON = """version: 1
approver: demo
danger:
  - {label: gone, class: suicide, examples: [gone], guess: page, soft_reply: crisis_ask}
  - {label: dropped, class: infant_emergency, examples: [dropped], guess: page, soft_reply: crisis_infant, soft_level: urgent}
near: {examples: [sad], weight: 0.1}
harmless: {examples: [plain], weight: 2}
false_alarms: {ask: 20, page: 10}
"""  # noqa: E501
WHO = ("i", "we", "my sister", "the neighbor", "mom", "dad", "her friend", "he")
SETS = {
    "gone": ("{} wrapped every zorple for afterwards", "{} left the blimf to the kids for good"),
    "dropped": ("{} saw the quax turn grey", "{} cannot wake the quax"),
    "sad": ("{} cried over dinner again", "{} felt low all day"),
    "plain": (
        "{} bought bread",
        "{} will be late for lunch",
        "{} watched the game",
        "{} has a cold",
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a few invented texts."""
    shutil.copytree(ROOT / "data" / "crisis", tmp_path / "data" / "crisis")
    crisis = tmp_path / "data" / "crisis"
    shutil.rmtree(crisis / "examples")
    (crisis / "examples").mkdir()
    (crisis / "classifier.yml").write_text(LESSON, encoding="utf-8")
    for name, shapes in SETS.items():
        lines = [f"{shape.format(who)} {n}" for shape in shapes for who in WHO for n in range(5)]
        path = crisis / "examples" / f"{name}.en.txt"
        path.write_text("# invented\n" + "\n".join(lines) + "\n", encoding="utf-8")
    for folder in ("core", "crisis", "training"):
        shutil.copytree(ROOT / "bot" / folder, tmp_path / "bot" / folder)
    return tmp_path


def test_what_it_learned_is_found_and_the_rest_left_alone(project: Path, screener: Screener):
    model = model_files.load(train_crisis(project, console=QUIET).card)
    screener = Screener.sharing_patterns(screener, model=model)
    english = Context(Language.ENGLISH)

    gone = screener.screen("my aunt left the blimf to the kids for good", english)
    dropped = screener.screen("they cannot wake the quax", english)
    harmless = screener.screen("my aunt will be late", english)

    assert gone.level is Level.URGENT
    assert dropped.level is Level.EMERGENCY
    assert harmless.quiet


def test_a_text_is_read_as_it_was_when_the_readers_learned(project: Path, screener: Screener):
    lesson = load_lesson(project / "data" / "crisis")
    seen = see(lesson, screener, project / "models", advance=lambda _: None)
    fitted = crisis_fit.fit(lesson, seen)
    model = model_files.load(train_crisis(project, console=QUIET).card)
    text = lesson.examples[0].text

    votes = model.by_wording(*ngrams(text, screener.tokens(text)))

    rare = crisis_fit.counted_by(fitted.rarity, seen.wording[:1])
    assert votes == pytest.approx(
        (rare @ fitted.wording.weights + fitted.wording.bias)[0], abs=0.02
    )


def test_nothing_is_done_when_nothing_has_changed_and_the_same_is_made_again(project: Path):
    first = train_crisis(project, console=QUIET)
    numbers = first.card.with_suffix(".npz").read_bytes()

    assert not train_crisis(project, console=QUIET).is_new
    again = train_crisis(project, console=QUIET, force=True)

    assert again.card == first.card
    assert again.card.with_suffix(".npz").read_bytes() == numbers


def test_another_text_makes_another_model(project: Path):
    before = fingerprint_of(project)
    with (project / "data" / "crisis" / "examples" / "gone.en.txt").open("a") as file:
        file.write("they folded the zorple away\n")

    assert fingerprint_of(project) != before


def test_the_card_tells_people_what_they_need(project: Path):
    card = json.loads(train_crisis(project, console=QUIET).card.read_text())

    assert card["examples"] == {"dropped.en": 80, "gone.en": 80, "plain.en": 160, "sad.en": 80}
    assert card["cross_validated"]["gone.en"]["n"] == 80
    assert card["thresholds"].keys() == {"ask", "page", "look", "doubt", "agree"}
    assert "scikit-learn" in card["versions"]
    assert card["kinds"]["gone"]["taken_for"] == {"gone": 80, "dropped": 0}


def test_spanish_counts_as_much_more_as_the_file_says_and_moves_no_threshold(project: Path):
    file = project / "data" / "crisis" / "classifier.yml"
    before = json.loads(train_crisis(project, console=QUIET).card.read_text())
    file.write_text(file.read_text() + "more_for_spanish: 1.5\n")
    after = json.loads(train_crisis(project, console=QUIET).card.read_text())

    assert (before["trust"]["spanish"], after["trust"]["spanish"]) == (0.0, 1.5)
    assert after["thresholds"] == before["thresholds"]  # no text of this lesson is Spanish


def test_a_kind_with_few_examples_is_told_apart_from_one_with_many(project: Path):
    few = project / "data" / "crisis" / "examples" / "dropped.en.txt"
    few.write_text("\n".join(few.read_text(encoding="utf-8").splitlines()[:25]), encoding="utf-8")

    card = json.loads(train_crisis(project, console=QUIET).card.read_text())

    assert card["kinds"]["dropped"]["taken_for"]["gone"] == 0


def write(project: Path, name: str, lines: str) -> None:
    (project / "data" / "crisis" / "examples" / name).write_text(lines, encoding="utf-8")


def test_the_same_words_cannot_be_danger_and_harmless(project: Path):
    write(project, "plain.es.txt", "Compré  pan\n")
    write(project, "gone.es.txt", "compre pan\n")

    with pytest.raises(ConfigError, match=r"plain\.es\.txt:1: .* Keep it in one"):
        load_lesson(project / "data" / "crisis")


@pytest.mark.parametrize("name", ["unheard.en.txt", "gone.fr.txt", "gone.txt"])
def test_a_file_of_no_set_is_refused(project: Path, name: str):
    write(project, name, "text\n")

    with pytest.raises(ConfigError, match="no set of this name"):
        load_lesson(project / "data" / "crisis")


def test_too_few_examples_are_refused(project: Path):
    write(project, "gone.en.txt", "one\ntwo\n")

    with pytest.raises(ConfigError, match=r"2 texts for gone; at least 20"):
        train_crisis(project, console=QUIET)


def test_the_shipped_lesson_is_sound():
    lesson = load_lesson(ROOT / "data" / "crisis")

    assert len(lesson.examples) > 10_000
    assert {e.language for e in lesson.examples} == set(Language)
    # The baby is never asked about in writing (clinic rules, "The safety question").
    about_baby = [label for label in lesson.labels if "baby" in label.name]
    assert [label.soft_reply for label in about_baby] == ["crisis_intrusive"]
    assert {label.guess for label in lesson.labels} == set(Guess)
