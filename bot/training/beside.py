"""Tries a text with the live model and a candidate: what each takes it for, and would say."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.bootstrap import App
from bot.content.live_model import model_name, sources_of
from bot.core.languages import Language
from bot.crisis.screening import Context
from bot.errors import DialogueUnavailable
from bot.settings import PROJECT
from bot.training import sources
from bot.training.examples import language_of
from bot.training.reader import ModelReader, Seen, seen
from bot.training.sources import Sources

_LONGEST = 320


@dataclass(frozen=True)
class Side:
    """What one model makes of a text.

    :param rule: the rule that answers this intent; empty when no rule fits.
    :param says: the words that she would get; empty when the clinic's services choose them.
    :param problem: why nothing is known; empty when something is.
    """

    model: str
    found: Seen | None = None
    rule: str = ""
    action: str = ""
    says: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Tried:
    """A text with both sides, and what the screening would do before either is asked.

    :param danger: level and class; empty when the screening is quiet.
    """

    text: str
    language: Language
    danger: str
    live: Side
    candidate: Side | None

    @property
    def differs(self) -> bool:
        """Do both take it for something else?"""
        if self.candidate is None or not (self.live.found and self.candidate.found):
            return False
        return self.live.found.intent != self.candidate.found.intent


class Beside:
    """Keeps one candidate's process between two texts.

    :param open_reader: starts a model; for tests.
    """

    def __init__(self, app: App, open_reader: Callable[[Path, Path], ModelReader] | None = None):
        self._app = app
        self._open = open_reader or ModelReader
        self._reader: ModelReader | None = None

    def try_text(self, text: str, *, live: Path | None, candidate: Path | None) -> Tried:
        """What both make of it. Nothing of it is kept, and nobody is answered.

        :param live: the live model's file, for its rules and answers; none when there is none.
        """
        words = " ".join(text.split())[:_LONGEST]
        language = language_of(words)
        screening = self._app.clinic.screener.screen(words, Context(language=language))
        danger = "" if screening.quiet else f"{screening.level}: {screening.category}"
        ours = self._side(words, language, live, lambda: seen(self._app.models.parse(words)))
        theirs = None
        if candidate is not None:
            reader = self._for(candidate)
            theirs = self._side(words, language, candidate, lambda: reader.read(words))
        return Tried(words, language, danger, ours, theirs)

    def close(self) -> None:
        """End the candidate's process."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _for(self, model: Path) -> ModelReader:
        if self._reader is None or self._reader.model != model:
            self.close()
            self._reader = self._open(PROJECT, model)
        return self._reader

    def _side(
        self, text: str, language: Language, model: Path | None, read: Callable[[], Seen]
    ) -> Side:
        name = model_name(model) if model else "live"
        try:
            found = read()
        except DialogueUnavailable as error:
            return Side(name, problem=f"It does not answer ({error}).")
        made_of = _sources(model) if model else sources.NOTHING
        rule = made_of.rule_for(found.intent)
        action = rule.actions[0] if rule and rule.actions else ""
        return Side(
            model=name,
            found=found,
            rule=rule.name if rule else "",
            action=action,
            says=made_of.answers.get((action, language), ""),
        )


def _sources(model: Path) -> Sources:
    folder = sources_of(model)
    stamp = folder.stat().st_mtime_ns if folder.is_dir() else 0
    return _sources_once(model, stamp)


@lru_cache(maxsize=4)
def _sources_once(model: Path, _stamp: int) -> Sources:
    """Reading them takes seconds, and a model's never change."""
    return sources.load_kept(model)
