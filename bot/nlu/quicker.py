"""Makes Rasa start and answer sooner, and changes nothing of what it does. Import it before Rasa.

skops, which reads the classifier's file, looks up hundreds of functions in every module that is
loaded when it is imported: 12 s of processor time once TensorFlow is there, less than one before.
"""

from typing import Any

import skops.io  # noqa: F401  # early, see above


def check_answers_with_one_validator() -> None:
    """Check each action's answer as Rasa does, without checking Rasa's own schema every time.

    The schema takes 60 ms of processor time, twice a turn; an answer takes 2.
    """
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)
    as_rasa_does = RemoteAction._validate_action_result

    def validate(action: RemoteAction, result: dict[str, Any]) -> bool:
        # What is wrong is for Rasa to say.
        return validator.is_valid(result) or as_rasa_does(action, result)

    RemoteAction._validate_action_result = validate


def load_encoder() -> None:
    """Have the encoder at hand before the first text comes, which would wait seconds for it."""
    from bot.nlu.sentence_vectors import is_real_word, vectors

    vectors(["hello"])
    is_real_word("hello")
