"""What a candidate would say or understand otherwise than the live model, text by text."""

from collections.abc import Iterator

from bot.content.texts import FAQ
from bot.core.gates import MOST_SHOWN, RULE, Change, is_clinical
from bot.core.languages import Language
from bot.training.examples import language_of
from bot.training.gates import Screen
from bot.training.sources import Sources

_AREAS = ("crisis_", "report_", "request_")
_FILES = {"crisis_": "safety", "report_": "reports", "request_": "requests"}


def between(before: Sources, after: Sources, screen: Screen) -> list[Change]:
    """Everything that differs: answers first, then examples, then rules.

    :param screen: new examples that sound like danger are a clinician's, whatever they teach.
    """
    return [*_answers(before, after), *_examples(before, after, screen), *_rules(before, after)]


def _answers(before: Sources, after: Sources) -> Iterator[Change]:
    for text_id, language in sorted({*before.answers, *after.answers}):
        was = before.answers.get((text_id, language), "")
        now = after.answers.get((text_id, language), "")
        if was == now:
            continue
        kind = after.purposes.get(text_id) or before.purposes.get(text_id, "")
        yield Change(
            kind="answer",
            what=f"{text_id} ({language})",
            file=_file_of_text(text_id, language),
            clinical=kind == "safety" or is_clinical(text_id, (was, now)),
            before=was,
            after=now,
        )


def _examples(before: Sources, after: Sources, screen: Screen) -> Iterator[Change]:
    was, now = _by_intent(before), _by_intent(after)
    for intent in sorted({*was, *now}):
        gone = sorted(was.get(intent, set()) - now.get(intent, set()))
        new = sorted(now.get(intent, set()) - was.get(intent, set()))
        if gone or new:
            yield Change(
                kind="examples",
                what=intent,
                file=_file_of_intent(intent),
                clinical=is_clinical(intent, ())
                or any(not screen(text, language_of(text)).quiet for text in new),
                added=tuple(new[:MOST_SHOWN]),
                removed=tuple(gone[:MOST_SHOWN]),
            )


def _rules(before: Sources, after: Sources) -> Iterator[Change]:
    was = {(rule.intent, rule.actions) for rule in before.rules}
    now = {(rule.intent, rule.actions) for rule in after.rules}
    for intent in sorted({intent for intent, _ in was ^ now}):
        old = [" → ".join(actions) for one, actions in sorted(was) if one == intent]
        new = [" → ".join(actions) for one, actions in sorted(now) if one == intent]
        if intent.startswith("faq_") and not old:
            continue  # a new question comes with its rule: its answer is what is approved
        yield Change(
            kind=RULE,
            what=intent,
            file=_file_of_intent(intent, folder="rules"),
            clinical=True,
            before="; ".join(old),
            after="; ".join(new),
        )


def _by_intent(sources: Sources) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for example in sources.examples:
        found.setdefault(example.intent, set()).add(example.text)
    return found


def _file_of_text(text_id: str, language: Language) -> str:
    if text_id.startswith(FAQ):
        return f"data/faq/{text_id.removeprefix(FAQ)}.yml"
    return f"data/texts/{language}.yml"


def _file_of_intent(intent: str, *, folder: str = "nlu") -> str:
    if intent.startswith("faq_"):
        return f"data/faq/{intent.removeprefix('faq_')}.yml"
    if intent == "out_of_scope":
        return f"data/{folder}/{'not_understood' if folder == 'rules' else intent}.yml"
    area = next((area for area in _AREAS if intent.startswith(area)), "")
    return f"data/{folder}/{_FILES.get(area, 'smalltalk')}.yml"
