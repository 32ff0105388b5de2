"""The gateways and the worker of one machine are processes of their own, and end with the first."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest

from bot import bootstrap, processes
from bot.apart import GATEWAY, WORKER, Child
from bot.settings import PROJECT, load_settings
from bot.sms.sandbox import SIGNATURE, sign
from bot.storage.tables import Heartbeat
from tests.conftest import upgraded
from tests.world import number_of

# Says a byte for every byte it hears.
ECHO = (sys.executable, "-c", "import os\nwhile os.read(0, 1): os.write(1, b'.')")
_WITHIN = 90.0


def until(true, *, seconds: float = _WITHIN) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.fixture
def child():
    heard = threading.Event()
    echo = Child("echo", ECHO, rang=heard.set)
    echo.start()
    yield echo, heard
    echo.stop()


def test_a_child_is_rung_and_rings_back(child):
    echo, heard = child
    echo.ring()
    assert heard.wait(_WITHIN)


def test_a_child_that_dies_is_started_again(child):
    echo, heard = child
    first = echo._process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: echo._process.pid != first)
    heard.clear()
    echo.ring()
    assert heard.wait(_WITHIN)


def test_a_child_ends_when_it_is_stopped_and_is_not_started_again(child):
    echo, _heard = child
    process = echo._process
    echo.stop()
    assert process.poll() == 0
    assert echo._process is process


def test_ringing_a_child_that_is_gone_does_no_harm(child):
    echo, _heard = child
    echo.stop()
    echo.ring()


@pytest.mark.parametrize("command", [WORKER, (*GATEWAY, "0")], ids=["worker", "gateway"])
@pytest.mark.parametrize("after", [0.0, 0.6])
def test_a_part_that_is_still_loading_ends_with_its_parent(command, after, tmp_path):
    """A start that is stopped at once must not leave somebody behind who holds the port."""
    there = {"TEND_DATABASE_URL": f"sqlite:///{tmp_path / 'tend.db'}"}
    part = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, env=os.environ | there)
    time.sleep(after)
    part.stdin.close()
    # By the signal itself: whoever was at work by then would have ended tidily, with 0.
    assert part.wait(_WITHIN) == -signal.SIGTERM


def test_a_worker_that_is_rung_while_it_loads_still_hears_it():
    """The watch takes no byte out of the pipe."""
    script = (
        "import os, time\n"
        "from bot.child import ParentWatch\n"
        "watch = ParentWatch(); watch.start(); time.sleep(0.3); watch.end()\n"
        "os.write(1, os.read(0, 9)); os.read(0, 9)"
    )
    command = [sys.executable, "-c", script]
    part = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    part.stdin.write(b".")
    part.stdin.flush()
    assert os.read(part.stdout.fileno(), 9) == b"."
    part.stdin.close()
    assert part.wait(_WITHIN) == 0


@pytest.fixture
def apart(tmp_path, monkeypatch):
    """All of one machine, as `tend up` starts it, without Rasa."""
    url = f"sqlite:///{tmp_path / 'tend.db'}"
    upgraded(url)
    given = {
        "database_url": url,
        "key_file": str(tmp_path / "keys.json"),
        "gateway_port": str(processes.free_port()),
        "actions_port": str(processes.free_port()),
        "console_port": str(processes.free_port()),
        "log_level": "ERROR",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"TEND_{name.upper()}", value)
    parts = processes.Apart(gateways=2)
    everything = processes.Everything(bootstrap.build(load_settings()), parts)
    everything.start(with_rasa=False)
    yield everything
    everything.stop()


def alive(everything) -> bool:
    with everything.app.clinic.db.reading() as db:
        return db.get(Heartbeat, "worker") is not None


def test_texts_are_taken_in_and_the_worker_is_at_work(apart):
    until(lambda: alive(apart))
    settings = apart.app.settings
    address = f"http://127.0.0.1:{settings.gateway_port}"
    secret, path = settings.sandbox_secret.get_secret_value(), "/sms/inbound"
    for number in range(20):
        # A connection each, so that both gateways get some.
        content = {"id": f"SM{number}", "from": number_of("Mallory"), "body": "hello"}
        body = json.dumps(content).encode()
        headers = {SIGNATURE: sign(secret, path=path, body=body, now=datetime.now(UTC))}
        answer = httpx.post(address + path, content=body, headers=headers, trust_env=False)
        assert answer.status_code == 200
