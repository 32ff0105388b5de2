"""What is wrong with a text that a person wrote to a mother, and what may be sent all the same.

The rules of the catalogue (``text_rules``) hold for people too, and two more: a score is never
told by text (she would be alone with it), and a link that is not the clinic's own looks like what
a cheat would send her. A clinician may know better than the rest; than these two, nobody.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.core.languages import Language
from bot.core.text_rules import Purpose, lint

# A person may write a smiley and a long sentence; what the rest costs or does is not hers to bear.
_NOT_FOR_PEOPLE = ("characters", "sentence")
_SCORES = re.compile(
    r"\b(?:phq|gad)[\s-]?[279]\b\D{0,30}\b\d{1,2}\b"
    r"|\b(?:epds|edinburgh|edimburgo)\b\D{0,30}\b\d{1,2}\b"
    r"|\b(?:score\w*|puntaje|puntuaci[oó]n)\b\D{0,20}\b\d{1,2}\b"
    r"|\b\d{1,2} ?(?:points?|puntos?)\b"
    r"|\b\d{1,2} (?:out of|of|de|sobre) (?:21|27|30)\b(?! [ap]m)"
    # Up to 12 it may be a date.
    r"|\b(?:1[3-9]|2[0-7]) ?/ ?(?:21|27|30)\b(?!/)"
    r"|\b(?:moderately severe|(?:mild|moderate|severe) (?:range|band|symptoms))\b",
    re.IGNORECASE,
)
_ENDINGS = (
    r"com|org|net|gov|edu|info|biz|io|co|me|us|uk|mx|es|app|dev|link|page|site|online|health|care|"
    r"ly|gl|gd|ru|cn|xyz|top|shop|club"
)
_LINKS = re.compile(
    rf"\b(?:[a-z][a-z0-9+.-]*://|www\.)\S+|\b(?:[a-z0-9-]+\.)+(?:{_ENDINGS})\b(?:[/:?#]\S*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Objection:
    """One thing that speaks against sending a text.

    :param final: nobody may send it all the same.
    """

    rule: str
    cure: str
    final: bool = False


def objections(
    words: str, language: Language, *, known_hosts: Collection[str]
) -> tuple[Objection, ...]:
    """Everything that speaks against sending these words, what is final first.

    :param known_hosts: where a link may lead: the clinic's own addresses.
    """
    found = [*_scores(words), *_links(words, known_hosts), *_rules(words, language)]
    return tuple(sorted(found, key=lambda objection: not objection.final))


def _scores(words: str) -> Iterator[Objection]:
    if hit := _SCORES.search(words):
        cure = f"'{hit[0]}' tells her a score. She is never told one by text. Phone her about it."
        yield Objection("score", cure, final=True)


def _links(words: str, known_hosts: Collection[str]) -> Iterator[Objection]:
    for hit in _LINKS.finditer(words):
        host = _host(hit[0])
        if host not in known_hosts:
            cure = f"A link to {host or hit[0]}: she cannot know whose it is. Leave it out."
            yield Objection("link", cure, final=True)


def _host(link: str) -> str:
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        return (parts.hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _rules(words: str, language: Language) -> Iterator[Objection]:
    """The catalogue's hard rules; forbidden words in either language, whichever is written."""
    for spoken in (language, *(other for other in Language if other is not language)):
        for finding in lint(words, language=spoken, purpose=Purpose.REPLY):
            own = spoken is language or finding.rule == "words"
            if finding.hard and own and finding.rule not in _NOT_FOR_PEOPLE:
                yield Objection(finding.rule, finding.cure)
