"""What a person reads who made a mistake in a file of ours."""

from pathlib import Path

import pytest

from bot.content import yaml_files
from bot.errors import ConfigError


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
