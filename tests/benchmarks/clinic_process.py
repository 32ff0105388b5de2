"""The clinic under test: gateways, worker (and actions and Rasa) as processes, as ``tend up``.

Run as ``python -m tests.benchmarks.clinic_process JSON``; see ``Role``. Prints ``ready`` when
gateway and worker are at work, and runs until it is killed.
"""

import json
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import httpx

from bot import apart, bootstrap, gateway, processes
from bot.bootstrap import App
from bot.ports import DialogueEngine, Reply, SmsProvider
from bot.services import turns
from bot.settings import Settings
from bot.sms.twilio import TwilioCredentials, TwilioProvider
from bot.storage.tables import Heartbeat
from bot.worker import Worker
from tests.benchmarks.seeding import settings_for

TWILIO_TOKEN = "benchmark-token"
_RASA_WITHIN = 110.0
_WORKER_WITHIN = 60.0
PUBLIC_URL = "https://bench.example.org"
_SID = "AC" + "0" * 32


@dataclass(frozen=True)
class Role:
    """What this process is to be.

    :param dialogue: ``stub`` answers by itself; ``stand_in`` asks a process that computes in
        Rasa's place; ``down``: Rasa is stopped; ``rasa``: it is started as a child.
    :param provider: ``sandbox`` or ``twilio``.
    :param thinks: how long the stub takes to answer, in seconds.
    :param gateway: with the gateway, or a worker alone.
    :param worker: with the worker, or a gateway alone.
    :param part: empty for the parent; ``gateway`` or ``worker`` for a child of it.
    """

    folder: str
    gateway_port: int
    carrier_port: int
    dialogue: str = "stub"
    provider: str = "sandbox"
    thinks: float = 0.0
    gateway: bool = True
    worker: bool = True
    rasa_port: int = 0
    actions_port: int = 0
    part: str = ""

    def to_json(self) -> str:
        """As handed to the process."""
        return json.dumps(asdict(self))


class StubDialogue:
    """Answers in Rasa's place, and takes check-in answers by the verb that an action would call."""

    def __init__(self, thinks: float) -> None:
        self._thinks = thinks
        self._app: App | None = None

    def bind(self, app: App) -> None:
        """Give it the clinic whose verbs it calls."""
        self._app = app

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """One reply to anything."""
        if self._thinks:
            time.sleep(self._thinks)
        if question_open and self._app is not None:
            turn = turns.Turn(conversation_key, inbound_id, text, intent="")
            now = self._app.clock.now()
            result = turns.run(self._app.clinic, "answer_question", turn, now=now)
            if result.handled:
                asked = turns.run(self._app.clinic, "ask_question", turn, now=now)
                return [*result.replies, *asked.replies]
        return [Reply("utter_greet")]

    def ready(self) -> bool:
        """Always."""
        return True


class StandInDialogue(StubDialogue):
    """Asks a process that computes as long as Rasa, over HTTP, before it answers as the stub."""

    def __init__(self, port: int) -> None:
        super().__init__(0.0)
        self._url = f"http://127.0.0.1:{port}/"
        self._http = httpx.Client(timeout=10, trust_env=False)

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """The stub's reply, as late as Rasa's would be."""
        self._http.post(self._url)
        return super().say(
            conversation_key=conversation_key,
            text=text,
            inbound_id=inbound_id,
            question_open=question_open,
        )


def _twilio() -> SmsProvider:
    """Twilio's real client, whose requests go to a Twilio that accepts everything at once."""
    count = iter(range(10**9))

    def accept(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"sid": f"SM{next(count):032d}"})

    return TwilioProvider(
        _SID,
        credentials=TwilioCredentials(user=_SID, secret=TWILIO_TOKEN),
        primary_token=TWILIO_TOKEN,
        messaging_service_sid="MG" + "0" * 32,
        public_url=PUBLIC_URL,
        receipts_path=bootstrap.RECEIPTS_PATH,
        http=httpx.Client(transport=httpx.MockTransport(accept)),
    )


def _dialogue(role: Role) -> DialogueEngine | None:
    if role.dialogue == "stub":
        return StubDialogue(role.thinks)
    if role.dialogue == "stand_in":
        return StandInDialogue(role.rasa_port)
    # The real client: with Rasa behind it, or, where Rasa is stopped, with nobody behind it.
    return None


def _app(role: Role, settings: Settings) -> App:
    dialogue = _dialogue(role)
    provider = _twilio() if role.provider == "twilio" else None
    app = bootstrap.build(settings, provider=provider, dialogue=dialogue)
    # Two hundred numbers at a hundred texts a second look like machines to the loop guard.
    signed = app.clinic.protocol
    limits = signed.limits_per_number.model_copy(update={"inbound_per_minute": 10_000})
    protocol = signed.model_copy(update={"limits_per_number": limits})
    app = replace(app, clinic=replace(app.clinic, protocol=protocol))
    if isinstance(dialogue, StubDialogue):
        dialogue.bind(app)
    return app


def main() -> None:
    """Run until killed."""
    role = Role(**json.loads(sys.argv[1]))
    settings = settings_for(
        Path(role.folder),
        gateway_port=role.gateway_port,
        sandbox_port=role.carrier_port,
        rasa_url=f"http://127.0.0.1:{role.rasa_port or 5005}",
        actions_port=role.actions_port,
    )
    bootstrap.configure_logging("ERROR")
    app = _app(role, settings)
    if role.part == "worker":
        apart.serve_worker(app, actions=role.dialogue == "rasa")
        return
    if role.part == "gateway":
        apart.serve_gateway(app, int(sys.argv[2]))
        return
    if role.gateway and role.worker:
        _start_all(app, role)
    else:
        _start_one(app, role)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    stopped.wait()
    sys.exit(0)


def _start_all(app: App, role: Role) -> None:
    began = app.clock.now()
    itself = (sys.executable, "-m", "tests.benchmarks.clinic_process")
    parts = processes.Apart(
        gateways=app.settings.gateway_processes,
        worker=[*itself, replace(role, part="worker").to_json()],
        gateway=[*itself, replace(role, part="gateway").to_json()],
    )
    everything = processes.Everything(app, parts)
    everything.start(with_rasa=role.dialogue == "rasa")
    until = time.monotonic() + _WORKER_WITHIN
    while not _worker_since(app, began) and time.monotonic() < until:
        time.sleep(0.05)
    # A Rasa that still loads its model is not what is measured here.
    rasa = everything.rasa
    if rasa is not None and not rasa.wait_until_ready(seconds=_RASA_WITHIN):
        sys.exit("Rasa did not become ready")


def _worker_since(app: App, began: datetime) -> bool:
    with app.clinic.db.reading() as db:
        beat = db.get(Heartbeat, "worker")
        return beat is not None and beat.at >= began


def _start_one(app: App, role: Role) -> None:
    if role.worker:
        Worker(app).start()
    else:
        processes.Server(
            gateway.build(app), host="127.0.0.1", port=role.gateway_port, name="gateway"
        ).start()


if __name__ == "__main__":
    main()
