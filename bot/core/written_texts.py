"""What is wrong with a text that a person wrote to a mother, and what may be sent all the same.

The rules of the catalogue (``text_rules``) hold for people too, and two more: a score is never
told by text (she would be alone with it), and a link that is not the clinic's own looks like what
a cheat would send her. A clinician may know better than the rest; than these two, nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.languages import Language
from bot.core.opt_out import CARRIER_KEYWORDS
from bot.core.text_rules import Purpose, lint
from bot.core.written_links import plain_signs, strange_links
from bot.core.written_scores import told_dose, told_score

# A person may write a smiley and a long sentence; what the rest costs or does is not hers to bear.
_NOT_FOR_PEOPLE = ("characters", "sentence")


@dataclass(frozen=True)
class Objection:
    """One thing that speaks against sending a text.

    :param final: nobody may send it all the same.
    """

    rule: str
    cure: str
    final: bool = False


def objections(words: str, language: Language, *, own: str) -> tuple[Objection, ...]:
    """Everything that speaks against sending these words, what is final first.

    :param own: where a link may lead: the address of the clinic's own console.
    """
    found = [*_figures(words), *_links(words, own), *_lone_word(words), *_rules(words, language)]
    return tuple(sorted(found, key=lambda objection: not objection.final))


def _figures(words: str) -> Iterator[Objection]:
    plain = plain_signs(words)
    if score := told_score(plain):
        cure = f"'{score}' tells her a score. She is never told one by text. Phone her about it."
        yield Objection("score", cure, final=True)
    if dose := told_dose(plain):
        cure = f"'{dose}' tells her a dose. Only a clinician does that, and better by phone."
        yield Objection("dose", cure)


def _links(words: str, own: str) -> Iterator[Objection]:
    for link in strange_links(words, own=own):
        cure = f"'{link}' reads as a link, and she cannot know whose it is. Leave it out."
        yield Objection("link", cure, final=True)


def _lone_word(words: str) -> Iterator[Objection]:
    """A text that is one of the carrier's own words: she would read it as a command, or send it."""
    alone = plain_signs(words).strip(" \t\n.,;:!?'\"*()").upper()
    if alone in CARRIER_KEYWORDS:
        cure = f"{alone} alone is a command of the carrier's. Write a sentence."
        yield Objection("lone word", cure, final=True)


def _rules(words: str, language: Language) -> Iterator[Objection]:
    """The catalogue's hard rules; forbidden words in either language, whichever is written."""
    for spoken in (language, *(other for other in Language if other is not language)):
        for finding in lint(words, language=spoken, purpose=Purpose.REPLY):
            own = spoken is language or finding.rule == "words"
            if finding.hard and own and finding.rule not in _NOT_FOR_PEOPLE:
                yield Objection(finding.rule, finding.cure)
