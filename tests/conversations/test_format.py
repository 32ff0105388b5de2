"""A golden conversation is read strictly; what is wrong is named with line and cure."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.conversations import steps as st
from bot.conversations.format import STRANGER, load_conversation, parse_moment, parse_span
from bot.core.levels import Category, Level
from bot.errors import ConfigError

GIVEN = "given:\n  patient: Ann\n  clock: 2026-01-05 10:00 America/New_York\nsteps:\n"


def load(tmp_path: Path, text: str) -> st.Conversation:
    path = tmp_path / "golden.yaml"
    path.write_text(text, encoding="utf-8")
    return load_conversation(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    return str(error.value).removeprefix(f"{tmp_path}/")


def test_every_kind_of_step_is_read_with_its_line(tmp_path):
    golden = load(
        tmp_path,
        GIVEN
        + """\
  - patient: 2
  - patient: {text: hi, media: 1, id: a, opt_out: STOP, from: Mallory}
  - staff: {name: Dr Bose, texts: "ACK {alert}"}
  - bot: {text: utter_greet, within: 5s, contains: "988", lacks: x, language: es, to: Sam}
  - bot: {}
  - no_bot
  - no_bot: true
  - alert: {level: same-day, category: suicide, status: open, by: Dr Bose, about: Bea}
  - no_alert: true
  - page: {to: on_call, channel: sms, within: 1m}
  - page: Dr Lund
  - no_page: true
  - wait: 2h
  - clock: 2026-01-05 23:40 America/New_York
  - rasa: restart
  - carrier: {refuses: Bea, because: opted_out}
  - resolve: {by: Dr Bose, disposition: false_alarm}
  - suppressed: {text: reminder_day_before, because: opted_out}
  - support: call_back
""",
    )
    first, second, *_ = golden.steps
    assert first == st.PatientTexts(5, "2")
    assert second.sender == "Mallory"  # type: ignore[union-attr]
    assert [step.line for step in golden.steps] == list(range(5, 24))
    assert golden.steps[7] == st.AlertIs(
        12, Level.SAME_DAY, Category.SUICIDE, "open", "Dr Bose", "Bea"
    )
    assert golden.steps[10] == st.PageGoes(15, to="Dr Lund")


def test_given_is_read_when_all_of_it_is_there(tmp_path):
    golden = load(
        tmp_path,
        """\
about: all of it
needs: rasa
given:
  unknown: true
  clock: 2026-01-05 23:40 America/New_York
  rasa: down
  check_in: {instrument: phq9, answered: [0, skip, 2]}
  session: +26h
  planned: mood
  no_one_on_call: true
  shift_ends: +3m
  second_alert: Ann
steps:
  - no_bot
""",
    )
    given = golden.given
    assert golden.needs_rasa
    assert given.patient == STRANGER
    assert given.clock == datetime(2026, 1, 6, 4, 40, tzinfo=UTC)
    assert given.check_in == st.CheckInGiven("phq9", ("0", "skip", "2"))
    assert given.session == timedelta(hours=26)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GIVEN + "  - patiens: hi\n", "golden.yaml:5: 'patiens' is no step."),
        (GIVEN + "  - patient: hi\n    bot: x\n", "golden.yaml:5: A step is one of"),
        (GIVEN + "  - patient: true\n", "golden.yaml:5: A text is needed here"),
        (GIVEN + "  - patient: {media: 1}\n", "golden.yaml:5: 'text' is missing"),
        (GIVEN + "  - bot: {txt: a}\n", "golden.yaml:5: 'txt' is unknown here. Use text,"),
        (GIVEN + "  - no_bot\n  - wait: long\n", "golden.yaml:6: 'long' is no length of time"),
        (GIVEN + "  - alert:\n      level: red\n", "golden.yaml:6: 'red' is none of: watch"),
        (GIVEN + "  - no_page: false\n", "golden.yaml:5: Write it as no_page: true."),
        (GIVEN + "  - staff: ACK\n", "golden.yaml:5: staff needs a map with name, texts."),
        (GIVEN + "  - page: {to: nobody}\n", "golden.yaml:5: 'nobody' is not in the cast."),
        (GIVEN + "  - clock: tomorrow\n", "golden.yaml:5: 'tomorrow' is no moment."),
        (GIVEN.replace("Ann", "Zoe") + "  - no_bot\n", "golden.yaml:2: 'Zoe' is not in the cast"),
        ("given: {patient: Ann}\nsteps: [no_bot]\n", "golden.yaml:1: 'clock' is missing"),
        (GIVEN + "", "golden.yaml:4: steps is a list"),
        ("needs: luck\n" + GIVEN + "  - no_bot\n", "golden.yaml:1: Only 'rasa' can be needed."),
        (
            GIVEN.replace("  patient: Ann\n", "") + "  - no_bot\n",
            "golden.yaml:1: Say who texts, once",
        ),
    ],
)
def test_it_is_refused_with_line_and_cure_when_something_is_wrong(tmp_path, text, said):
    assert refusal(tmp_path, text).startswith(said)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90s", 90), ("5m", 300), ("+26h", 93_600), ("1d2h", 93_600), ("+0m", 0)],
)
def test_a_length_of_time_is_read_as_people_write_it(written, seconds):
    assert parse_span(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["", "5", "h", "2h5x", "-5m"])
def test_a_length_of_time_is_refused_when_it_is_none(written):
    with pytest.raises(ValueError, match="no length of time"):
        parse_span(written)


def test_a_moment_is_on_the_clock_of_its_place_when_summer_has_begun():
    assert parse_moment("2026-03-08 09:00 America/New_York") == datetime(
        2026, 3, 8, 13, 0, tzinfo=UTC
    )
