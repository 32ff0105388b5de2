"""Loads the instruments under data/instruments and refuses any that is not as published."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bot.content import yaml_files
from bot.content.yaml_files import Strict
from bot.core import answers
from bot.core.instruments import (
    Answer,
    Band,
    CutOff,
    Instrument,
    Item,
    Loinc,
    Phrase,
    Wording,
    score,
)
from bot.core.languages import Language
from bot.errors import ConfigError

Text = Annotated[str, Field(min_length=1)]


class WordingFile(Strict):
    en: Text
    es: Text | None = None


class AnswerFile(Strict):
    score: Annotated[int, Field(ge=0)]
    label: WordingFile
    loinc: Text | None = None


class ItemFile(Strict):
    number: Annotated[int, Field(ge=1)]
    text: WordingFile
    answers: list[AnswerFile] | None = None  # none: those of the whole instrument
    alerting_from: int | None = None
    loinc: Text | None = None
    scored: bool = True


class BandFile(Strict):
    name: Text
    low: int
    high: int
    citation: Text


class CutOffFile(Strict):
    at_or_above: int
    choices: list[int]
    citation: Text


class LoincFile(Strict):
    panel: Text | None = None
    total: Text | None = None


class TotalExample(Strict):
    """A complete or incomplete response vector; ``skip`` for a skipped item."""

    given: list[int | str]
    total: int | None
    band: Text | None = None


class TextExample(Strict):
    """A text and how it reads: a score, or one of the words in ``_reads``."""

    text: str
    reads: int | str
    item: int = 1
    language: Language = Language.ENGLISH


class ExamplesFile(Strict):
    totals: Annotated[list[TotalExample], Field(min_length=1)]
    texts: Annotated[list[TextExample], Field(min_length=1)]


class InstrumentFile(Strict):
    """The shape of ``data/instruments/<id>.yml``."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: Text
    approver: Text
    title: Text
    citation: Text
    source: Text
    licence_notice: Text
    permission: Text | None = None  # the written permission; only licensed packs have one
    spanish_checked: bool
    recall: WordingFile | None = None
    stem: WordingFile | None = None
    leads: tuple[WordingFile, ...] = ()
    again: WordingFile | None = None
    skip_hints: Annotated[list[WordingFile], Field(min_length=1)]
    phrases: Text | None = None  # name of a file in data/instruments/phrases
    answers: tuple[AnswerFile, ...] = ()
    items: Annotated[list[ItemFile], Field(min_length=1)]
    range: tuple[int, int]
    bands: tuple[BandFile, ...] = ()
    cut_off: CutOffFile | None = None
    watch_at_or_below: int | None = None
    leads_to: Text | None = None
    loinc: LoincFile = LoincFile()
    examples: ExamplesFile


class PhraseGroup(Strict):
    en: list[Text]
    es: list[Text]


class ClearGroup(PhraseGroup):
    score: int


class UnclearGroup(PhraseGroup):
    could_mean: Annotated[list[int], Field(min_length=2)]


class PhrasesFile(Strict):
    """The shape of ``data/instruments/phrases/<name>.yml``."""

    id: Text
    version: Text
    approver: Text
    source: Text
    clear: list[ClearGroup]
    unclear: list[UnclearGroup]


# Scales that come only as a licensed pack, with what must be exactly so: the scores of each item
# in printed order (Cox 1987; facts 1.1) and the alerting item. Seven of ten run backwards.
_UP, _DOWN = (0, 1, 2, 3), (3, 2, 1, 0)
PACK_SCORES = {"epds": (_UP, _UP, _DOWN, _UP, *[_DOWN] * 6)}
PACK_ALERTING = {"epds": {10: 1}}
PACK_CITATION = {"epds": ("Cox", "Holden", "Sagovsky", "1987", "150:782")}


def load_instruments(data: Path) -> dict[str, Instrument]:
    """Every instrument under ``data/instruments``, by id, its examples proved.

    :param data: the project's ``data`` folder.
    :raises ConfigError: names file, line and cure.
    """
    folder = data / "instruments"
    phrases = {path.stem: _phrases(path) for path in sorted((folder / "phrases").glob("*.yml"))}
    paths = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    if licensed := PACK_SCORES.keys() & paths.keys():
        name = min(licensed)
        raise ConfigError(
            f"{paths[name]}:1: {name} may not be shipped with the software. "
            "Keep its licensed pack elsewhere and load it from there."
        )
    loaded: dict[str, Instrument] = {}
    wrong = yaml_files.Together()
    for name, path in paths.items():
        with wrong.part():
            loaded[name] = _load(path, phrases)
    wrong.refuse()
    for name, instrument in loaded.items():
        if instrument.leads_to is not None and instrument.leads_to not in loaded:
            _refuse(paths[name], "leads_to", f"there is no instrument {instrument.leads_to}.")
    return loaded


def load_instrument_pack(path: Path) -> Instrument:
    """A licensed scale from the clinic's own file, checked against its published scoring key.

    :param path: the pack's file, or a folder that holds ``<id>.yml``.
    :raises ConfigError: not a scale we have the key of, or not exactly according to it.
    """
    file = next(iter(sorted(path.glob("*.yml"))), path / "epds.yml") if path.is_dir() else path
    instrument = _load(file, {})
    if instrument.id not in PACK_SCORES:
        known = ", ".join(sorted(PACK_SCORES))
        _refuse(file, "id", f"no scoring key for {instrument.id}. Packs we can check: {known}.")
    _check_pack(instrument, file)
    return instrument


def _check_pack(instrument: Instrument, path: Path) -> None:
    content = yaml_files.read(path)
    missing = [w for w in PACK_CITATION[instrument.id] if w not in instrument.citation]
    if missing:
        _refuse(path, "citation", f"quote the paper in full; missing: {', '.join(missing)}.")
    if not content.get("permission"):
        _refuse(path, "permission", "name the rights holder's written permission.")
    expected = PACK_SCORES[instrument.id]
    if [item.number for item in instrument.items] != list(range(1, len(expected) + 1)):
        _refuse(path, "items", f"expected items 1 to {len(expected)} in order.")
    for item, scores in zip(instrument.items, expected, strict=True):
        if not item.scored or tuple(answer.score for answer in item.answers) != scores:
            _refuse(path, "items", f"item {item.number}: printed order must score {scores}.")
        alerting_from = PACK_ALERTING[instrument.id].get(item.number)
        if item.alerting_from != alerting_from:
            _refuse(path, "items", f"item {item.number}: alerting_from must be {alerting_from}.")


def _load(path: Path, phrases: dict[str, tuple[Phrase, ...]]) -> Instrument:
    file = yaml_files.load(path, InstrumentFile)
    if file.id != path.stem:
        _refuse(path, "id", f"must be the file's name, {path.stem}.")
    instrument = _instrument(file, path, phrases)
    _check(instrument, file, path)
    _prove(instrument, file.examples, path)
    return instrument


def _instrument(
    file: InstrumentFile, path: Path, phrases: dict[str, tuple[Phrase, ...]]
) -> Instrument:
    ways: tuple[Phrase, ...] = ()
    if file.phrases is not None:
        if file.phrases not in phrases:
            _refuse(path, "phrases", f"there is no file phrases/{file.phrases}.yml.")
        ways = phrases[file.phrases]
    return Instrument(
        **file.model_dump(
            include={"id", "version", "approver", "title", "citation", "source"}
            | {"licence_notice", "leads_to", "watch_at_or_below", "spanish_checked"}
        ),
        items=tuple(_item(item, file.answers, ways) for item in file.items),
        skip_hints=tuple(_wording(hint) for hint in file.skip_hints),
        again=_wording(file.again) if file.again else None,
        recall=_wording(file.recall) if file.recall else None,
        stem=_wording(file.stem) if file.stem else None,
        leads=tuple(_wording(lead) for lead in file.leads),
        bands=tuple(Band(**band.model_dump()) for band in file.bands),
        cut_off=_cut_off(file.cut_off) if file.cut_off else None,
        loinc=Loinc(panel=file.loinc.panel, total=file.loinc.total),
    )


def _item(file: ItemFile, shared: Sequence[AnswerFile], ways: tuple[Phrase, ...]) -> Item:
    choices = shared if file.answers is None else file.answers
    return Item(
        number=file.number,
        text=_wording(file.text),
        answers=tuple(Answer(a.score, _wording(a.label), a.loinc) for a in choices),
        alerting_from=file.alerting_from,
        loinc=file.loinc,
        scored=file.scored,
        # Ways of texting belong to the shared answers; an item with its own has other words.
        phrases=ways if file.answers is None else (),
    )


def _wording(file: WordingFile) -> Wording:
    return Wording(en=file.en, es=file.es)


def _cut_off(file: CutOffFile) -> CutOff:
    return CutOff(file.at_or_above, tuple(file.choices), file.citation)


def _phrases(path: Path) -> tuple[Phrase, ...]:
    file = yaml_files.load(path, PhrasesFile)
    if file.id != path.stem:
        _refuse(path, "id", f"must be the file's name, {path.stem}.")
    clear = [((group.score,), group) for group in file.clear]
    unclear = [(tuple(group.could_mean), group) for group in file.unclear]
    found: list[Phrase] = []
    for scores, group in [*clear, *unclear]:
        found += [Phrase(text, Language.ENGLISH, scores) for text in group.en]
        found += [Phrase(text, Language.SPANISH, scores) for text in group.es]
    return tuple(found)


def _check(instrument: Instrument, file: InstrumentFile, path: Path) -> None:
    numbers = [item.number for item in instrument.items]
    if numbers != list(range(1, len(numbers) + 1)):
        _refuse(path, "items", "number them 1, 2, 3 … in order.")
    for item in instrument.items:
        _check_item(item, path)
    if instrument.range != file.range:
        _refuse(path, "range", f"the items add up to {list(instrument.range)}.")
    covered = [n for band in instrument.bands for n in range(band.low, band.high + 1)]
    if covered and covered != list(range(file.range[0], file.range[1] + 1)):
        _refuse(path, "bands", "must cover every total once, in order.")
    cut_off = instrument.cut_off
    if cut_off and cut_off.at_or_above not in cut_off.choices:
        _refuse(path, "cut_off", "must be one of its own choices.")
    if len({item.text.es is None for item in instrument.items}) > 1:
        _refuse(path, "items", "Spanish must be there for every item or for none.")


def _check_item(item: Item, path: Path) -> None:
    scores = [answer.score for answer in item.answers]
    if not scores or len(set(scores)) != len(scores):
        _refuse(path, "items", f"item {item.number}: every answer needs a score of its own.")
    if item.alerting_from is not None and item.alerting_from not in scores:
        _refuse(path, "items", f"item {item.number}: alerting_from is no score of it.")
    if item.alerting_from == min(scores):
        # "≥ 0 on item 9" stands on some web pages; it would page for every mother.
        _refuse(path, "items", f"item {item.number}: alerting_from would alert on every answer.")
    if any((answer.label.es is None) != (item.text.es is None) for answer in item.answers):
        _refuse(path, "items", f"item {item.number}: Spanish labels and text go together.")
    for answer in item.answers:
        for language in Language:
            label = answer.label.en if language is Language.ENGLISH else answer.label.es
            if label and answers.read_answer(item, label, language) != answers.Answered(
                answer.score
            ):
                _refuse(path, "items", f"item {item.number}: label {label!r} does not read back.")
    for phrase in item.phrases:
        if not set(phrase.could_mean) <= set(scores):
            _refuse(path, "phrases", f"{phrase.text!r} means a score that the item lacks.")


def _prove(instrument: Instrument, examples: ExamplesFile, path: Path) -> None:
    """The file's examples are its tests (rule S5): a change that breaks one does not load."""
    for example in examples.totals:
        given = {n: g if isinstance(g, int) else None for n, g in enumerate(example.given, 1)}
        found = score(instrument, given)
        expected = (example.total, example.band)
        if (found.total, found.band) != expected if found else example.total is not None:
            _refuse(path, "examples", f"{example.given} gives {found}, not {expected}.")
    for text in examples.texts:
        reading = answers.read_answer(instrument.item(text.item), text.text, text.language)
        if text.reads not in _reads(reading):
            _refuse(path, "examples", f"{text.text!r} on item {text.item} reads as {reading}.")


def _reads(reading: answers.Reading) -> set[int | str]:
    """The words by which an example may call this reading."""
    match reading:
        case answers.Answered(score=given):
            return {given}
        case answers.Ambiguous(might_alert=might_alert):
            return {"ambiguous", "might_alert"} if might_alert else {"ambiguous"}
        case _:
            return {type(reading).__name__.lower()}


def _refuse(path: Path, key: str, why: str) -> None:
    """Stop with the line of this key.

    :raises ConfigError: always.
    """
    content = yaml_files.read(path)
    raise ConfigError(f"{path}:{yaml_files.line_of(content, (key,))}: {key}: {why}")
