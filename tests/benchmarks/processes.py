"""Starts and stops the processes of a benchmark, and makes the plans of what is posted."""

import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.conversations.cast import OFFICE
from bot.sms.sandbox import SIGNATURE, sign
from bot.sms.twilio_webhooks import read_form
from tests.benchmarks.clinic_process import PUBLIC_URL, TWILIO_TOKEN, Role
from tests.benchmarks.corpus import ROOT

SECRET = "tend-local-sandbox"
INBOUND = "/sms/inbound"
_READY_WITHIN = 120.0


@dataclass(frozen=True)
class Post:
    """One text that somebody sends.

    :param offset: seconds after the start.
    :param kind: what it is an example of; the figures are split by it.
    """

    offset: float
    id: str
    kind: str
    number: str
    body: str


def steady(
    texts: Sequence[tuple[str, str, str]], *, per_second: float, prefix: str, seed: int = 1
) -> list[Post]:
    """Texts as they come from many people: at this mean rate, at random moments.

    :param texts: each ``(kind, number, body)``.
    """
    chance, at, posts = random.Random(seed), 0.0, []
    for number, (kind, phone, body) in enumerate(texts):
        at += chance.expovariate(per_second)
        posts.append(Post(at, f"{prefix}-{number}", kind, phone, body))
    return posts


def _sandbox_request(post: Post) -> dict[str, Any]:
    content = {
        "id": post.id,
        "from": post.number,
        "to": OFFICE,
        "body": post.body,
        "media_count": 0,
        "opt_out_type": None,
    }
    body = json.dumps(content)
    now = datetime.now(UTC)
    header = sign(SECRET, path=INBOUND, body=body.encode(), now=now)
    return {"body": body, "headers": {SIGNATURE: header, "content-type": "application/json"}}


def _twilio_request(post: Post) -> dict[str, Any]:
    form = {
        "MessageSid": post.id,
        "From": post.number,
        "To": OFFICE,
        "Body": post.body,
        "NumMedia": "0",
        "NumSegments": "1",
        "AccountSid": "AC" + "0" * 32,
        "MessagingServiceSid": "MG" + "0" * 32,
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "FromCountry": "US",
        "FromCity": "",
    }
    body = urlencode(form)
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(
        PUBLIC_URL + INBOUND, read_form(body.encode())
    )
    return {
        "body": body,
        "headers": {
            "x-twilio-signature": signature,
            "content-type": "application/x-www-form-urlencoded",
        },
    }


SIGNED = {"sandbox": _sandbox_request, "twilio": _twilio_request}


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Bench:
    """The processes of one benchmark and the folder they live in; all ended at its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateway_port, self.carrier_port = free_port(), free_port()
        self.rasa_port, self.actions_port = free_port(), free_port()
        self.gateway_url = f"http://127.0.0.1:{self.gateway_port}"
        self._log = folder / "handed_over.jsonl"
        self._errors = (folder / "errors.log").open("a", encoding="utf-8")
        self._children: list[subprocess.Popen[str]] = []

    def spawn(self, module: str, *arguments: str, alone: bool = False) -> subprocess.Popen[str]:
        """A child of ours, found by its module.

        :param alone: at the head of a group of its own, so that it can be killed with its children.
        """
        child = subprocess.Popen(
            [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=alone,
        )
        self._children.append(child)
        return child

    def carrier(self, *, takes: float = 0.0) -> None:
        """Start the carrier, and wait until it takes texts."""
        arguments = [str(self.carrier_port), self.gateway_url, str(self._log), SECRET, str(takes)]
        self.spawn("carrier_process", *arguments)
        self._until_open(self.carrier_port, "the carrier")

    def _until_open(self, port: int, name: str) -> None:
        until = time.monotonic() + _READY_WITHIN
        while time.monotonic() < until:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"{name} did not start")

    def stand_in(self) -> None:
        """Start the process that computes in Rasa's place."""
        self.spawn("rasa_stand_in", str(self.rasa_port))
        self._until_open(self.rasa_port, "the stand-in for Rasa")

    def clinic(self, *, wait: bool = True, **role: Any) -> subprocess.Popen[str]:
        """Start the clinic, and wait until it is ready.

        :raises RuntimeError: it ended instead; its last words are in the message.
        """
        given = Role(
            folder=str(self.folder),
            gateway_port=self.gateway_port,
            carrier_port=self.carrier_port,
            rasa_port=self.rasa_port,
            actions_port=self.actions_port,
            **role,
        )
        child = self.spawn("clinic_process", given.to_json(), alone=True)
        if wait:
            assert child.stdout is not None  # piped above
            if child.stdout.readline() != "ready\n":
                raise RuntimeError("the clinic did not start: " + self.last_error())
        return child

    def load(self, posts: Sequence[Post], *, provider: str = "sandbox", retries: int = 0) -> "Load":
        """Begin to post."""
        plan, out = self.folder / "plan.jsonl", self.folder / "posted.jsonl"
        out.unlink(missing_ok=True)
        lines = []
        for post in sorted(posts, key=lambda post: post.offset):
            request = SIGNED[provider](post)
            about = {"id": post.id, "kind": post.kind, "offset": post.offset}
            lines.append(json.dumps({**about, **request, "path": INBOUND, "expect": 200}))
        plan.write_text("\n".join(lines), encoding="utf-8")
        child = self.spawn("load_process", str(plan), self.gateway_url, str(out), str(retries))
        return Load(child, out)

    def handed_over(self) -> list[dict[str, Any]]:
        """Every text that the carrier was given so far."""
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text().splitlines() if line]

    def wait_until_quiet(self, *, still: float = 3.0, longest: float = 120.0) -> None:
        """Wait until the carrier has been given nothing new for a while."""
        until, seen, since = time.monotonic() + longest, -1, time.monotonic()
        while time.monotonic() < until and time.monotonic() - since < still:
            now = len(self.handed_over())
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.2)

    def answers(self, path: str) -> bool:
        """Does the gateway answer this path at this moment?"""
        try:
            return httpx.get(self.gateway_url + path, timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def last_error(self) -> str:
        """The last line that any child wrote on standard error."""
        self._errors.flush()
        lines = (self.folder / "errors.log").read_text(encoding="utf-8").strip().splitlines()
        return lines[-1] if lines else "no word"

    def end(self) -> None:
        """End every child; those that do not listen are killed."""
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        for child in self._children:
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._errors.close()


@dataclass(frozen=True)
class Load:
    """Posting that is going on."""

    child: subprocess.Popen[str]
    out: Path

    def wait(self) -> list[dict[str, Any]]:
        """What became of every text.

        :raises RuntimeError: the poster itself failed.
        """
        if self.child.wait(timeout=900) != 0:
            raise RuntimeError("the load generator failed")
        return [json.loads(line) for line in self.out.read_text().splitlines()]


@contextmanager
def bench() -> Iterator[Bench]:
    """A folder and processes of their own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tend-bench-") as folder:
        running = Bench(Path(folder))
        try:
            yield running
        finally:
            running.end()
