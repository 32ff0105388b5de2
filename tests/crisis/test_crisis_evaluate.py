"""The evaluation counts what matters, gives reasons, and carries no words unless asked to."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli import main
from bot.crisis import kinds
from bot.crisis.evaluate import Row, evaluate, quantile, wilson
from bot.crisis.screening import Screener
from bot.errors import ConfigError
from bot.training.crisis_evaluation import evaluate_crisis, read_rows
from tests.conftest import ROOT

FILE = """text,kind,id
i want to die,si_active,a1
see you tomorrow,si_active,a2
i cant do this anymore,implicit,a3
i cry all day,distress,a4
i want to kill myself,idiom,a5
dinner at six?,sms_ham,a6
"""


def test_pages_asks_and_misses_are_counted_for_each_kind(screener: Screener):
    rows = [
        Row("1", "i want to die", "danger"),
        Row("2", "i cant do this anymore", "danger"),
        Row("3", "see you tomorrow", "danger"),
        Row("4", "i cry all day", "sad"),
    ]

    danger, sad = evaluate(screener, rows)

    assert (danger.n, danger.paged, danger.asked, danger.misses) == (3, 1, 1, ("3",))
    assert danger.flagged == pytest.approx(2 / 3)
    assert (sad.paged, sad.asked) == (0, 0)


def test_wilson_gives_the_published_interval():
    low, high = wilson(8, 10)  # 0.490 to 0.943: Agresti and Coull 1998, worked by hand

    assert low == pytest.approx(0.4902, abs=1e-3)
    assert high == pytest.approx(0.9433, abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_quantile_is_one_of_the_values():
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([3.0, 1.0, 2.0], 0.99) == 3.0
    assert quantile([], 0.5) == 0.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_misses_and_false_alarms_are_named_with_the_layers_reasons(screener: Screener, file: Path):
    figures = evaluate_crisis(screener, [file], console=Console(quiet=True))

    (part,) = figures["files"].values()
    assert [miss["id"] for miss in part["misses"]] == ["a2"]
    assert part["misses"][0]["why"] == "no layer raised anything"
    assert [alarm["id"] for alarm in part["false_alarms"]] == ["a5"]
    assert "pattern:suicide" in part["false_alarms"][0]["why"]
    assert figures["latency_ms"]["up to 160 characters"]["n"] == 6


@pytest.mark.parametrize(("shown", "there"), [(False, False), (True, True)])
def test_her_words_are_printed_only_when_asked_for(
    screener: Screener, file: Path, shown: bool, there: bool
):
    console = Console(record=True, width=200, force_terminal=False)

    evaluate_crisis(screener, [file], console=console, show_texts=shown)

    printed = console.export_text()
    assert ("see you tomorrow" in printed) is there
    assert "95 % interval" in printed


def test_json_holds_every_figure(screener: Screener, file: Path):
    console = Console(record=True, width=200, force_terminal=False)

    evaluate_crisis(screener, [file], console=console, as_json=True)

    (part,) = json.loads(console.export_text())["files"].values()
    assert part["kinds"]["si_active"]["paged_share"] == 0.5
    assert part["kinds"]["idiom"]["wanted"] == "not paged"
    assert part["random_only"]["si_active"]["n"] == 2


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (b"words,kind\nhi,idiom\n", "no column 'text'"),
        (b"text,kind,language\nhi,idiom,fr\n", ":2: language 'fr'"),
        ("text,kind\nadi\xf3s,idiom\n".encode("latin-1"), "Save it as UTF-8"),
        (b"", "no column 'text'"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes, cure: str):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=cure):
        read_rows(path)


def test_a_spreadsheets_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path):
    path = tmp_path / "excel.csv"
    path.write_text("\ufefftext,kind\nhi,idiom\n", encoding="utf-8")

    assert [row.text for row in read_rows(path)] == ["hi"]


def test_what_was_taught_is_left_out_word_for_word_and_in_long_pieces(
    screener: Screener, file: Path
):
    long = "the baby slept and i made soup for dinner and then we slept too"
    file.write_text(f"text,kind\nI want to DIE!,si_active\nso {long} tonight,sms_ham\nhi,sms_ham\n")

    figures = evaluate_crisis(
        screener, [file], taught=["i want to die", f"{long} yesterday"], console=Console(quiet=True)
    )

    (part,) = figures["files"].values()
    assert part["left_out_as_taught"] == 2
    assert part["kinds"].keys() == {"sms_ham"}


@pytest.fixture
def mislabelled(tmp_path: Path) -> Path:
    """Danger under names that Tend does not know."""
    path = tmp_path / "own.csv"
    path.write_text(
        "text,kind,id\ndinner at six?,benign,b1\ni want to die,plain,p1\n"
        "i want to kill myself,plain,p2\ni want to die now,si_activ,p3\n",
        encoding="utf-8",
    )
    return path


def test_a_kind_that_is_not_known_is_told_loudly_before_the_table(
    screener: Screener, mislabelled: Path
):
    console = Console(record=True, width=200, force_terminal=False)

    evaluate_crisis(screener, [mislabelled], console=console)

    printed = console.export_text()
    before, _, table = printed.partition("95 % interval")
    assert f"{mislabelled}:3: the kind 'plain' is not known (2 texts)" in before
    assert f"{mislabelled}:5: the kind 'si_activ' is not known (1 text)" in before
    assert "Did you mean 'si_active'?" in before
    assert "paged: si_active, si_passive" in before
    assert "neither (kind not known, taken as harmless)" in table
    assert "false alarm p1 (plain, kind not known, taken as harmless)" in table
    assert "'benign' is not known" not in printed


def test_json_stays_json_and_says_which_kind_is_not_known(
    screener: Screener, mislabelled: Path, capsys: pytest.CaptureFixture[str]
):
    console = Console(record=True, width=200, force_terminal=False)

    evaluate_crisis(screener, [mislabelled], console=console, as_json=True)

    written = json.loads(console.export_text())
    (part,) = written["files"].values()
    assert part["kinds"]["plain"]["note"] == "kind not known, taken as harmless"
    assert part["kinds"]["plain"]["wanted"] == "neither"
    assert "note" not in part["kinds"]["benign"]
    assert {alarm["note"] for alarm in part["false_alarms"]} == {kinds.NOT_KNOWN}
    assert "'plain' is not known" in written["warnings"][0]
    assert "'plain' is not known" in capsys.readouterr().err


def test_every_kind_of_our_own_texts_is_known():
    files = sorted((ROOT / "tests" / "crisis").rglob("*.csv"))

    assert files
    assert {row.kind for file in files for row in read_rows(file)} <= {
        kind for named in kinds.KINDS.values() for kind in named
    }


def test_help_and_the_how_to_name_every_kind_with_what_is_wanted_of_it():
    page = (ROOT / "docs/how-to/go-live.md").read_text(encoding="utf-8")
    shown = (
        CliRunner()
        .invoke(main.cli, ["evaluate", "crisis", "--help"], env={"COLUMNS": "300"})
        .output
    )

    for wanted, named in kinds.KINDS.items():
        assert f"| {wanted} | {', '.join(named)} |" in page
        for kind in named:
            assert kind in shown
