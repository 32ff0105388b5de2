"""Reading examples, scoring, and what training refuses."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.content.yaml_files import plain, read
from bot.core.languages import Language
from bot.errors import ConfigError
from bot.nlu.noise import roughen
from bot.rasa_process import environment, rasa_python
from bot.training import cross_validate, offline
from bot.training.evaluate import evaluate_nlu, read_with_model, read_with_server, wrongly_read
from bot.training.examples import Example, intents_of, language_of, load_files, load_project
from bot.training.labelled_files import check_labelled, unknown_intents
from bot.training.scores import Reading, by_language, macro_f1, report
from bot.training.train import (
    TrainedModel,
    TrainingFailed,
    contents,
    fingerprint_of,
    train,
    validate,
)
from tests.rasa.conftest import ROOT, TOKEN, RasaProcess

EN, ES = Language.ENGLISH, Language.SPANISH
QUIET = Console(quiet=True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how much does it cost", EN),
        ("cuanto cuesta", ES),
        ("i cant sleep", EN),
        ("no puedo dormir y mi bebe tampoco", ES),
        ("¿Qué hago?", ES),
        ("menu", EN),
        ("side effects?", EN),
        ("efectos secundarios", ES),
        ("me duele la cabeza", ES),
        ("gracias", ES),
        ("ok thx", EN),
        ("my mom habla español nada mas", ES),
    ],
)
def test_language_of_a_text(text: str, language: Language) -> None:
    assert language_of(text) == language


def test_stated_language_wins_over_the_guess(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  metadata: {language: es}\n'
        "  examples: |\n    - hello\n    - hey\n"
    )

    assert load_files([file]) == [Example("hello", "greet", ES), Example("hey", "greet", ES)]


def test_file_that_is_no_nlu_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("- hello\n")

    with pytest.raises(ConfigError, match=r"a\.yml:1"):
        load_files([file])


HEAD = 'version: "3.1"\nnlu:\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            HEAD + "- intent: greet\n  exampels: |\n    - hi\n",
            ":4: there is no 'exampels' here. Did",
        ),
        (HEAD + "- intnet: greet\n  examples: |\n    - hi\n", ":3: there is no 'intnet' here. Did"),
        (HEAD + "- intent: greet\n  examples: |\n", ":3: this entry has no 'examples:'. Add it."),
        (HEAD + "- greet\n", ":3: this is no entry."),
        (
            HEAD + "- intent: greet\n  metadata: es\n  examples:\n  - txt: hi\n",
            ":6: this example has no 'text:'. Add it.",
        ),
        (
            HEAD + "- intent: greet\n  metadata: {language: fr}\n  examples: |\n    - hi\n",
            ":3: language 'fr'; known are en, es.",
        ),
        ('version: "3.1"\nnul: []\n', ":2: there is no 'nul' here. Did you mean 'nlu'?"),
        (HEAD, ":2: there are no texts under 'nlu:'."),
        ("- hello\n", ":1: not in Rasa's NLU format."),
    ],
)
def test_a_file_to_measure_with_is_refused_when_a_text_would_not_be_counted(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(content)

    with pytest.raises(ConfigError, match=re.escape(f"{file}{said}")):
        evaluate_nlu(ROOT, [file], console=QUIET)


def test_our_own_files_to_measure_with_name_only_what_there_is() -> None:
    files = sorted((ROOT / "tests" / "nlu").glob("*.yml"))

    assert files
    check_labelled(files)
    assert unknown_intents(files, intents=intents_of(ROOT / "data")) == []


def test_a_file_of_somebody_elses_is_measured_and_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "theirs.yml"
    file.write_text(HEAD + "- intent: gret\n  examples: |\n    - hi\n")

    check_labelled([file])

    [sentence] = unknown_intents([file], intents=["greet", "goodbye"])
    assert sentence.startswith(f"{file}:3: there is no intent 'gret'")
    assert sentence.endswith("Did you mean 'greet'?")


def test_what_was_read_wrongly_is_listed_with_its_line_and_words_only_on_request(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(
        f"{HEAD}- intent: greet\n  examples: |\n    - hi you\n    - so long\n"
        "- intent: out_of_scope\n  examples:\n  - text: |\n      who won\n  - text: is it wet\n"
    )
    examples = load_files([file])
    found = ("greet", "goodbye", "nlu_fallback", "greet")
    readings = [
        Reading(one.intent, intent, 0.5, EN) for one, intent in zip(examples, found, strict=True)
    ]

    wrong = wrongly_read(examples, readings, show_texts=False)

    assert wrong == [
        {"place": f"{file}:6", "expected": "greet", "got": "goodbye"},
        {"place": f"{file}:11", "expected": "out_of_scope", "got": "greet"},
    ]
    shown = wrongly_read(examples, readings, show_texts=True)
    assert [one["text"] for one in shown] == ["so long", "is it wet"]


def test_training_says_what_the_doctor_says_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path)
    broken = tmp_path / "data" / "nlu" / "mine.yml"
    broken.parent.mkdir(parents=True)
    broken.write_text("nlu: [\n")
    with pytest.raises(ConfigError) as doctor_said:
        read(broken)

    for act in (
        lambda: train(tmp_path, console=QUIET, out=tmp_path),
        lambda: validate(tmp_path, console=QUIET),
    ):
        with pytest.raises(ConfigError) as said:
            act()
        assert str(said.value) == str(doctor_said.value)
        assert "http" not in str(said.value)


def test_every_intent_has_examples_in_both_languages() -> None:
    counted: dict[tuple[str, Language], int] = {}
    for example in load_project(ROOT):
        key = (example.intent, example.language)
        counted[key] = counted.get(key, 0) + 1
    intents = {intent for intent, _ in counted}
    for intent in intents - {"request_spanish", "request_english"}:
        assert counted.get((intent, EN), 0) >= 15, intent
        assert counted.get((intent, ES), 0) >= 8, intent
    assert sum(counted["out_of_scope", language] for language in Language) >= 150


def test_no_example_teaches_two_intents_or_is_a_command() -> None:
    seen: dict[str, str] = {}
    for example in load_project(ROOT):
        key = example.text.lower()
        assert key not in seen, f"{example.text}: {seen.get(key)} and {example.intent}"
        seen[key] = example.intent
        assert not example.text.startswith("/")
        assert not set("[](){}") & set(example.text), example.text


def reading(expected: str, found: str, *, language: Language = EN) -> Reading:
    return Reading(expected, found, 0.9, language)


def test_rejected_text_counts_as_out_of_scope() -> None:
    scored = report(
        [
            reading("greet", "greet"),
            reading("greet", "nlu_fallback"),
            reading("thank", "out_of_scope"),
            reading("out_of_scope", "nlu_fallback"),
            reading("out_of_scope", "greet"),
        ]
    )

    assert scored.accuracy == pytest.approx(1 / 3)
    assert scored.false_rejection == pytest.approx(2 / 3)
    assert scored.out_of_scope_recall == pytest.approx(1 / 2)


def test_every_intent_counts_the_same_in_macro_f1() -> None:
    readings = [reading("greet", "greet")] * 9 + [reading("thank", "greet")]

    # greet: 2*9 / (9+10); thank: 0
    assert macro_f1(readings) == pytest.approx((18 / 19 + 0) / 2)


def test_languages_are_scored_apart() -> None:
    parts = by_language([reading("greet", "greet"), reading("greet", "thank", language=ES)])

    assert (parts["en"].accuracy, parts["es"].accuracy) == (1.0, 0.0)


def test_threshold_rejects_no_more_than_it_may() -> None:
    readings = [Reading("greet", "greet", number / 100, EN) for number in range(100)]

    threshold = cross_validate.calibrate(readings, false_rejection=0.03)

    left = cross_validate.with_threshold(readings, threshold)
    assert report(left).false_rejection == pytest.approx(0.03)


def test_threshold_is_nothing_when_the_model_itself_rejects_too_much() -> None:
    readings = [reading("greet", "out_of_scope")] * 5 + [reading("greet", "greet")] * 5

    assert cross_validate.calibrate(readings, false_rejection=0.03) == 0.0


@given(st.text())
def test_noise_is_the_same_every_time(text: str) -> None:
    assert roughen(text, seed=3) == roughen(text, seed=3)
    assert roughen(text, seed=3).strip()


def test_fingerprint_changes_with_what_decides_the_model_and_with_nothing_else(
    tmp_path: Path,
) -> None:
    project = copy_of_project(tmp_path)
    before = fingerprint_of(project)

    (project / "README.md").write_text("x")
    assert fingerprint_of(project) == before

    (project / "data" / "faq" / "zebra.yml").write_text("x")
    assert fingerprint_of(project) != before


def test_fingerprint_is_the_same_in_another_folder(tmp_path: Path) -> None:
    assert fingerprint_of(copy_of_project(tmp_path)) == fingerprint_of(ROOT)


def test_offline_task_says_why_it_failed() -> None:
    with pytest.raises(ConfigError, match=r"bot\.nlu\.nothing failed: .*No module"):
        offline.run(ROOT, "nothing", [])


def copy_of_project(folder: Path) -> Path:
    """What decides a model, in a folder of its own; Rasa's environment is shared."""
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, folder)
    for name in ("data/nlu", "data/faq", "data/rules", "data/stories", "bot/nlu"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "bot" / "__init__.py").touch()
    (folder / "deploy" / "rasa").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "rasa" / "uv.lock", folder / "deploy" / "rasa")
    (folder / "deploy" / "rasa" / ".venv").symlink_to(ROOT / "deploy" / "rasa" / ".venv")
    return folder


ZEBRA = """\
version: "3.1"
nlu:
- intent: faq_zebra
  examples: |
    - do zebras bite
responses:
  utter_faq_zebra:
  - text: "Ask a zoo."
rules:
- rule: answer faq_zebra
  steps:
  - intent: faq_zebra
  - action: utter_faq_zebra
"""


@pytest.mark.rasa
def test_training_is_refused_when_a_faq_is_missing_from_the_model(
    tmp_path: Path, model: TrainedModel
) -> None:
    project = copy_of_project(tmp_path)
    (project / "data" / "faq" / "zebra.yml").write_text(ZEBRA)

    with pytest.raises(TrainingFailed, match="faq_zebra"):
        contents(project, model.path)


@pytest.mark.rasa
def test_new_faq_is_one_new_file(tmp_path: Path) -> None:
    project = copy_of_project(tmp_path)
    (project / "data" / "faq" / "zebra.yml").write_text(ZEBRA)
    script = (
        "from rasa.shared.importers.importer import TrainingDataImporter as T\n"
        "domain = T.load_from_config('config.yml', 'domain.yml', ['data']).get_domain()\n"
        "print('faq_zebra' in domain.intents, 'utter_faq_zebra' in domain.action_names_or_texts)\n"
    )

    done = subprocess.run(
        [str(rasa_python(project)), "-c", script],
        cwd=project,
        env=environment(""),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["True", "True"], done.stderr[-2000:]


@pytest.mark.rasa
def test_nothing_is_trained_when_nothing_has_changed(model: TrainedModel) -> None:
    again = train(ROOT, console=QUIET)

    assert (again.path, again.is_new) == (model.path, False)
    card = json.loads(model.card.read_text())
    assert card["fingerprint"] == fingerprint_of(ROOT)
    assert card["faqs"] == len(list((ROOT / "data" / "faq").glob("*.yml")))


@pytest.mark.rasa
def test_model_and_server_read_the_same(model: TrainedModel, rasa: RasaProcess) -> None:
    examples = load_project(ROOT)[::400]

    offline_readings = read_with_model(ROOT, model.path, examples)
    online_readings = read_with_server(rasa.url, token=TOKEN, examples=examples)

    assert [r.found for r in offline_readings] == [r.found for r in online_readings]
    assert [r.confidence for r in offline_readings] == pytest.approx(
        [r.confidence for r in online_readings], abs=1e-6
    )


@pytest.mark.rasa
def test_text_is_not_scored_when_the_model_was_taught_it(
    tmp_path: Path, model: TrainedModel
) -> None:
    taught = next(example for example in load_project(ROOT) if example.intent == "greet")
    file = tmp_path / "blind.yml"
    file.write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n'
        f"  examples: |\n    - {taught.text.upper()}\n    - oh hello to you all\n"
    )

    figures = evaluate_nlu(ROOT, [file], console=QUIET, model=model.path)["files"][str(file)]

    assert (figures["all"]["texts"], figures["left_out_as_taught"]) == (1, 1)


@pytest.mark.rasa
def test_badly_typed_text_is_read_as_the_tidy_one(rasa: RasaProcess) -> None:
    typed, tidy = "how does the ketmine treatmnt work", "how does the ketamine treatment work"
    asked = [Example(text, "faq_treatment_how", EN) for text in (typed, tidy)]

    first, second = read_with_server(rasa.url, token=TOKEN, examples=asked)

    assert (first.found, first.confidence) == (second.found, second.confidence)


@pytest.mark.rasa
@pytest.mark.timeout(600)
def test_cross_validation_agrees_with_rasa_on_one_fold(tmp_path: Path) -> None:
    examples = some_badly_typed(load_project(ROOT))
    intents = [example.intent for example in examples]
    given = {
        "texts": [example.text for example in examples],
        "intents": intents,
        "config": cross_validate.config_of(ROOT),
        "folds": 5,
        "seed": cross_validate.SEED,
    }
    ours = offline.run(ROOT, "folds", given)
    tested = [index for index, entry in enumerate(ours) if entry["fold"] == 0]
    learned = [example for example, entry in zip(examples, ours, strict=True) if entry["fold"]]
    project = copy_of_project(tmp_path)

    model = rasa_model_of(project, learned)
    readings = read_with_model(project, model, [examples[index] for index in tested])

    threshold = cross_validate.threshold_of(ROOT)
    agreed = sum(
        ours[index]["intent"] == reading.found
        or (reading.found == "nlu_fallback" and ours[index]["confidence"] < threshold)
        for index, reading in zip(tested, readings, strict=True)
    )
    assert agreed == len(tested)
    assert [r.confidence for r in readings] == pytest.approx(
        [ours[index]["confidence"] for index in tested], abs=0.002
    )


def some_badly_typed(project: list[Example]) -> list[Example]:
    """A part of every sixth topic, in both languages, every third text of it as from a phone.

    Rasa learns and reads it in less than half the time of all texts of these topics. What is
    mended and what is rejected is in it.

    A text that is there twice, as roughening may make it, Rasa learns once; here it is taken out.
    """
    by_topic: dict[tuple[str, Language], list[Example]] = {}
    for example in project:
        by_topic.setdefault((example.intent, example.language), []).append(example)
    topics = sorted({intent for intent, _ in by_topic})[::6]
    few = [
        example
        for intent in topics
        for language in (EN, ES)
        for example in by_topic[intent, language][:25]
    ]
    typed = [
        replace(example, text=roughen(example.text, seed=5)) if number % 3 == 0 else example
        for number, example in enumerate(few)
    ]
    return list({(example.text, example.intent): example for example in typed}.values())


# Rasa's command, half of whose time would else go into what bot/nlu/quicker.py says.
SOONER = "import bot.nlu.quicker; from rasa.__main__ import main; main()"


def rasa_model_of(project: Path, examples: list[Example]) -> Path:
    """A model of the intents alone, made by Rasa's own command."""
    config = plain(read(project / "config.yml"))
    config.pop("importers")
    (project / "nlu_config.yml").write_text(json.dumps(config))
    by_intent: dict[str, list[str]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example.text)
    # Rasa takes a file for its own by a line that begins with "nlu:".
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in by_intent.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    (project / "some.yml").write_text("\n".join(lines) + "\n")
    command = [str(rasa_python(project)), "-c", SOONER, "train", "nlu", "--nlu", "some.yml"]
    command += ["-c", "nlu_config.yml", "--out", "out", "--fixed-model-name", "some"]
    subprocess.run(command, cwd=project, env=environment(""), check=True, capture_output=True)
    return next((project / "out").glob("*.tar.gz"))
