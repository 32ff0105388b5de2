"""A whole sandbox for tests: real gateway, real page, real HTTP; only the dialogue is a fake."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot import gateway
from bot.bootstrap import App
from bot.core.escalation import PageChannel
from bot.ports import Reply
from bot.processes import Server
from bot.sandbox.carrier import Carrier
from bot.sandbox.page import Hooks, Sandbox
from bot.services.clinic import Clinic
from bot.settings import load_settings
from bot.sms.sandbox import SandboxProvider
from bot.sms.sandbox_voice import SandboxVoice
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.worker import Worker
from tests.conftest import KEYS
from tests.world import FakeDialogue, number_of

# A Monday in winter, ten in the morning in New York.
MONDAY_10 = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


class StandingClock:
    """A movable clock that does not run by itself, so that tests are the same every time."""

    def __init__(self, time: datetime) -> None:
        self._start = self.time = time

    @property
    def offset(self) -> timedelta:
        return self.time - self._start

    def now(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by

    def reset(self, offset: timedelta = timedelta()) -> None:
        self.time = self._start + offset


class Late:
    """An ASGI application that is put in after its server has found a port."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


@dataclass
class House:
    """Everything that runs, and a browser of sorts."""

    app: App
    carrier: Carrier
    clock: StandingClock
    worker: Worker
    sandbox: Sandbox
    dialogue: FakeDialogue
    url: str
    rasa: list[bool] = field(default_factory=list)

    def settle(self) -> None:
        self.sandbox.travel.settle()

    def browser(self) -> httpx.Client:
        """A client that has the page's cookie and token."""
        client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        page = client.get("/").text
        token = page.split('data-token="', 1)[1].split('"', 1)[0]
        client.headers.update({"x-csrftoken": token, "accept": "application/json"})
        return client

    def on_phone(self, name: str) -> list[str]:
        return [text.body for text in self.carrier.messages(number_of(name))]

    def move(self, client: httpx.Client, by: str) -> None:
        """Press a button of the clock and wait until it stands."""
        assert client.post("/clock", data={"by": by}).status_code == 200
        self.sandbox.travel.wait()


@contextmanager
def house(tmp_path: Path, signed: dict[str, object], *, calls: bool = False) -> Iterator[House]:
    """Build it, and tear it down.

    :param calls: staff are paged by phone calls, too.
    """
    db = Database(f"sqlite:///{tmp_path / 'sandbox.db'}", Vault(KEYS))
    schema.upgrade(db.engine)
    clinic = Clinic(db=db, **signed)  # type: ignore[arg-type]  # as read by ``signed``
    outside, page = Late(), Late()
    gateway_server = Server(outside, host="127.0.0.1", port=0, name="gateway").start()
    page_server = Server(page, host="127.0.0.1", port=0, name="sandbox").start()
    clock = StandingClock(MONDAY_10)
    dialogue = FakeDialogue(says=[Reply("utter_greet")])
    url = f"http://127.0.0.1:{page_server.port}"
    settings = load_settings(sandbox_port=page_server.port, gateway_port=gateway_server.port)
    secret = settings.sandbox_secret.get_secret_value()
    provider = SandboxProvider(url, secret=secret, now=clock.now)
    voice = SandboxVoice(url, secret=secret, now=clock.now) if calls else None
    channels = {PageChannel.VOICE: voice} if voice else {}
    app = App(settings, clock, clinic, provider, dialogue, voice, channels)
    worker = Worker(app)
    carrier = Carrier(f"http://127.0.0.1:{gateway_server.port}", secret, clock.now)
    rasa: list[bool] = []
    sandbox = Sandbox(
        app,
        carrier,
        clock,  # type: ignore[arg-type]  # stands still, as tests need it
        worker,
        hooks=Hooks(turn_rasa=rasa.append),
    )
    outside.app, page.app = gateway.build(app), sandbox.asgi()
    try:
        yield House(app, carrier, clock, worker, sandbox, dialogue, url, rasa)
    finally:
        sandbox.close()
        page_server.stop()
        carrier.close()
        gateway_server.stop()
        app.close()
