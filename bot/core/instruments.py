"""What a validated scale asks, how it is scored, and which answer a clinician must hear of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from bot.core.languages import Language
from bot.core.segments import segments
from bot.errors import ConfigError, InvalidAnswer, NotFound

# An English item costs two segments at most. Official Spanish wording is longer and its accents
# cost double; validated wording is never shortened, so it may take four.
MAX_SEGMENTS = {Language.ENGLISH: 2, Language.SPANISH: 4}


@dataclass(frozen=True)
class Wording:
    """The same words in each language that we have them in.

    :param es: none when a licensed pack came without Spanish: we never translate one ourselves.
    """

    en: str
    es: str | None = None

    def in_language(self, language: Language) -> str:
        """The words in this language.

        :raises NotFound: we do not have them in it.
        """
        words = self.es if language is Language.SPANISH else self.en
        if words is None:
            raise NotFound(f"no wording in language {language.value}")
        return words


@dataclass(frozen=True)
class Phrase:
    """A way in which people text an answer that is not its label.

    :param could_mean: one score when it is clear; several when she has to be asked again.
    """

    text: str
    language: Language
    could_mean: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """One permitted reply. ``score`` is also the number that she texts for it."""

    score: int
    label: Wording
    loinc: str | None = None


@dataclass(frozen=True)
class Item:
    """One question of a scale, its wording exactly as published.

    :param answers: in printed order, which is not always the order of scores.
    :param alerting_from: from this score on a clinician hears of it whatever the total.
    :param scored: false when it does not count to the total; such an item is not asked by SMS.
    """

    number: int
    text: Wording
    answers: tuple[Answer, ...]
    alerting_from: int | None = None
    loinc: str | None = None
    scored: bool = True
    # Hundreds of them: left out of what a failed test or an error prints.
    phrases: tuple[Phrase, ...] = field(default=(), repr=False)

    @property
    def scores(self) -> tuple[int, ...]:
        """Every permitted score, lowest first."""
        return tuple(sorted(answer.score for answer in self.answers))


@dataclass(frozen=True)
class Band:
    """A named range of totals, both ends included. Staff see it, a patient never does."""

    name: str
    low: int
    high: int
    citation: str


@dataclass(frozen=True)
class CutOff:
    """The total from which the screen is positive.

    :param choices: the published cut-offs among which a clinic may choose.
    """

    at_or_above: int
    choices: tuple[int, ...]
    citation: str


@dataclass(frozen=True)
class Loinc:
    """Codes for records: the panel names the scale, the total names its score. Never swap them."""

    panel: str | None = None
    total: str | None = None


@dataclass(frozen=True)
class Score:
    """A complete administration's total.

    :param band: name of the severity band; none where the scale has no published bands.
    """

    total: int
    band: str | None = None


@dataclass(frozen=True)
class Instrument:
    """A validated scale with a version.

    :param again: the choices in other words, for a second asking; none on a validated scale.
    :param recall: the period that it asks about; none for "today".
    :param stem: the words before every item; none when the items stand alone.
    :param leads: shorter stems, longest first, for items that do not fit beside the full one.
    :param skip_hints: how she is told that she may skip, longest first.
    :param leads_to: the scale that is offered, never begun unasked, when this one is positive.
    :param watch_at_or_below: for scales where low is bad: such a total goes on the watch list.
    """

    id: str
    version: str
    approver: str
    title: str
    citation: str
    source: str
    licence_notice: str
    items: tuple[Item, ...]
    skip_hints: tuple[Wording, ...]
    again: Wording | None = None
    recall: Wording | None = None
    stem: Wording | None = None
    leads: tuple[Wording, ...] = ()
    bands: tuple[Band, ...] = ()
    cut_off: CutOff | None = None
    loinc: Loinc = Loinc()
    leads_to: str | None = None
    watch_at_or_below: int | None = None
    spanish_checked: bool = False

    @property
    def scored_items(self) -> tuple[Item, ...]:
        """The items that count, in order: the ones that are asked by SMS."""
        return tuple(item for item in self.items if item.scored)

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and highest possible total."""
        return (
            sum(item.scores[0] for item in self.scored_items),
            sum(item.scores[-1] for item in self.scored_items),
        )

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which it can be asked."""
        has_spanish = all(item.text.es is not None for item in self.items)
        return tuple(Language) if has_spanish else (Language.ENGLISH,)

    def item(self, number: int) -> Item:
        """The item with this number.

        :raises NotFound: the scale has no such item.
        """
        for item in self.items:
            if item.number == number:
                return item
        raise NotFound(f"{self.id} has no item {number}")


def score(instrument: Instrument, responses: Mapping[int, int | None]) -> Score | None:
    """Add up a finished administration; none when an item is missing or was skipped.

    A skipped item is not a zero, and nothing is estimated in its place: the record says
    *asked-declined* for it and no total (facts 1.8).

    :param responses: item number → score, or none for skipped.
    :raises NotFound: a number that the scale has no item for.
    :raises InvalidAnswer: a score that the item does not permit.
    """
    for number, given in responses.items():
        if given is not None and given not in instrument.item(number).scores:
            raise InvalidAnswer(f"{instrument.id} item {number} permits no such score")
    given_scores = [responses.get(item.number) for item in instrument.scored_items]
    scores = [given for given in given_scores if given is not None]
    if len(scores) < len(given_scores):
        return None
    total = sum(scores)
    return Score(total=total, band=_band(instrument, total))


def _band(instrument: Instrument, total: int) -> str | None:
    return next((band.name for band in instrument.bands if band.low <= total <= band.high), None)


def is_alerting(item: Item, score: int | None) -> bool:
    """Must a clinician hear of this answer, whatever the total? A skip is not such an answer."""
    return item.alerting_from is not None and score is not None and score >= item.alerting_from


def is_positive(instrument: Instrument, total: int) -> bool:
    """Is the screen positive: is the total at the cut-off or above it?"""
    return instrument.cut_off is not None and total >= instrument.cut_off.at_or_above


def follow_up(instrument: Instrument, total: int) -> str | None:
    """The id of the longer scale to offer her now; she may say no."""
    return instrument.leads_to if is_positive(instrument, total) else None


def is_watch(instrument: Instrument, total: int) -> bool:
    """Is the total so low that it belongs on the next morning's watch list?"""
    return instrument.watch_at_or_below is not None and total <= instrument.watch_at_or_below


def with_cut_off(instrument: Instrument, *, at_or_above: int) -> Instrument:
    """The same scale with the cut-off that this clinic has chosen.

    :raises ConfigError: not one of the published cut-offs that the file names.
    """
    cut_off = instrument.cut_off
    if cut_off is None or at_or_above not in cut_off.choices:
        choices = ", ".join(map(str, cut_off.choices)) if cut_off else "none"
        raise ConfigError(
            f"{instrument.id}: cut-off {at_or_above} is not published. Choose from: {choices}."
        )
    return replace(instrument, cut_off=replace(cut_off, at_or_above=at_or_above))


def next_item(instrument: Instrument, answered: Collection[int]) -> Item | None:
    """The item to ask now; none when all have been answered or skipped.

    :param answered: numbers of items that have a response, skips included.
    """
    return next((item for item in instrument.scored_items if item.number not in answered), None)


def prompt(instrument: Instrument, number: int, language: Language) -> str:
    """The text that asks one item, with its choices, as lean as it has to be and no leaner.

    The item's own words and the choices never change. When they leave little room, the skip hint
    is shortened first, then progress ("3/9") goes, then a shorter stem stands in for the full one.

    :raises NotFound: no such item, or the scale has no wording in this language.
    """
    layouts = _layouts(instrument, instrument.item(number), language)
    fitting = (text for text in layouts if segments(text).count <= MAX_SEGMENTS[language])
    # When nothing fits (a licensed pack's long wording) the leanest layout costs what it costs.
    return next(fitting, layouts[-1])


def reworded(instrument: Instrument, number: int, language: Language, *, frame: str) -> str:
    """What is asked after an unclear answer: our own words for the choices, or the item again.

    :param frame: the sentence that it goes into, which takes room of its own.
    :raises NotFound: no such item, or the scale has no wording in this language.
    """
    if instrument.again is not None:
        return instrument.again.in_language(language)
    item = instrument.item(number)
    layouts = [*_layouts(instrument, item, language), "\n".join(["", *_choices(item, language)])]
    fitting = (t for t in layouts if segments(frame + t).count <= MAX_SEGMENTS[language])
    return next(fitting, layouts[-1])


def _layouts(instrument: Instrument, item: Item, language: Language) -> list[str]:
    stems = ([instrument.stem] if instrument.stem else []) + list(instrument.leads)
    leads = [stem.in_language(language) for stem in stems] or [""]
    hints = [hint.in_language(language) for hint in instrument.skip_hints] or [""]
    steps = ["", *_progress(instrument, item)][::-1]
    body = [item.text.in_language(language), *_choices(item, language)]
    # Items without a stem go on one line with their hint: they are a single short sentence.
    join = "\n" if len(body) > 1 else " "
    return [
        join.join(part for part in (" ".join(filter(None, (step, lead))), *body, hint) if part)
        for lead in leads
        for step in steps
        for hint in hints
    ]


def _progress(instrument: Instrument, item: Item) -> list[str]:
    asked = instrument.scored_items
    return [f"{asked.index(item) + 1}/{len(asked)}"] if item in asked and len(asked) > 1 else []


def _choices(item: Item, language: Language) -> list[str]:
    """One line a choice; none where the label is the number itself (0 to 10)."""
    labels = [(answer.score, answer.label.in_language(language)) for answer in item.answers]
    return [f"{score} {label}" for score, label in labels if label != str(score)]
