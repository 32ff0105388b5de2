"""Checks the dialogue model on disk and the environment in which Rasa runs."""

import json
from collections.abc import Iterator

from bot.content.live_model import live_model, live_name
from bot.crisis import model_files
from bot.doctor.findings import Finding, State, Surroundings, shown
from bot.errors import ConfigError
from bot.rasa_process import rasa_python
from bot.training import one_at_a_time
from bot.training.crisis import fingerprint_of as crisis_fingerprint
from bot.training.one_at_a_time import Kind
from bot.training.train import card_of, fingerprint_of

_TRAIN = "Run `make train`."
_RUNNING = "A training is running here: wait until it is ready, and look again."


def environment(around: Surroundings) -> Iterator[Finding]:
    """Is Rasa's own environment there?"""
    name = "Rasa's environment"
    if not around.rasa_is_here:
        sentence = f"Rasa runs at {shown(around.settings.rasa_url)}, not on this host."
        yield Finding(name, State.OK, sentence)
        return
    python = rasa_python(around.project)
    if not any(python.parent.parent.glob("lib/python3.10/site-packages/rasa/__init__.py")):
        sentence = f"{python.parent.parent}: Rasa is not in it. Run `make clean setup`."
        yield Finding(name, State.WRONG, sentence)
        return
    yield Finding(name, State.OK, "Python 3.10 with Rasa is there.")


def trained(around: Surroundings) -> Iterator[Finding]:
    """Is there a model, and was it trained on the data as it is now?"""
    name, models = "dialogue model", around.settings.models_dir
    cure = _cure(around, Kind.DIALOGUE)
    try:
        model = live_model(models)
    except ConfigError as error:
        if not around.rasa_is_here:
            yield Finding(name, State.OK, "None on this host; Rasa's host has its own.")
            return
        yield Finding(name, State.WRONG, str(error).replace(_TRAIN, cure))
        return
    try:
        card = json.loads(card_of(model).read_text(encoding="utf-8"))
        fingerprint = card["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        sentence = f"{model.name} has no card, so nobody knows what it learned. {cure}"
        yield Finding(name, State.WRONG, sentence)
        return
    if fingerprint != fingerprint_of(around.project):
        if live_name(models) is not None:
            cure = "What was taught since goes live with a promotion: see the page Models."
        sentence = f"{model.name} was trained on other data than data/ holds now. {cure}"
        yield Finding(name, State.WARNING, sentence)
        return
    yield Finding(name, State.OK, f"{model.name} was trained on the data as it is now.")


def crisis_classifier(around: Surroundings) -> Iterator[Finding]:
    """Is there a classifier beside the patterns, and does it know the data as it is now?"""
    name, models = "crisis classifier", around.settings.models_dir
    cure = _cure(around, Kind.CRISIS)
    card = model_files.newest(models)
    if card is None:
        sentence = f"{models}: no crisis classifier, so danger is found by patterns alone. {cure}"
        yield Finding(name, State.WRONG, sentence)
        return
    try:
        model = model_files.load(card)
    except ConfigError as error:
        yield Finding(name, State.WRONG, str(error))
        return
    if model.fingerprint != crisis_fingerprint(around.project):
        sentence = f"{card.stem} was trained on other data than data/crisis holds now. {cure}"
        yield Finding(name, State.WARNING, sentence)
        return
    yield Finding(name, State.OK, f"{card.stem} was trained on the data as it is now.")


def _cure(around: Surroundings, kind: Kind) -> str:
    running = one_at_a_time.is_running(around.settings.models_dir, kind)
    return _RUNNING if running else _TRAIN
