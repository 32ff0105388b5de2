"""What staff typed, as one value that can be kept, looked at again, and turned into files."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.core.languages import Language
from bot.core.taught import ACTIONS, LeadsTo, TaughtKind
from bot.core.text_rules import Finding, Purpose, blanks, lint
from bot.teaching import files
from bot.teaching.files import Edit, Question

TOPIC = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+){0,4}")
LONGEST_NAME = 40


@dataclass(frozen=True)
class Typed:
    """One lesson.

    :param texts: the examples, in own words.
    :param vouched: new words that a person says are ordinary words.
    :param sources: ids of the texts that it came from.
    :param title: a question or a sentence that people understand; for a new question or intent.
    :param source: where the answer comes from.
    """

    kind: TaughtKind
    intent: str
    texts: Sequence[str]
    vouched: Sequence[str] = ()
    sources: Sequence[str] = ()
    title: str = ""
    answers: Mapping[Language, str] = field(default_factory=dict)
    source: str = ""
    clinical: bool = True
    leads_to: LeadsTo | None = None

    @property
    def question(self) -> Question:
        """The same as a question's file wants it."""
        return Question(
            topic=self.intent.removeprefix("faq_"),
            title=self.title,
            examples=self.texts,
            answers=self.answers,
            source=self.source,
        )

    def edits(self, project: Path) -> list[Edit]:
        """What this does to the files.

        :raises ConfigError: it cannot be done; says why.
        """
        if self.kind is TaughtKind.EXAMPLES:
            return files.add_examples(project, self.intent, self.texts)
        if self.kind is TaughtKind.QUESTION:
            return files.add_question(project, self.question)
        return files.add_intent(project, self.intent, **self._intent())

    def undo_edits(self, project: Path) -> list[Edit]:
        """What takes it back, and nothing that came later.

        :raises ConfigError: later changes build on it.
        """
        if self.kind is TaughtKind.EXAMPLES:
            return files.remove_examples(project, self.intent, self.texts)
        if self.kind is TaughtKind.QUESTION:
            return [Edit(self.question.path, None)]
        return files.remove_intent(project, self.intent, **self._intent())

    def _intent(self) -> dict[str, Any]:
        assert self.leads_to is not None  # checked when it was typed
        return {"title": self.title, "examples": self.texts, "action": ACTIONS[self.leads_to]}

    def to_json(self) -> str:
        """For the record."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> "Typed":
        """The lesson that was kept."""
        found = json.loads(kept)
        return cls(
            **found
            | {
                "kind": TaughtKind(found["kind"]),
                "answers": {Language(name): text for name, text in found["answers"].items()},
                "leads_to": LeadsTo(found["leads_to"]) if found["leads_to"] else None,
            }
        )


def answer_findings(text: str, language: Language) -> list[Finding]:
    """Everything that is wrong with an answer, what forbids it first."""
    if not text.strip():
        return [Finding("empty", True, "Write the answer in both languages.")]
    found = list(lint(text, language=language, purpose=Purpose.REPLY))
    if blanks(text):
        cure = "An answer has no blanks: the bot would not know what to put there."
        found.insert(0, Finding("blanks", True, cure))
    return found


# Words after which an answer is a clinician's to approve, whatever staff say about the topic.
_CLINICAL = re.compile(
    r"\b(?:medic\w+|pill\w*|dose\w*|drug\w*|symptom\w*|side effects?|pain|bleed\w*|fever|pressure|"
    r"heart|breath\w*|faint\w*|sleepy|sedat\w*|treatment\w*|session\w*|ketamin\w*|lozenge\w*|nurs\w+"
    r"|breast\w*|milk|pregnan\w*|birth|alcohol|drink\w*|driv\w+|eat\w*|food|fast\w*|anxi\w*|panic|sad"
    r"|hurt\w*|harm\w*|danger\w*|die|dying|suicid\w*|kill\w*|crisis|911|988|baby|babies|safe\w*|"
    r"medicin\w*|pastilla\w*|dosis|droga\w*|s[ií]ntoma\w*|efectos?|dolor\w*|sangr\w*|fiebre|"
    r"presi[oó]n|coraz[oó]n|respir\w*|desmay\w*|tratamiento\w*|sesi[oó]n\w*|ketamina|lact\w*|leche|"
    r"pecho|embaraz\w*|parto|beber|manejar|comer|comida|ayun\w*|ansi\w*|p[aá]nico|triste\w*|da[nñ]o|"
    r"peligro\w*|morir|suicid\w*|matar\w*|beb[eé]s?|segur\w+)\b",
    re.IGNORECASE,
)


def is_clinical(texts: Sequence[str]) -> bool:
    """Is this about health, medicine or safety? In doubt it is."""
    return any(_CLINICAL.search(text) for text in texts)
