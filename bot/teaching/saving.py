"""Checks a change in a copy of the project, writes it in one step, and tells git about it."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from bot.content.intents import check_intents_lead_somewhere
from bot.content.texts import load_catalogue
from bot.errors import ConfigError
from bot.teaching.files import Edit

# What Rasa reads, and where its own parts of ours are; linked, because nothing there changes.
_COPIED = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml")
_LINKED = ("bot", "deploy", "actions")
_GIT_SECONDS = 20


@contextmanager
def one_at_a_time(project: Path) -> Iterator[None]:
    """Nobody else changes the files meanwhile, in this process or another of this machine."""
    lock = project / "var" / "teaching.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def tried_out(project: Path, edits: Sequence[Edit]) -> Iterator[Path]:
    """A copy of the project in which the change is made."""
    with tempfile.TemporaryDirectory(prefix="tend-teach-") as folder:
        copy = Path(folder)
        shutil.copytree(project / "data", copy / "data")
        for name in _COPIED:
            if (project / name).exists():
                shutil.copy(project / name, copy / name)
        for name in _LINKED:
            if (project / name).exists():
                (copy / name).symlink_to((project / name).resolve())
        write(copy, edits)
        yield copy


def check_quickly(project: Path) -> None:
    """Our own rules: each intent leads somewhere, both languages answer, length and words.

    :raises ConfigError: names what is wrong.
    """
    check_intents_lead_somewhere(project)
    load_catalogue(project / "data")


def write(project: Path, edits: Sequence[Edit]) -> dict[str, str | None]:
    """Put every file in place; when one cannot be written, none is. Digests of what was written."""
    before = {edit.path: _read(project / edit.path) for edit in edits}
    try:
        for edit in edits:
            _put(project / edit.path, edit.after)
    except OSError as error:
        for path, content in before.items():
            _put(project / path, content)
        raise ConfigError(f"The files cannot be written ({error.strerror}).") from None
    return {str(edit.path): digest(edit.after) for edit in edits}


def digest(content: str | None) -> str | None:
    """Tells one content of a file from another."""
    return None if content is None else sha256(content.encode()).hexdigest()


def digest_of(project: Path, path: str) -> str | None:
    """The same for a file as it is now."""
    return digest(_read(project / path))


def commit(project: Path, paths: Sequence[str], *, author: str, message: str) -> str | None:
    """One commit with the author's name, where the project is a git checkout; its id.

    Only these files: what an engineer has half done beside them stays theirs. Where git refuses,
    the change is saved all the same, and the audit event says who made it.
    """
    if _git(project, "rev-parse", "--is-inside-work-tree") != "true":
        return None
    _git(project, "add", "--intent-to-add", "--", *[p for p in paths if (project / p).exists()])
    done = _git(
        project,
        *("-c", "user.name=Tend", "-c", "user.email=tend@tend.invalid"),
        *("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false"),
        *("commit", "--quiet", "--only", f"--author={author}", f"--message={message}", "--"),
        *paths,
    )
    return None if done is None else _git(project, "rev-parse", "HEAD")


def _git(project: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _put(path: Path, content: str | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    with os.fdopen(handle, "w", encoding="utf-8") as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(name).chmod(0o644)
    os.replace(name, path)
