"""What a check found, and what the checks look at."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.settings import PROJECT, Settings


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    WARNING = "warning"  # works, but a person should look at it
    WRONG = "wrong"  # a mother or a clinician would notice


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    :param sentence: what is so and, unless all is well, the cure; never a secret or a number.
    """

    name: str
    state: State
    sentence: str


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Everything the checks look at; tests bring their own.

    :param now: what time this machine thinks it is.
    :param project: the folder that holds ``domain.yml`` and ``deploy``.
    :param free_bytes: how much room is left where this folder lies.
    """

    settings: Settings
    http: httpx.Client
    now: Callable[[], datetime]
    project: Path = PROJECT
    free_bytes: Callable[[Path], int] = _free_bytes

    @property
    def rasa_is_here(self) -> bool:
        """Does Rasa run on this machine, as with ``tend up``?"""
        return is_loopback(self.settings.rasa_url)


type Check = Callable[[Surroundings], Iterable[Finding]]


def is_loopback(url: str) -> bool:
    """Does this address lead back to this machine?"""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown(url: str) -> str:
    """An address as it may be printed: without the user, password or query it may carry."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
