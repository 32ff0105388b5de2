"""Runs Rasa as our child: on the loopback, in its own environment, ending when we end."""

import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from enum import StrEnum
from pathlib import Path

import httpx
import structlog

from bot.content.live_model import live_model, newest_model
from bot.errors import ConfigError
from bot.rasa_output import OutputFilter

__all__ = ["RasaHealth", "RasaProcess", "environment", "newest_model", "rasa_python"]

log = structlog.get_logger()

HOST = "127.0.0.1"
# It is started again when it dies, at first soon, then less and less often.
_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
_STOP_SECONDS = 8.0
_CALM_SECONDS = 120.0
_NICE = 10


class RasaHealth(StrEnum):
    """How Rasa is."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"


def rasa_python(project: Path) -> Path:
    """The interpreter of Rasa's environment.

    :raises ConfigError: the environment is not there.
    """
    python = project / "deploy" / "rasa" / ".venv" / "bin" / "python"
    if not python.exists():
        raise ConfigError(f"{python}: Rasa's environment is missing. Run `make setup`.")
    return python


class RasaProcess:
    """Rasa's server as a child of this process.

    :param project: the folder with ``config.yml`` and ``deploy/rasa``.
    :param models_dir: where trained models are; the live one is loaded, else the newest.
    :param port: on the loopback; Rasa never listens anywhere else.
    :param token: shared with ``RasaDialogue``.
    :param action_url: the action server's webhook.
    :param action_token: Rasa sends it with each call of an action.
    """

    def __init__(
        self,
        project: Path,
        *,
        models_dir: Path,
        port: int,
        token: str,
        action_url: str,
        action_token: str,
    ) -> None:
        self._project, self._models, self._port = project, models_dir, port
        self.url = f"http://{HOST}:{port}"
        self._token = token
        self._action_url, self._action_token = action_url, action_token
        self._child: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None
        self.output = OutputFilter()

    def start(self) -> None:
        """Start Rasa and return at once; it answers some ten seconds later.

        :raises ConfigError: no environment, no model, or somebody else has the port.
        """
        rasa_python(self._project)
        live_model(self._models)
        require_free(self._port)
        self._stopping.clear()
        self._launch()
        self._keeper = threading.Thread(target=self._keep, name="rasa-keeper", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End Rasa, and wait until it is gone."""
        self._stopping.set()
        self._end()
        if self._keeper is not None:
            self._keeper.join(timeout=_STOP_SECONDS)

    def health(self) -> RasaHealth:
        """Is it running, and is a model loaded?"""
        if self._child is None or self._child.poll() is not None:
            return RasaHealth.STOPPED
        try:
            answer = httpx.get(
                f"{self.url}/status",
                params={"token": self._token},
                timeout=2.0,
                trust_env=False,
                # Plain HTTP on the loopback: reading all certificates at each look cost a core.
                verify=False,
            )
            loaded = answer.status_code == httpx.codes.OK and bool(answer.json().get("model_file"))
        except (httpx.HTTPError, ValueError):
            return RasaHealth.STARTING
        return RasaHealth.READY if loaded else RasaHealth.STARTING

    def wait_until_ready(self, *, seconds: float) -> bool:
        """Wait for the model; false when it takes longer, or Rasa ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.health() is RasaHealth.READY:
                return True
            time.sleep(0.2)
        return False

    def _end(self) -> None:
        child = self._child
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _launch(self) -> None:
        with tempfile.NamedTemporaryFile(
            "w", prefix="tend-endpoints-", suffix=".yml", delete=False
        ) as endpoints:
            # Readable for nobody else, and gone when Rasa is: it holds the actions' token.
            endpoints.write(endpoints_file(self._action_url, self._action_token))
        self._endpoints = Path(endpoints.name)
        # S603 does not apply: the command is ours, word by word.
        self._child = subprocess.Popen(
            self._command(),
            cwd=self._project,
            env=environment(self._token),
            stdin=subprocess.PIPE,  # never written to; its end tells Rasa that we are gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        # Her texts are taken in first, whatever Rasa computes; its threads are not there yet.
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, self._child.pid, max(_NICE, ours))

    def _command(self) -> list[str]:
        return [
            *(str(rasa_python(self._project)), "-m", "bot.nlu.child", "run", "--enable-api"),
            *("-i", HOST, "-p", str(self._port)),
            *("--credentials", str(self._project / "credentials.yml")),
            *("--endpoints", str(self._endpoints)),
            *("-m", str(live_model(self._models))),
        ]

    def _keep(self) -> None:
        """Pass its output on, and start it again when it ends by itself."""
        failures = 0
        while (child := self._child) is not None:
            began = time.monotonic()
            assert child.stdout is not None
            for event in self.output.events(child.stdout):
                log.info("rasa", says=event.event, detail=event.detail)
            code = child.wait()
            self._endpoints.unlink(missing_ok=True)
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - began > _CALM_SECONDS else failures + 1
            pause = _PAUSES[min(failures, len(_PAUSES)) - 1] if failures else _PAUSES[0]
            log.error("rasa ended", code=code, again_in_seconds=pause, dropped=self.output.dropped)
            if self._stopping.wait(pause):
                return
            self._launch()
            if self._stopping.is_set():
                self._end()


def environment(token: str) -> dict[str, str]:
    """What Rasa's process is told: no database, no carrier's secret, no telemetry."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
    }
    return kept | {
        "TEND_RASA_TOKEN": token,
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",
        # The machine is shared; one text needs one thread.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def endpoints_file(action_url: str, action_token: str) -> str:
    """Rasa's ``endpoints.yml`` with the real address and token of the actions."""
    return json.dumps(  # JSON is YAML
        {
            "action_endpoint": {
                "url": action_url,
                "token": action_token,
                "enable_selective_domain": True,
            },
            "tracker_store": {"type": "bot.nlu.tracker_store.ForgetfulTrackerStore"},
            "nlg": {"type": "bot.nlu.words.WordsOrId"},
        }
    )


def require_free(port: int) -> None:
    """Make sure that nobody listens there.

    :raises ConfigError: somebody does; says how to find out who.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigError(
                f"rasa: port {port} cannot be used ({error.strerror}). An earlier Rasa may "
                f"still run: find it with `ss -ltnp | grep :{port}`, or set TEND_RASA_URL to "
                "another port."
            ) from None
