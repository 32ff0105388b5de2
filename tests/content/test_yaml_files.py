"""What a person reads who made a mistake in a file of ours."""

from datetime import time
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from bot.content import yaml_files
from bot.content.protocol import load_protocol
from bot.content.yaml_files import Strict
from bot.core.levels import Level
from bot.errors import ConfigError
from tests.conftest import DATA


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to write into."""
    return tmp_path / "hours.yml"


def _read(file: Path, text: str) -> object:
    file.write_text(text, encoding="utf-8")
    return yaml_files.plain(yaml_files.read(file))


def _error(file: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        _read(file, text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("2026-11-26", "2026-11-26"),
        ('"5"', "5"),
        ("5", 5),
        ("-5", -5),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("", None),
        ("~", None),
        ("+1 904 555 0100", "+1 904 555 0100"),
        ("555_0100", "555_0100"),
    ],
)
def test_a_word_means_what_a_person_reads(file: Path, written: str, means: object) -> None:
    assert _read(file, f"key: {written}\n") == {"key": means}


def test_a_key_is_a_word_even_where_it_looks_like_a_number(file: Path) -> None:
    assert _read(file, "0: never\n") == {"0": "never"}


def test_an_empty_file_is_nothing(file: Path) -> None:
    assert _read(file, "# only a remark\n") is None


def test_the_line_of_a_place_is_known(file: Path) -> None:
    file.write_text("a: 1\nb:\n  - c: 2\n  - d: 3\n", encoding="utf-8")
    content = yaml_files.read(file)
    assert yaml_files.line_of(content, ("b", 1, "d")) == 4
    # What is missing is looked for where it should be.
    assert yaml_files.line_of(content, ("b", 1, "e")) == 4
    assert yaml_files.line_of(content, ("b", 7)) == 2
    assert yaml_files.line_of(content, ("a", "x")) == 1


def test_a_key_written_twice_is_refused_with_its_line(file: Path) -> None:
    said = _error(file, "open: 9\nclose: 17\nopen: 8\n")
    assert f'{file}:3: not readable as YAML ("open" is there twice)' in said


def test_broken_yaml_is_refused_with_its_line(file: Path) -> None:
    unclosed = _error(file, 'a: 1\nb: "x\nc: 2\n')
    assert f"{file}:4: not readable as YAML" in unclosed
    assert "in what begins on line 2" in unclosed
    assert f"{file}:2: not readable as YAML" in _error(file, "a: 1\n\tb: 2\n")
    assert f"{file}:1: not readable as YAML (a key" in _error(file, "[a, b]: 1\n")


def test_a_character_that_no_text_has_is_refused_with_its_line(file: Path) -> None:
    assert f"{file}:2: not readable as YAML (a character" in _error(file, "a: 1\nb: x\x07y\n")


def test_another_encoding_and_a_missing_file_are_refused(file: Path) -> None:
    file.write_bytes("a: mañana\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="Save it as UTF-8"):
        yaml_files.read(file)
    file.unlink()
    with pytest.raises(ConfigError, match="the file is missing"):
        yaml_files.read(file)


class Hours(Strict):
    """A shape for these tests."""

    version: int = Field(ge=1)
    opens: time
    note: str | None = None


class Clinic(Strict):
    """One shape inside another."""

    days: dict[str, Hours]
    seen: tuple[Annotated[Hours, "a remark"], ...] = ()
    level: Level | None = None


def _wrong(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        yaml_files.load(file, Clinic)
    return list(caught.value.sentences)


def test_a_misspelt_key_is_one_mistake_with_the_key_that_was_meant(file: Path) -> None:
    said = _wrong(file, 'days:\n  monday:\n    opens: "08:00"\n    verson: 1\n')

    assert said == [
        f"{file}:4: days.monday.verson: There is no 'verson' here. Did you mean 'version'?"
    ]


def test_a_key_that_may_be_left_out_is_meant_too(file: Path) -> None:
    said = _wrong(file, 'days: {}\nseen:\n  - version: 1\n    opens: "08:00"\n    not: x\n')

    assert said == [f"{file}:5: seen.0.not: There is no 'not' here. Did you mean 'note'?"]


def test_a_key_that_is_near_to_nothing_is_told_what_there_may_be(file: Path) -> None:
    said = _wrong(file, "days: {}\ncolour: red\n")

    assert said == [
        f"{file}:2: colour: There is no 'colour' here. Remove it; there may be days, seen, level."
    ]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ('version: 1, opens: "25:00"', "opens: '25:00' is no time of day; write it as 08:00"),
        ("opens: 08:00", "version: This is missing. Add it."),
        ("version: many, opens: 08:00", "version: 'many' is no whole number"),
        ("version: 0, opens: 08:00", "version: '0' is too small; at least 1."),
        ("version: 1, opens: 08:00, note: 5", "note: '5' is no text; put it into quotes."),
        ("version: , opens: 08:00", "version: nothing is no whole number"),
    ],
)
def test_a_wrong_value_is_told_with_the_cure(file: Path, hours: str, said: str) -> None:
    (sentence,) = _wrong(file, f"days:\n  monday: {{{hours}}}\n")

    assert f"{file}:2: days.monday.{said}" in sentence


def test_a_word_that_is_not_known_is_told_with_those_that_are(file: Path) -> None:
    (sentence,) = _wrong(file, "days: {}\nlevel: urgnt\n")

    assert f"{file}:2: level: 'urgnt' is not known here; write " in sentence
    assert sentence.endswith("Did you mean 'urgent'?")


def test_nothing_of_the_checker_s_own_words_is_left_in_our_files(file: Path) -> None:
    content = (DATA / "protocol/demo.yml").read_text(encoding="utf-8")
    file.write_text(
        content.replace("within_minutes: 120", "within_minuts: 120").replace(
            'texts_until: "20:00"', 'texts_until: "25:00"'
        ),
        encoding="utf-8",
    )

    with pytest.raises(ConfigError) as caught:
        load_protocol(file)

    misspelt, late = caught.value.sentences
    assert "There is no 'within_minuts' here. Did you mean 'within_minutes'?" in misspelt
    assert "'25:00' is no time of day" in late
