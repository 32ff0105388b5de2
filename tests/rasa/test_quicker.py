"""Rasa, made quicker, still refuses what is no answer of an action."""

import subprocess
from pathlib import Path

from bot.rasa_process import environment, rasa_python

ROOT = Path(__file__).resolve().parent.parent.parent
_ASK = """
from bot.nlu import quicker
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
quicker.check_answers_with_one_validator()
action = RemoteAction("action_screen", None)
for answer in {answers}:
    try:
        print(action._validate_action_result(answer))
    except ValidationError as error:
        print("refused", "Failed to validate Action server response" in error.message)
"""


_ANSWERS = (
    ({"events": [{"event": "session_started"}], "responses": [{"text": "x"}]}, "True"),
    ({"events": [{"name": "no event"}], "responses": []}, "refused True"),
    ({"events": [], "responses": "x"}, "refused True"),
    ({"events": [{"event": "slot", "name": 3}], "responses": []}, "refused True"),
)


def test_an_answer_is_checked_as_rasa_checks_it() -> None:
    ask = _ASK.replace("{answers}", repr([answer for answer, _ in _ANSWERS]))
    done = subprocess.run(
        [str(rasa_python(ROOT)), "-c", ask],
        cwd=ROOT,
        env=environment(""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [said for _, said in _ANSWERS], done.stderr[-500:]
