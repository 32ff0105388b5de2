"""What makes a text fit to send to a mother: length, words, numbers, what it asks her to answer.

The same rules check the catalogue when it is loaded, the tests, and a text while staff write it.
Source: clinic rules; clinical facts 2.4, 3.5, 4.3, 4.4, 6 and 7; style guide, rule 18.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.languages import Language
from bot.core.segments import GSM7, segments

MOST_SEGMENTS = 2
MOST_WORDS = 15


class Purpose(StrEnum):
    """What a text is for; it decides which rules apply and how pressing the text is."""

    SAFETY = "safety"
    CONSENT = "consent"
    REPLY = "reply"
    REMINDER = "reminder"
    PAGE = "page"
    ITEM = "item"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a text.

    :param hard: the text may not be used; else it only reads badly.
    :param cure: a sentence that says what is wrong and how to mend it.
    """

    rule: str
    hard: bool
    cure: str


@dataclass(frozen=True)
class Draft:
    """A text on its way into the catalogue, with what a rule needs to know about it.

    :param may_ask: carrier words that this one text may ask her to send, such as START.
    """

    text: str
    language: Language
    purpose: Purpose
    may_ask: frozenset[str] = frozenset()


# What a blank may hold at its longest in real use; the segments are counted with these.
SAMPLE_VALUES: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "practice": "Dr Featherstone's office",
        "practice_phone": "202-555-0100",
        "clinician": "Dr Featherstone",
        "time": "by Wed Sep 30, 11:30 am",
        "code": "K7QX",
        "spelled_code": "K, Kilo. 7. 7. 7",
        "level": "emergency",
        "when": "Wed Sep 30 at 11:30 am",
        "choices": "1 breastfeeding, 2 side effects, 3 next session",
        "item": "How are you today, 0 low to 10 good? SKIP is fine.",
        "count": "12",
        "name": "Dr Featherstone",
        "list": "K7QX emergency, M2RD urgent, P9TA same-day",
        "link": "https://tend.example.org/acknowledge/0123456789abcdef0123456789ab-0123456789abcdef0123",
    },
    Language.SPANISH: {
        "practice": "Consultorio Featherstone",
        "practice_phone": "202-555-0100",
        "clinician": "Dra Featherstone",
        "time": "antes del 30 de septiembre a las 11:30 am",
        "code": "K7QX",
        "spelled_code": "K, Kilo. 7. 7. 7",
        "level": "emergency",
        "when": "el miércoles 30 de septiembre a las 11:30 am",
        "choices": "1 efectos, 2 lactancia, 3 su cita",
        "item": "¿Qué tal se siente hoy, 0 mal a 10 bien? Puede responder SALTAR.",
        "count": "12",
        "name": "Dra Featherstone",
        "list": "K7QX emergency, M2RD urgent, P9TA same-day",
        "link": "https://tend.example.org/acknowledge/0123456789abcdef0123456789ab-0123456789abcdef0123",
    },
}
BLANKS = frozenset(SAMPLE_VALUES[Language.ENGLISH])
_BLANK = re.compile(r"\{([^{}]*)\}")
_BRACES = re.compile(r"[{}]")

# (what it looks like, is it hard, what to do about it); case does not matter.
_Words = tuple[tuple[str, bool, str], ...]
_NAMED = "names the drug or the diagnosis; a locked screen shows it. Say 'the treatment' or 'this'"
_WATCH = "says that somebody is watching, which is not true. Say when a person will read it"
_KEEP = "tells her what we cannot do for her. Say who can help right now: 988 and 911"
_DECIDES = "decides who may be treated; only a clinician does that"
_ACCENT = "seems to lack its accent. Write it with its accent"
_TONE = "sounds like a reproach. Leave the word out"
_PROMISE = "promises what the rota may not make true. Use {time}, which comes from staffed hours"
FORBIDDEN: Mapping[Language, _Words] = {
    Language.ENGLISH: (
        (r"(es)?ketamine|spravato|lozenges?|troches?", True, _NAMED),
        (r"depress\w*|ppd|postpartum|psychosis|psychotic|bipolar|ocd|ptsd", True, _NAMED),
        (
            r"(some(one|body)|nurse|clinician|doctor|team|we) (is|are) (always )?watch\w*",
            True,
            _WATCH,
        ),
        (r"(can't|cannot|can not) keep you safe", True, _KEEP),
        (r"you qualify", True, _DECIDES),
        (r"just|should|at least|stay positive|good mothers?", False, _TONE),
        (r"(call|phone|answer) you (back )?(today|tonight|tomorrow|soon)", False, _PROMISE),
    ),
    Language.SPANISH: (
        (r"(es)?ketamina|spravato", True, _NAMED),
        (r"depresi[oó]n|deprimid\w*|post?parto|psicosis|psic[oó]tic\w*|bipolar", True, _NAMED),
        (r"(alguien|equipo|enfermera) (le |la )?(est[aá] )?(vigil|observ|mir)\w+", True, _WATCH),
        (r"no (puedo|podemos) (mantener|proteger|cuidar)la", True, _KEEP),
        (r"usted califica", True, _DECIDES),
        (r"simplemente|deber[ií]a\w*|al menos|por lo menos|buenas? madres?", False, _TONE),
        (r"llama(mos|remos|r[aá]n?)? (hoy|esta noche|mañana|pronto)", False, _PROMISE),
        (r"tú|tu|tus|ti|contigo", False, "says tú. Use usted"),
        (r"\w{2,}[cs]ion|mas|dias?|aqui|tambien|despues|numero", False, _ACCENT),
        (r"telefono|medic[oa]|bebe|estan|automatic[oa]|perdon", False, _ACCENT),
    ),
}
SHORTENERS = (
    r"bit\.ly|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|t\.co|buff\.ly|cutt\.ly|rb\.gy|tiny\.cc|"
    r"rebrand\.ly|shorturl\.at|lnkd\.in"
)
# Words that carriers take for themselves, or that read as an opt-out (facts 4.1, 4.4).
CARRIER_WORDS = (
    "STOPALL|STOP|UNSUBSCRIBE|END|QUIT|CANCEL|REVOKE|OPTOUT|HELP|INFO|START|UNSTOP|YES|NO|"
    "AYUDA|ALTO|BASTA|PARA|SÍ|SI"
)
_ASKS = (
    r"(?i:reply|replies|respond|text|send|answer|type|write|say|"
    r"responda|mande|envíe|escriba|conteste|diga|or|o)"
)
# "Reply YES", "reply with 'no more'" is not one: the word must stand alone and in capitals, or
# after a verb in any case except the little words that sentences are made of.
_ASKED = re.compile(rf"\b{_ASKS}(?: (?:with|con))? [\"']?({CARRIER_WORDS})\b(?! (?:to|al) \d)")
_ASKED_SMALL = re.compile(
    r"\b(?:reply|respond with|responda|conteste) [\"']?(yes|no|stop|help|start|cancel|sí)\b"
    r"(?=[\"'.,;:]|$| or\b| o\b| to\b| if\b| para\b| si\b)",
    re.IGNORECASE,
)
_BABY = {
    Language.ENGLISH: r"bab(y|ies)|newborns?|infants?|cribs?|breast\w*|milk|nursing|"
    r"pregnan\w*|(new|good|bad) mothers?",
    Language.SPANISH: r"beb[eé]s?|recién nacid\w*|lactancia|amamant\w*|leche|cuna|embaraz\w*|"
    r"(buen|mal)as? madres?",
}


def blanks(text: str) -> frozenset[str]:
    """The names of the blanks in a text, such as ``time`` for ``{time}``."""
    return frozenset(_BLANK.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled; a blank without a value stays. Values are never re-read."""
    return _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)


def speaks_of_baby(text: str, language: Language) -> bool:
    """Does a text take a living baby for granted, so that a bereaved mother must not get it?"""
    return _find(_BABY[language], text) is not None


def lint(
    text: str, *, language: Language, purpose: Purpose, may_ask: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """Everything that is wrong with one text, the hard findings first.

    :param may_ask: carrier words that this text may ask her to send (START after an opt-out).
    """
    draft = Draft(text=text, language=language, purpose=purpose, may_ask=may_ask)
    found = [finding for rule in RULES for finding in rule(draft)]
    return tuple(sorted(found, key=lambda finding: not finding.hard))


def sentences(text: str) -> list[str]:
    """The sentences of a text; a colon does not end one, nor does the dot in a number or a time."""
    return [part for part in re.split(r"(?<=[.?!])\s+|\n+", text.strip()) if part]


def words(sentence: str) -> list[str]:
    """The words of a sentence. A number, a phone number and a blank count as one each."""
    return re.findall(r"\{\w+\}|[^\W_]+(?:['’.:-][^\W_]+)*", sentence)


def _find(pattern: str, text: str) -> str | None:
    hit = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
    return hit[0] if hit else None


def _blanks(draft: Draft) -> Iterator[Finding]:
    for name in sorted(blanks(draft.text) - BLANKS):
        known = ", ".join(sorted(BLANKS))
        yield Finding("blanks", True, f"There is no blank {{{name}}}. Use one of: {known}.")
    if _BRACES.search(_BLANK.sub("", draft.text)):
        yield Finding("blanks", True, "A brace is open or closed alone. Write blanks as {time}.")


def _characters(draft: Draft) -> Iterator[Finding]:
    if any(unicodedata.category(character) == "So" for character in draft.text):
        yield Finding("characters", True, "There is an emoji or sign. Say it in words.")
    strange = sorted(set(draft.text) - GSM7)
    if draft.language is Language.ENGLISH and strange:
        cure = f"These characters cost double: {' '.join(strange)}. Use plain quotes and dashes."
        yield Finding("characters", True, cure)
    if "!" in draft.text:
        yield Finding("characters", False, "There is an exclamation mark. End with a full stop.")


def _length(draft: Draft) -> Iterator[Finding]:
    # Validated items are exempt: their wording is never shortened (facts 7).
    if draft.purpose is Purpose.ITEM:
        return
    cost = segments(fill(draft.text, SAMPLE_VALUES[draft.language]))
    if cost.count > MOST_SEGMENTS:
        most = 306 if cost.encoding == "gsm7" else 134
        why = "" if cost.encoding == "gsm7" else " (characters such as á í ó ú make them dearer)"
        cure = f"{cost.units} characters with its blanks filled; {most} fit two segments{why}."
        yield Finding("length", True, f"{cure} Shorten it, or use other words.")
    for sentence in sentences(draft.text):
        count = len(words(sentence))
        if count > MOST_WORDS:
            cure = f"A sentence has {count} words: '{sentence}' Make two of it."
            yield Finding("sentence", False, cure)


def _words(draft: Draft) -> Iterator[Finding]:
    for pattern, hard, cure in FORBIDDEN[draft.language]:
        if hit := _find(pattern, draft.text):
            yield Finding("words", hard, f"'{hit}' {cure}.")
    if draft.language is Language.SPANISH and draft.text.count("?") > draft.text.count("¿"):
        yield Finding("words", False, "A question lacks its opening mark. Add ¿.")


def _links(draft: Draft) -> Iterator[Finding]:
    if hit := _find(SHORTENERS, draft.text):
        yield Finding("links", True, f"Carriers drop texts with {hit}. Write the full address.")


def _asked(draft: Draft) -> Iterator[Finding]:
    hits = [*_ASKED.finditer(draft.text), *_ASKED_SMALL.finditer(draft.text)]
    for word in sorted({hit[1].upper() for hit in hits} - draft.may_ask):
        cure = f"It asks her to answer {word}, which the carrier may take for itself."
        yield Finding("carrier words", True, f"{cure} Use a digit, A or B, or another word.")


def _numbers(draft: Draft) -> Iterator[Finding]:
    if draft.purpose is Purpose.SAFETY and not re.search(r"(?<!\d)(988|911)(?!\d)", draft.text):
        yield Finding("numbers", True, "A safety text without 988 or 911. Add the right one.")


RULES: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    _blanks,
    _characters,
    _length,
    _words,
    _links,
    _asked,
    _numbers,
)
