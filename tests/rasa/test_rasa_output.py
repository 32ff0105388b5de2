"""Which lines of Rasa's may be logged; samples are Rasa 3.6's own, with words of hers put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rasa_output import Line, OutputFilter

CANARY = "zebrakanarienvogel"


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            "2026-01-05 09:00:00 INFO     root  - Starting Rasa server on http://127.0.0.1:5005",
            Line("starting", "http://127.0.0.1:5005"),
        ),
        (
            "\x1b[32m2026-01-05 09:00:01 INFO     root  - Rasa server is up and running.\x1b[0m",
            Line("up"),
        ),
        (
            "2026-01-05 09:00:01 ERROR    rasa.core.processor  - Encountered an exception while "
            "running action 'action_help'.Bot will continue, but the actions events are lost. "
            "Please check the logs of your action server for more information.",
            Line("action failed", "action_help"),
        ),
    ],
)
def test_harmless_line_becomes_an_event(line: str, event: Line) -> None:
    assert OutputFilter().read(line) == event


@pytest.mark.parametrize(
    "line",
    [
        f"2026-01-05 09:00:01 [error    ] rest.message.received.timeout text={CANARY}",
        f"2026-01-05 09:00:01 [warning  ] message.parsing.failed user_text=/{CANARY}",
        f'    "text": "{CANARY}",',
        f"ValueError: {CANARY} is no number",
        CANARY,
    ],
)
def test_line_with_words_is_dropped_and_counted(line: str) -> None:
    output = OutputFilter()

    assert output.read(line) is None
    assert output.dropped == 1


@given(words=st.text(min_size=1).filter(lambda text: any(c.isspace() for c in text.strip())))
def test_no_sentence_passes_wherever_it_stands_in_a_line(words: str) -> None:
    for line in (
        words,
        f"Failed to run custom action '{words}'.",
        f"Starting Rasa server on {words}",
        f"Loading model {words}...",
        f"turn failed: {words}",
    ):
        passed = OutputFilter().read(line)
        assert passed is None or words.strip() not in passed.detail
