"""The command `tend` as the person who runs a clinic's line types it."""

import os
import re
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli import main
from bot.cli.models import beside
from bot.cli.program import moment
from bot.errors import ConfigError, NotAllowed, NotFound
from bot.sandbox import demo
from bot.storage.vault import Keys
from bot.training.progress import nobody
from tests.conftest import DATA

ANN, BOSE, LUND = "+12025550111", "+12025550121", "+12025550122"
# The command line reads the real clock.
TIMES = tuple(f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d 00:00}" for days in (-1, 30))


@pytest.fixture
def tend(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on a database of its own; gives what it printed."""
    monkeypatch.setenv("TEND_DATABASE_URL", f"sqlite:///{tmp_path / 'tend.db'}")
    monkeypatch.setenv("TEND_KEY_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("TEND_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, typed: str = "") -> str:
        result = CliRunner().invoke(main.cli, list(words), input=typed, catch_exceptions=True)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        run.code = result.exit_code  # type: ignore[attr-defined]  # for tests that look at it
        return result.output

    shutil.copy(sqlite_template, tmp_path / "tend.db")
    return run


def test_a_clinic_can_be_set_up_by_hand(tend):
    hired = tend("staff", "add", "Dr Bose", BOSE, "clinician", "--leads")
    staff_id = re.search(r"staff (\w+)", hired).group(1)
    tend("staff", "shift", staff_id, "on_call", *TIMES)
    assert "on_call" in tend("staff", "list")
    assert "invited as patient" in tend("patients", "invite", "Ann", ANN)
    session = re.search(r"session (\w+)", tend("sessions", "add", ANN, "2035-03-10 14:00")).group(1)
    tend("sessions", "move", session, "2035-03-11 14:00")
    tend("sessions", "cancel", session)
    assert "planned" in tend("check-in", ANN, "mood")
    assert "code" in tend("alerts", "list")
    assert "none changed, none missing" in tend("audit", "verify")


def test_an_empty_file_becomes_a_database(tend, tmp_path):
    (tmp_path / "tend.db").unlink()
    tend("db", "upgrade")
    assert tend.code == 0
    hire(tend, "Dr Bose", BOSE)
    assert "Dr Bose" in tend("staff", "list")


def test_a_session_of_an_unknown_number_is_refused(tend):
    with pytest.raises(NotFound):
        tend("sessions", "add", "+12025550198", "2035-03-10 14:00")


def test_a_check_in_for_an_unknown_number_is_refused(tend):
    with pytest.raises(NotFound):
        tend("check-in", "+12025550198", "mood")


def test_a_time_that_nobody_can_read_is_refused_with_an_example(tend):
    tend("patients", "invite", "Ann", ANN)
    with pytest.raises(ConfigError, match="2026-03-10"):
        tend("sessions", "add", ANN, "blarg")


def test_a_shift_that_ends_before_it_starts_is_refused(tend):
    staff_id = re.search(r"staff (\w+)", tend("staff", "add", "Sam", BOSE, "support")).group(1)
    with pytest.raises(NotAllowed, match="end after"):
        tend("staff", "shift", staff_id, "on_call", *reversed(TIMES))


def test_a_time_that_the_clocks_skip_is_refused(tend):
    bose = hire(tend, "Dr Bose", BOSE)
    for command in ("shift", "swap"):
        with pytest.raises(NotAllowed, match="clocks go forward"):
            tend("staff", command, bose, "on_call", "2035-03-11 02:30", "2035-03-11 08:00")


def test_a_time_that_comes_twice_means_the_first():
    """As in the console."""
    first = moment("2035-11-04 01:30", "America/New_York")
    assert first == datetime(2035, 11, 4, 5, 30, tzinfo=UTC)
    assert moment("2035-11-04 01:30 EST", "America/New_York") == first + timedelta(hours=1)


def hire(tend, name: str, phone: str) -> str:
    return re.search(r"staff (\w+)", tend("staff", "add", name, phone, "clinician")).group(1)


def test_a_shift_that_takes_a_duty_from_somebody_asks_first(tend):
    bose, lund = hire(tend, "Dr Bose", BOSE), hire(tend, "Dr Lund", LUND)
    tend("staff", "shift", bose, "on_call", *TIMES)
    asked = tend("staff", "shift", lund, "on_call", *TIMES, typed="n\n")
    assert "Dr Bose is then no longer on call" in asked
    assert on_duty(tend) == "Dr Bose"
    tend("staff", "shift", lund, "on_call", *TIMES, typed="y\n")
    assert on_duty(tend) == "Dr Lund"


@pytest.mark.parametrize("how", [("shift", "--sure"), ("swap",)])
def test_who_says_that_she_is_sure_is_told_and_not_asked(tend, how):
    bose, lund = hire(tend, "Dr Bose", BOSE), hire(tend, "Dr Lund", LUND)
    tend("staff", "shift", bose, "on_call", *TIMES)
    command, *sure = how
    said = tend("staff", command, lund, "on_call", *TIMES, *sure)
    assert "Dr Bose is then no longer on call" in said
    assert "in the rota" in said


def test_a_duty_of_somebody_who_cannot_be_paged_is_refused(tend):
    sam = re.search(r"staff (\w+)", tend("staff", "add", "Sam", BOSE, "support")).group(1)
    with pytest.raises(NotAllowed, match="Only a clinician"):
        tend("staff", "swap", sam, "on_call", *TIMES)


@pytest.mark.parametrize(
    ("name", "phone", "said"),
    [
        ("", BOSE, "Write a name"),
        ("Dr Q", "abc", "with its country"),
        ("Dr Q", "+12025550100", "practice's own"),
    ],
    ids=["no name", "no number", "the practice"],
)
def test_somebody_who_cannot_be_paged_is_not_added(tend, name, phone, said):
    with pytest.raises(NotAllowed, match=said):
        tend("staff", "add", name, phone, "clinician")


@pytest.mark.parametrize(
    ("starts", "zone"), [("9999-12-31 23:00", "America/New_York"), (TIMES[0], "Mars/Olympus")]
)
def test_a_time_or_zone_that_cannot_be_is_a_sentence(tend, starts, zone):
    bose = hire(tend, "Dr Bose", BOSE)
    with pytest.raises(ConfigError, match=r"too far|no time zone"):
        tend("staff", "swap", bose, "on_call", starts, "9999-12-31 23:59", "--zone", zone)


def on_duty(tend) -> str:
    [line] = [line for line in tend("staff", "list").splitlines() if "on_call" in line]
    return "Dr Bose" if "Dr Bose" in line else "Dr Lund"


def test_an_alert_that_is_not_there_cannot_be_resolved(tend):
    with pytest.raises(NotFound, match="K7"):
        tend("alerts", "resolve", "K7", "reached_safe", "bose", "--note", "Spoke with her.")


def test_a_second_key_file_is_never_made_over_the_first(tend, tmp_path):
    (tmp_path / "keys.json").unlink(missing_ok=True)
    tend("keys", "create")
    with pytest.raises(ConfigError, match="rotate"):
        tend("keys", "create")


def test_rotating_seals_everything_anew_and_pruning_drops_the_old_key(tend, tmp_path):
    tend("patients", "invite", "Ann", ANN)
    before = Keys.from_json((tmp_path / "keys.json").read_text(), where="test")
    tend("keys", "rotate")
    tend("keys", "prune")
    after = Keys.from_json((tmp_path / "keys.json").read_text(), where="test")
    assert set(before.data) == {"k1"}
    assert set(after.data) == {"k2"}
    assert "audit" not in tend("staff", "list")  # still opens, and lists nobody


def test_the_fallback_names_988_and_911(tend):
    twiml = tend("deploy", "fallback")
    assert twiml.startswith("<?xml")
    assert "988" in twiml
    assert "911" in twiml


def test_files_can_be_checked_without_any_process(tend):
    assert "crisis patterns" in tend("doctor", "--files")


def test_generated_pages_are_fresh(tend):
    tend("docs", "--check")
    assert tend.code == 0


def test_what_is_trained_beside_and_fails_says_why_after_the_block():
    done = []
    with (
        pytest.raises(ConfigError, match="No such command 'nothing'"),
        beside("nothing", at=nobody),
    ):
        done.append("the block")
    assert done == ["the block"]


def test_what_is_trained_beside_ends_when_the_block_fails():
    with pytest.raises(ZeroDivisionError), beside("nothing", at=nobody):
        raise ZeroDivisionError


def test_our_own_errors_are_one_sentence_and_exit_2(tend, monkeypatch, capsys):
    monkeypatch.setattr(
        "sys.argv", ["tend", "alerts", "resolve", "K7", "false_alarm", "bose", "--note", "x"]
    )
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "tend: no open alert K7\n"


def test_a_wrong_setting_stops_with_its_name_and_a_cure(tend, monkeypatch):
    monkeypatch.setenv("TEND_LOG_LEVEL", "loud")
    with pytest.raises(ConfigError, match=r"TEND_LOG_LEVEL.*DEBUG"):
        tend("alerts", "list")
    monkeypatch.delenv("TEND_LOG_LEVEL")
    monkeypatch.setenv("TEND_GATEWAY_PORT", "seventy")
    with pytest.raises(ConfigError, match=r"TEND_GATEWAY_PORT.*docs/reference/settings.md"):
        tend("alerts", "list")


def test_the_twilio_provider_needs_its_credentials(tend, monkeypatch):
    monkeypatch.setenv("TEND_SMS_PROVIDER", "twilio")
    with pytest.raises(ConfigError, match="TEND_TWILIO_ACCOUNT_SID"):
        tend("alerts", "list")


def test_production_refuses_the_sandbox(tend, monkeypatch):
    monkeypatch.setenv("TEND_PRODUCTION", "true")
    with pytest.raises(ConfigError, match="sandbox"):
        tend("alerts", "list")


def test_a_model_can_be_scored_on_any_file(tend, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        "bot.training.evaluate.evaluate_nlu",
        lambda project, files, *, console, **options: asked.update(files=files, **options),
    )
    tend("evaluate", "nlu", "--input", "tests/nlu/noisy.yml", "--json")
    files = [Path("tests/nlu/noisy.yml")]
    assert asked == {"files": files, "as_json": True, "show_texts": False}


@pytest.mark.parametrize("url", ["foo", "mysql://hush@host/db", "postgresql://u:hush@host/db", ""])
def test_an_address_that_is_no_database_is_a_sentence_without_the_address(tend, monkeypatch, url):
    monkeypatch.setenv("TEND_DATABASE_URL", url)
    with pytest.raises(ConfigError, match=r"TEND_DATABASE_URL: .*postgresql\+psycopg") as said:
        tend("alerts", "list")
    assert "hush" not in str(said.value)


def test_a_database_that_is_away_is_a_sentence(tend, monkeypatch, capsys):
    monkeypatch.setenv("TEND_DATABASE_URL", "postgresql+psycopg://u:hush@127.0.0.1:1/db")
    monkeypatch.setattr("sys.argv", ["tend", "alerts", "list"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("tend: ")
    assert "TEND_DATABASE_URL" in said
    assert "hush" not in said


def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(tend, monkeypatch):
    monkeypatch.setenv("TEND_DATBASE_URL", "sqlite:////srv/tend.db")
    with pytest.raises(ConfigError, match=r"TEND_DATBASE_URL.*mean TEND_DATABASE_URL"):
        tend("alerts", "list")


def test_a_misspelt_setting_in_the_file_is_named_too(tend, monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("TEND_PROTOKOL_FILE=ours.yml\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"TEND_PROTOKOL_FILE.*TEND_PROTOCOL_FILE"):
        tend("alerts", "list")


def test_what_the_files_of_a_deployment_read_is_no_misspelt_setting(tend, monkeypatch):
    monkeypatch.setenv("TEND_PUBLIC_HOST", "sms.example.org")
    tend("alerts", "list")


def test_validating_and_training_read_the_data_that_the_settings_name(tend, monkeypatch, tmp_path):
    ours = tmp_path / "clinic"
    shutil.copytree(DATA, ours)
    (ours / "nlu" / "ours.yml").write_text("nlu: []\n")
    monkeypatch.setenv("TEND_DATA_DIR", str(ours))
    monkeypatch.setenv("TEND_MODELS_DIR", str(tmp_path / "models"))
    seen = {}

    def look(project, **more):
        seen[(project / "data" / "nlu" / "ours.yml").is_file()] = more.get("out")
        assert (project / "domain.yml").is_file()
        assert (project / "deploy").is_dir()
        return SimpleNamespace(path=tmp_path / "models" / "tend-1.tar.gz", is_new=False)

    for name in ("train.validate", "train.train", "crisis.train_crisis"):
        monkeypatch.setattr(f"bot.training.{name}", look)
    for words in (["validate"], ["train", "dialogue"], ["train", "crisis"]):
        tend(*words)
    assert list(seen) == [True]
    assert seen[True] == tmp_path / "models"


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("runs", [True, False])
def test_what_runs_must_be_restarted_to_use_a_model_that_is_really_new(
    tend, monkeypatch, tmp_path, is_new, runs
):
    made = SimpleNamespace(path=tmp_path / "models" / "tend-1.tar.gz", is_new=is_new)
    for name in ("train.train", "crisis.train_crisis"):
        monkeypatch.setattr(f"bot.training.{name}", lambda *_, **__: made)
    with socket.create_server(("127.0.0.1", 0)) as gateway:
        port = gateway.getsockname()[1]
        if not runs:
            gateway.close()
        monkeypatch.setenv("TEND_GATEWAY_PORT", str(port))
        said = tend("train", "dialogue"), tend("train", "crisis")

    told = is_new and runs
    assert ("restart it, or promote tend-1 in the console" in " ".join(said[0].split())) is told
    assert ("restart it." in " ".join(said[1].split())) is told


def test_a_data_folder_that_is_not_there_is_a_sentence(tend, monkeypatch, tmp_path):
    monkeypatch.setenv("TEND_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="TEND_DATA_DIR"):
        tend("validate")


PORTS = ("SANDBOX", "GATEWAY", "ACTIONS", "CONSOLE")


@pytest.mark.parametrize("taken", PORTS)
def test_a_demo_whose_port_is_taken_says_so_before_it_says_that_it_starts(monkeypatch, taken):
    for name in PORTS:
        monkeypatch.setenv(f"TEND_{name}_PORT", "0")
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv(f"TEND_{taken}_PORT", str(other.getsockname()[1]))
        result = CliRunner().invoke(main.cli, ["demo"])

    assert f"set TEND_{taken}_PORT to another one" in str(result.exception)
    assert "Starting" not in result.output


@pytest.mark.parametrize("command", ["chat", "demo"])
def test_a_wrong_setting_is_told_before_a_sandbox_says_that_it_starts(monkeypatch, command):
    monkeypatch.setenv("TEND_SANDBOX_PORT", "many")

    result = CliRunner().invoke(main.cli, [command])

    assert "TEND_SANDBOX_PORT: must be a number" in str(result.exception)
    assert "Starting" not in result.output


@pytest.mark.parametrize(("command", "runs"), [("chat", "chat"), ("demo", "run")])
def test_a_sandbox_says_that_it_starts_before_it_does(tend, monkeypatch, command, runs):
    def start(*, console, **_more):
        console.print("started")

    monkeypatch.setattr(f"bot.sandbox.demo.{runs}", start)
    for name in PORTS:
        monkeypatch.setenv(f"TEND_{name}_PORT", "0")

    said = tend(command)

    assert said.index("Starting") < said.index("half a minute") < said.index("started")


def test_a_sandbox_that_could_not_tidy_up_is_forgotten_at_the_next_start(tmp_path):
    gone, running, starting = (
        demo._hold_folder(
            demo._settings(0).model_copy(
                update={"database_url": f"sqlite:///{tmp_path / f'sandbox-{number}' / 'tend.db'}"}
            )
        )
        for number in (1, 2, 3)
    )
    gone.close()  # as when its process was killed
    starting.close()  # it made the file, and holds it in a moment
    (tmp_path / "sandbox-1" / "tend.db").touch()
    for number in (1, 2):
        os.utime(tmp_path / f"sandbox-{number}" / "running.lock", (0, 0))

    demo.forget_those_that_are_gone(tmp_path, now=datetime.now(UTC))

    assert sorted(left.name for left in tmp_path.iterdir()) == ["sandbox-2", "sandbox-3"]
    running.close()


def test_a_second_demo_does_not_empty_the_folder_of_the_first(tmp_path):
    settings = demo._settings(0).model_copy(
        update={"database_url": f"sqlite:///{tmp_path / 'sandbox' / 'tend.db'}"}
    )
    with (
        demo._hold_folder(settings),
        pytest.raises(ConfigError, match=r"sandbox: another demo runs on this folder"),
    ):
        demo.start(settings, console=Console(quiet=True))
    demo._hold_folder(settings).close()
