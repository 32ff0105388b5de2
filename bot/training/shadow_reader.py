"""Lets a candidate read along for a worker: both models read each text, nobody is answered."""

from pathlib import Path
from typing import Protocol

import structlog

from bot.bootstrap import App
from bot.errors import DialogueUnavailable
from bot.services import shadow
from bot.services.shadow import BothRead
from bot.settings import PROJECT
from bot.training.reader import ModelReader, Seen, seen

log = structlog.get_logger()


class Reader(Protocol):
    """Something that reads texts; see ``ModelReader``."""

    model: Path

    def read(self, text: str) -> Seen:
        """What it makes of a text."""

    def close(self) -> None:
        """End it."""


class ShadowReader:
    """Keeps the candidate's process while its run goes on.

    :param open_reader: starts a model; for tests.
    """

    def __init__(self, app: App, open_reader: type[ModelReader] | None = None) -> None:
        self._app = app
        self._open = open_reader or ModelReader
        self._reader: Reader | None = None

    def step(self) -> bool:
        """Let the candidate read what has come; false when there is nothing to read."""
        now = self._app.clock.now()
        run = shadow.going(self._app.clinic, now=now)
        if run is None:
            self.close()
            return False
        run_id, name = run
        waiting = shadow.list_unread(self._app.clinic, run_id)
        reader = self._for(self._app.settings.models_dir / f"{name}.tar.gz")
        read = []
        for one in waiting:
            try:
                live = seen(self._app.models.parse(one.text))
                found = reader.read(one.text)
            except DialogueUnavailable as error:
                log.warning("candidate cannot read along", because=str(error))
                break
            both = (live.intent, live.confidence), (found.intent, found.confidence)
            read.append(BothRead(one.inbound_id, *both))
        if read:
            shadow.keep(self._app.clinic, run_id, read, now=now)
        return bool(read)

    def close(self) -> None:
        """End the candidate's process."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _for(self, model: Path) -> Reader:
        if self._reader is None or self._reader.model != model:
            self.close()
            self._reader = self._open(PROJECT, model)
        return self._reader
