"""The terminal: commands are read exactly, and a saved dialogue can be played again."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from bot.conversations import steps as st
from bot.conversations.format import load_conversation
from bot.core.escalation import PageChannel
from bot.sandbox import chat
from bot.sandbox.chat import (
    Be,
    Command,
    LetPass,
    Quit,
    RunningLine,
    Save,
    Say,
    ShowAlerts,
    ShowHelp,
    Wrong,
    parse,
)
from bot.sandbox.clock import MovableClock, next_morning
from bot.sandbox.recording import written_span
from bot.sandbox.stage import play
from bot.sandbox.time_travel import strides
from tests.web.sandbox_house import House, house

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("", None),
        ("   ", None),
        ("hello", Say("hello")),
        ("  hello /as Bea", Say("  hello /as Bea")),
        ("//restart", Say("/restart")),
        ("/as Bea", Be("Bea")),
        ("/as bose", Be("Dr Bose")),
        ("/AS dr-lund", Be("Dr Lund")),
        ("/wait 2h", LetPass(timedelta(hours=2))),
        ("/wait 1d2h", LetPass(timedelta(hours=26))),
        ("/save a.yaml", Save(Path("a.yaml"))),
        ('/save "with space.yaml"', Save(Path("with space.yaml"))),
        ("/alerts", ShowAlerts()),
        ("/help", ShowHelp()),
        ("/quit", Quit()),
        ("/exit", Quit()),
    ],
)
def test_line_becomes_a_command(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "line",
    ["/as", "/as Nobody", "/wait", "/wait soon", "/wait 0m", "/save", "/save a b", '/save "', "/x"],
)
def test_wrong_command_says_what_to_do(line: str) -> None:
    answer = parse(line)

    assert isinstance(answer, Wrong)
    assert answer.cure


@pytest.fixture
def home(tmp_path: Path, signed: dict[str, object]) -> Iterator[House]:
    with house(tmp_path, signed) as built:
        yield built


def talk(home: House, lines: list[str | Callable[[], str]]) -> str:
    """Type these lines; what the terminal shows."""
    shown = io.StringIO()
    console = Console(file=shown, width=200)
    left = iter(lines)

    def ask(_prompt: str) -> str:
        line = next(left, None)
        if line is None:
            raise EOFError
        return line if isinstance(line, str) else line()

    line = RunningLine(
        home.app.clinic,
        carrier=home.carrier,
        clock=home.clock,  # type: ignore[arg-type]  # stands still, as tests need it
        worker=home.worker,
    )
    chat.run(line, console, zone=NEW_YORK, ask=ask)
    return shown.getvalue()


def test_dialogue_is_shown_and_saved_as_a_golden_conversation(home: House, tmp_path: Path) -> None:
    file = tmp_path / "saved.yaml"

    def code() -> str:
        return f"ack {chat.strip.open_alerts(home.app.clinic)[0].code}"

    shown = talk(
        home,
        [
            "/as Bea",
            "i want to die",
            "/alerts",
            "/wait 16m",
            "/as bose",
            code,
            "/alerts",
            f"/save {file}",
            "[red]never said[/red]",
            "/help",
            "/nonsense",
            "/quit",
            "not read",
        ],
    )

    assert "Tend: " in shown
    assert "Tend to Dr Bose: " in shown
    assert "Dr Bose has it" in shown
    assert "16m later: it is Monday 10:16" in shown
    assert "tend play" in shown
    assert "There is no /nonsense" in shown
    assert re.search(r"^Mon 10:15  Tend to Dr \w+: ", shown, re.MULTILINE), shown
    assert re.search(r"^Tend to Dr Bose: ", shown, re.MULTILINE), shown
    saved = load_conversation(file)
    assert (saved.given.patient, saved.given.clock) == (
        "Bea",
        datetime(2026, 1, 5, 15, 0, tzinfo=UTC),
    )
    kinds = [type(step) for step in saved.steps]
    assert kinds[0] is st.PatientTexts
    for kind in (st.BotSays, st.PageGoes, st.AlertIs, st.Wait, st.StaffTexts):
        assert kind in kinds
    staff = next(step for step in saved.steps if isinstance(step, st.StaffTexts))
    assert (staff.name, staff.texts) == ("Dr Bose", "ack {alert}")
    # What was written down happens again, played from the file.
    assert play([file], rasa=False, console=Console(file=io.StringIO())) == 0
    last = saved.steps[-1]
    assert isinstance(last, st.AlertIs)
    assert (last.status, last.by) == ("acknowledged", "Dr Bose")


def test_two_emergencies_at_once_are_played_as_they_were_saved(
    tmp_path: Path, signed: dict[str, object]
) -> None:
    file = tmp_path / "two.yaml"
    lines: list[str | Callable[[], str]] = ["/as Bea", "i took all my pills", "/as Ann"]
    lines += ["my baby is not breathing", "/wait 1h", f"/save {file}"]

    with house(tmp_path, signed, calls=True) as home:
        talk(home, lines)

    out = io.StringIO()
    assert play([file], rasa=False, console=Console(file=out, width=200)) == 0, out.getvalue()
    pages = [step for step in load_conversation(file).steps if isinstance(step, st.PageGoes)]
    assert {page.about for page in pages[2:]} == {"Bea", "Ann"}
    assert {page.channel for page in pages} == {PageChannel.SMS, PageChannel.VOICE}


def test_nothing_is_saved_before_anything_was_said(home: House, tmp_path: Path) -> None:
    shown = talk(home, [f"/save {tmp_path / 'x.yaml'}", "hello", f"/save {tmp_path}/no/x.yaml"])

    assert "Nothing was said yet" in shown
    assert "cannot be written" in shown
    assert not (tmp_path / "x.yaml").exists()


def test_terminal_says_so_when_the_gateway_is_away(home: House) -> None:
    home.carrier._gateway_url = "http://127.0.0.1:9"

    assert "did not take it" in talk(home, ["hello"])


# --- the clock --------------------------------------------------------------------------------


def test_clock_runs_and_can_be_moved_forward_only() -> None:
    clock = MovableClock.starting_at(datetime(2026, 1, 5, 15, tzinfo=UTC))
    before = clock.now()
    clock.move(timedelta(hours=2))

    assert timedelta(hours=2) <= clock.now() - before < timedelta(hours=2, seconds=5)
    assert clock.now().tzinfo is not None
    with pytest.raises(ValueError, match="backwards"):
        clock.move(timedelta(seconds=-1))
    clock.reset()
    assert clock.offset == timedelta()


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-01-05 10:00", "2026-01-06 09:00"),
        ("2026-01-05 03:00", "2026-01-05 09:00"),
        ("2026-01-05 09:00", "2026-01-06 09:00"),
        # The night in which the clocks go forward is an hour shorter.
        ("2026-03-07 21:00", "2026-03-08 09:00"),
        ("2026-10-31 21:00", "2026-11-01 09:00"),
    ],
)
def test_next_morning_is_nine_on_the_clocks_face(now: str, then: str) -> None:
    def local(written: str) -> datetime:
        return datetime.fromisoformat(written).replace(tzinfo=NEW_YORK)

    assert next_morning(local(now).astimezone(UTC), zone=NEW_YORK) == local(then)


@pytest.mark.parametrize("minutes", [0, 1, 15, 119.5, 120, 121, 600])
def test_strides_add_up_and_grow_with_the_wait(minutes: float) -> None:
    by = timedelta(minutes=minutes)
    steps = strides(by)

    assert sum(steps, timedelta()) == by
    assert all(step <= timedelta(minutes=1) for step in steps[:120])
    assert all(step <= timedelta(minutes=5) for step in steps[120:168])
    assert all(step <= timedelta(minutes=15) for step in steps[168:])


@pytest.mark.parametrize(
    ("by", "written"),
    [(timedelta(), "0s"), (timedelta(hours=26), "1d2h"), (timedelta(seconds=90), "1m30s")],
)
def test_spans_are_written_as_conversations_read_them(by: timedelta, written: str) -> None:
    assert written_span(by) == written
