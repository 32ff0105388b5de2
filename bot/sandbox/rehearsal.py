"""Rehearses with a candidate what must never go wrong: ``python -m bot.sandbox.rehearsal OUT``.

The model is the live one of ``TEND_MODELS_DIR``: the training desk points that at a folder of the
candidate's own. Golden conversations are played, and every text of the locked safety set goes the
whole way: stored, screened, raised, read by the real Rasa. Nobody real is in it, nothing leaves.
"""

import contextlib
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot import bootstrap
from bot.bootstrap import App
from bot.conversations import cast
from bot.conversations.format import load_conversation
from bot.conversations.player import play
from bot.core.enrolments import QuestionRoute
from bot.core.languages import Language
from bot.core.levels import Level, highest
from bot.core.messages import InboundText, OutboundText
from bot.errors import DialogueUnavailable
from bot.ports import DialogueEngine, Reply
from bot.sandbox.stage import RealStage, Theatre
from bot.sandbox.stage_dialogue import RealRasa
from bot.services import conversations, enrolments, inbound
from bot.settings import PROJECT
from bot.storage import care, people
from bot.storage.tables import Alert, AlertSignal, InboundMessage
from bot.training.test_sets import SafetyText, goldens, held_out, safety_set
from bot.worker import Worker

_MOST_AT_ONCE = 100
_TIMED = 60


class NoCarrier:
    """Takes every text and brings it nowhere."""

    name = "rehearsal"

    def __init__(self) -> None:
        self._count = 0

    def send(self, outbound: OutboundText) -> str:
        """Taken."""
        self._count += 1
        return f"rehearsal-{self._count}"

    def verify(self, request: Any) -> None:
        """Nothing comes in this way."""

    def parse_inbound(self, request: Any) -> Any:
        """Nothing comes in this way."""
        raise NotImplementedError

    def parse_receipt(self, request: Any) -> Any:
        """Nothing comes in this way."""
        raise NotImplementedError


class Timed:
    """An engine with a watch beside it."""

    def __init__(self, engine: DialogueEngine) -> None:
        self._engine = engine
        self.seconds: list[float] = []

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """What the engine says."""
        began = time.monotonic()
        replies = self._engine.say(
            conversation_key=conversation_key,
            text=text,
            inbound_id=inbound_id,
            question_open=question_open,
        )
        self.seconds.append(time.monotonic() - began)
        return replies

    def ready(self) -> bool:
        """Is it ready?"""
        return self._engine.ready()

    def milliseconds(self) -> dict[str, float]:
        """p50 and p95 of a turn."""
        if len(self.seconds) < 2:
            return {}
        cuts = statistics.quantiles(self.seconds, n=20)
        return {"p50": round(1000 * cuts[9], 1), "p95": round(1000 * cuts[18], 1)}


def rehearse(project: Path) -> dict[str, Any]:
    """Everything, with the model that is live in ``TEND_MODELS_DIR``."""
    theatre = Theatre(RealRasa)
    try:
        differences = _play_goldens(theatre, project)
        safety = _try_safety_set(theatre, safety_set(project))
        latency = _time_turns(theatre, project)
    finally:
        theatre.close()
    return {"goldens": differences, "safety": safety, "latency_ms": latency}


def _play_goldens(theatre: Theatre, project: Path) -> dict[str, str]:
    """Those that depend on the model; the difference of each, empty when there is none."""
    found = {}
    for path in goldens(project):
        conversation = load_conversation(path)
        if conversation.needs_rasa:
            difference = play(conversation, RealStage(theatre)).difference
            # A machine that is busy with her texts may be late once; a model is wrong every time.
            found[path.stem] = (
                "" if difference is None else play(conversation, RealStage(theatre)).difference
            ) or ""
    return found


def _time_turns(theatre: Theatre, project: Path) -> dict[str, float]:
    """How long ordinary turns take, one after the other."""
    if theatre.host is None:
        return {}
    theatre.app_for_a_play()
    watch = Timed(theatre.host.engine())
    for number, example in enumerate(next(iter(held_out(project).values()))[:_TIMED]):
        with contextlib.suppress(DialogueUnavailable):
            watch.say(
                conversation_key=f"timed-{number}",
                text=example.text,
                inbound_id=f"timed-{number}",
                question_open=False,
            )
    return watch.milliseconds()


def _try_safety_set(theatre: Theatre, texts: Sequence[SafetyText]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start in range(0, len(texts), _MOST_AT_ONCE):
        app = theatre.app_for_a_play()
        app = replace(app, provider=NoCarrier(), channels={})
        theatre.current = app
        found += try_texts(app, texts[start : start + _MOST_AT_ONCE])
        app.clinic.db.close()
    theatre.current = None
    return found


def try_texts(app: App, texts: Sequence[SafetyText]) -> list[dict[str, Any]]:
    """Let a mother of her own send each text; what was raised about her, in order."""
    now = app.clock.now()
    cast.seed(app.clinic, now=now)
    worker = Worker(app)
    numbers = [f"+1500555{place:04d}" for place in range(len(texts))]
    _enrol(app, numbers, texts)
    for place, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        arrived = InboundText("rehearsal", f"in-{place}", number, cast.OFFICE, text.text)
        received = inbound.receive(app.clinic, arrived, now=now)
        # What is raised stays raised (rule S2): the model is asked about what is not there yet.
        if _reached(_seen(app, number, text), text):
            _need_no_dialogue(app, received.inbound_id)
    while worker.converse():
        continue
    return [_seen(app, number, text) for number, text in zip(numbers, texts, strict=True)]


def _reached(seen: dict[str, Any], text: SafetyText) -> bool:
    """Did the screening alone take it as seriously as it must be taken? Harmless ones may rest."""
    if not text.category:
        return True
    level = seen["level"]
    enough = bool(level) and Level(level).at_least(Level(text.at_least))
    return enough and text.category in seen["categories"]


def _need_no_dialogue(app: App, inbound_id: str) -> None:
    with app.clinic.db.transaction(audited=False) as db:
        db.get_one(InboundMessage, inbound_id).dialogue_status = "done"


def _enrol(app: App, numbers: Sequence[str], texts: Sequence[SafetyText]) -> None:
    now, then = app.clock.now(), app.clock.now() - timedelta(days=40)
    with app.clinic.db.transaction() as db:
        for number, text in zip(numbers, texts, strict=True):
            zone = "America/New_York"
            new = enrolments.NewPatient("Rehearsal", number, Language(text.language), zone)
            patient = enrolments.add_patient(app.clinic, db, new, by="rehearsal", now=then)
            enrolments.admit(db, patient, route=QuestionRoute.TEXT, now=then)
            conversation = care.conversation_of(db, patient.id)
            conversation.automated_notice_at = now
            conversations.close_question(db, conversation, now=then)


def _seen(app: App, number: str, text: SafetyText) -> dict[str, Any]:
    with app.clinic.db.reading() as db:
        mine = Alert.phone_index == people.index_of(db, number)
        levels = [Level(level) for level in db.scalars(select(Alert.level).where(mine))]
        about = select(AlertSignal.category).join(Alert, Alert.id == AlertSignal.alert_id)
        categories = {str(category) for category in db.scalars(about.where(mine))}
    level = highest(levels)
    return {"text": text.text, "level": level or "", "categories": sorted(categories)}


def _end_with_parent() -> None:
    """Whoever asked for the rehearsal is gone: nobody waits for it any more."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Rehearse, and write what was seen to OUT."""
    bootstrap.configure_logging("CRITICAL")
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    found = rehearse(PROJECT)
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
