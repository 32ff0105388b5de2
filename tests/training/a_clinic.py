"""A clinic of its own in a folder: a git checkout of this project, and the sandbox's processes.

What is taught there changes nobody's files, and what is trained there is nobody's live model.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.live_model import sources_of
from bot.servers import free_port
from bot.training.train import card_of, fingerprint_of

# What a clinic that has trained before keeps; without it everything is encoded anew.
_KEPT = ("var/vectors", "var/teaching-vectors.npz")
_ENVIRONMENTS = (".venv", "deploy/rasa/.venv")
# Rasa alone takes half a minute to wake up, and longer on a machine that does other things.
_START_SECONDS = 600.0


@dataclass
class AClinic:
    """The checkout and its processes.

    :param project: whose files are copied, with what is not committed yet.
    """

    project: Path
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    _child: "subprocess.Popen[bytes] | None" = None

    @property
    def phones(self) -> str:
        """The page of the phones."""
        return f"http://127.0.0.1:{self.ports['sandbox']}/"

    @property
    def console(self) -> str:
        """The console's address."""
        return f"http://127.0.0.1:{self.ports['console']}"

    def make(self) -> None:
        """Copy what git knows of, make it a checkout, and bring the live model."""
        self.folder.mkdir(parents=True)
        for name in self._git(self.project, "ls-files", "-co", "--exclude-standard").splitlines():
            if (self.project / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.project / name, self.folder / name)
        for name in _ENVIRONMENTS:
            (self.folder / name).symlink_to(self.project / name)
        self._git(self.folder, "init", "-q")
        self._git(self.folder, "add", "--all")
        self._git(self.folder, "reset", "-q", *_ENVIRONMENTS)
        self._git(self.folder, "commit", "-q", "-m", "As delivered")
        self._bring_models()

    def live(self) -> Path:
        """The model that is made of these very files; there must be one."""
        name = f"tend-{fingerprint_of(self.project)[:12]}"
        model = self.project / "models" / f"{name}.tar.gz"
        assert model.exists(), "needs a model of the files as they are: make train"
        return model

    def start(self) -> None:
        """Start every process, and wait until Rasa answers."""
        parts = ("sandbox", "gateway", "actions", "console", "rasa")
        self.ports = {name: free_port() for name in parts}
        settings = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "TEND_GATEWAY_PORT": str(self.ports["gateway"]),
            "TEND_ACTIONS_PORT": str(self.ports["actions"]),
            "TEND_CONSOLE_PORT": str(self.ports["console"]),
            "TEND_CONSOLE_URL": self.console,
            "TEND_RASA_URL": f"http://127.0.0.1:{self.ports['rasa']}",
        }
        command = [str(self.folder / ".venv" / "bin" / "python"), "-m", "bot.cli.main", "demo"]
        with self.said.open("wb") as said:
            self._child = subprocess.Popen(
                [*command, "--port", str(self.ports["sandbox"])],
                cwd=self.folder,
                env=settings,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        until = time.monotonic() + _START_SECONDS
        while "Everything answers" not in self.said.read_text(errors="replace"):
            assert self._child.poll() is None, self.said.read_text(errors="replace")
            assert time.monotonic() < until, self.said.read_text(errors="replace")
            time.sleep(0.5)

    def computed(self) -> float:
        """Seconds of computing so far, with that of children that have ended.

        The live Rasa is not in it, and a machine that does other things does not change it.
        """
        assert self._child is not None
        stat = Path(f"/proc/{self._child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(ticks) for ticks in stat[11:15]) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End everything that was started."""
        if self._child is None:
            return
        self._child.send_signal(signal.SIGINT)
        try:
            self._child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def commits(self) -> list[str]:
        """Who changed what in this checkout, the newest first."""
        return self._git(self.folder, "log", "--format=%an: %s", "--", "data").splitlines()

    @property
    def said(self) -> Path:
        """What the processes printed."""
        return self.folder / "var" / "said.txt"

    def _bring_models(self) -> None:
        live = self.live()
        models = self.folder / "models"
        wanted = [live, card_of(live), *self.project.glob("models/crisis-*")]
        for path in wanted:
            shutil.copy2(path, models / path.name)
        if sources_of(live).is_dir():
            made_of = shutil.ignore_patterns("rehearsed.json", "cross_validated.json")
            shutil.copytree(sources_of(live), models / sources_of(live).name, ignore=made_of)
        (self.folder / "var").mkdir(exist_ok=True)
        for name in _KEPT:
            kept, target = self.project / name, self.folder / name
            if kept.is_dir():
                shutil.copytree(kept, target)
            elif kept.exists():
                shutil.copy2(kept, target)

    @staticmethod
    def _git(folder: Path, *arguments: str) -> str:
        who = ("-c", "user.name=Clinic", "-c", "user.email=clinic@example.org")
        done = subprocess.run(
            ["git", "-C", str(folder), *who, *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout
