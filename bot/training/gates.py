"""What a candidate must not do, however good its figures: each gate with a sentence for staff.

These gates read the data alone, before anything is trained. They compare with what the live model
was made of: what has been live for long is not held against whoever taught something today.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.core.gates import Gate
from bot.core.languages import Language
from bot.core.plain_words import unaccented
from bot.crisis.screening import Screening
from bot.training.examples import Example
from bot.training.sources import Sources

CRISIS = "crisis_"
# What these intents lead to is only small talk, or the offer of choices: danger has no place there.
_HARMLESS_ENDS = frozenset({"greet", "thank", "goodbye", "affirm", "deny", "joke", "out_of_scope"})
_MUST_DO = {"nlu_fallback": "action_not_understood", "out_of_scope": "action_not_understood"}
_SCREEN = "action_screen"
_HELP_NUMBER = re.compile(r"(?<!\d)(988|911|1-\d{3}-\d{3}-\d{4})(?!\d)")
# Fewer examples than this may be moved from one intent to another at a time.
_MANY_MOVED = 10
# A word or two, such as "hi", belongs to nobody.
_LEAST_WORDS = 3

# How the gateway would screen a text with nothing said before it.
Screen = Callable[[str, Language], Screening]


def folded(text: str) -> str:
    """A text without what typing adds: capitals, accents, marks, spaces."""
    return " ".join(re.sub(r"[^\w\s]", "", unaccented(text.casefold())).split())


def added(before: Sources, after: Sources) -> list[Example]:
    """Examples that the live model was not taught under this intent."""
    known = {(example.text, example.intent) for example in before.examples}
    return [one for one in after.examples if (one.text, one.intent) not in known]


def check_data(
    before: Sources,
    after: Sources,
    *,
    tested: Mapping[str, Iterable[str]],
    screen: Screen,
) -> list[Gate]:
    """Every gate that needs no trained model.

    :param tested: what models are tested with, by name: blind sets, safety set and the like.
    """
    new = added(before, after)
    return [
        no_test_lines(new, tested),
        no_pasted(new, after.examples),
        none_moved(new, before.examples, after.examples),
        no_danger_in_small_talk(new, screen),
        answers_keep_numbers(before, after),
        danger_is_wired(before, after),
    ]


def no_test_lines(new: Sequence[Example], tested: Mapping[str, Iterable[str]]) -> Gate:
    """What the model was taught proves nothing about it.

    What was taught long ago stops nobody today: it is left out of the figures instead.
    """
    found = [
        f"“{example.text}” ({example.intent}) stands in {name}"
        for name, texts in tested.items()
        for example in _shared(new, texts)
    ]
    count = len(found)
    return Gate.of(
        "test_lines",
        found,
        passed="No example is also a test line.",
        stopped=f"{_many(count, 'new example is', 'new examples are')} also used to test the "
        "model. What a model was taught proves nothing about it: take them out of the examples.",
    )


def no_pasted(new: Sequence[Example], everything: Sequence[Example]) -> Gate:
    """One text can teach one thing."""
    intents: dict[str, set[str]] = {}
    for example in everything:
        intents.setdefault(folded(example.text), set()).add(example.intent)
    pairs: Counter[tuple[str, str]] = Counter()
    found = []
    for example in new:
        for other in sorted(intents[folded(example.text)] - {example.intent}):
            pairs[example.intent, other] += 1
            found.append(f"“{example.text}” stands under {example.intent} and {other}")
    worst = pairs.most_common(1)
    mine, other, count = (*worst[0][0], worst[0][1]) if worst else ("", "", 0)
    return Gate.of(
        "pasted",
        found,
        passed="No new example stands under two intents.",
        stopped=f"{_many(count, 'new example', 'new examples')} of {mine} also "
        f"{'stands' if count == 1 else 'stand'} under {other}. The model cannot tell them apart "
        "any more: leave each text under one of them.",
    )


def none_moved(new: Sequence[Example], before: Sequence[Example], after: Sequence[Example]) -> Gate:
    """Cut out here and pasted there: the tests of the old intent would be gone with it.

    A few at a time may be put right; each candidate is then proved on what is left.
    """
    still = {(folded(one.text), one.intent) for one in after}
    gone: dict[str, set[str]] = {}
    for example in before:
        if (folded(example.text), example.intent) not in still:
            gone.setdefault(folded(example.text), set()).add(example.intent)
    moved: dict[tuple[str, str], list[str]] = {}
    for example in new:
        for other in gone.get(folded(example.text), set()) - {example.intent}:
            moved.setdefault((example.intent, other), []).append(example.text)
    many = {pair: texts for pair, texts in moved.items() if len(texts) >= _MANY_MOVED}
    (mine, other), texts = max(many.items(), key=lambda one: len(one[1]), default=(("", ""), []))
    return Gate.of(
        "moved",
        [
            f"“{text}” taught {there} and now {here}"
            for (here, there), moved_texts in many.items()
            for text in moved_texts
        ],
        passed="No intent lost many of its examples to another.",
        stopped=f"{len(texts)} new examples of {mine} taught {other} until now. If somebody pasted "
        f"them there by mistake, put them back. If they do belong there, move fewer than "
        f"{_MANY_MOVED} at a time, and prove each step.",
    )


def no_danger_in_small_talk(new: Sequence[Example], screen: Screen) -> Gate:
    """Words of danger may not teach small talk, whoever approves it."""
    found = []
    for example in new:
        if example.intent not in _HARMLESS_ENDS:
            continue
        screening = screen(example.text, example.language)
        if not screening.quiet:
            found.append(f"“{example.text}” under {example.intent}: {screening.category}")
    return Gate.of(
        "danger",
        found,
        passed="No new example of small talk sounds like danger.",
        stopped=f"{_many(len(found), 'example sounds', 'examples sound')} like a mother in "
        "danger, and would be answered with small talk. Take them out, or ask a clinician where "
        "they belong.",
    )


def answers_keep_numbers(before: Sources, after: Sources) -> Gate:
    """An answer that names help today names it tomorrow, and no question loses its answer."""
    found = []
    for (text_id, language), words in sorted(before.answers.items()):
        numbers = set(_HELP_NUMBER.findall(words))
        now = after.answers.get((text_id, language))
        if now is None or not now.strip():
            if numbers or f"{text_id}".startswith(("crisis_", "utter_safety")):
                found.append(f"{text_id} ({language}) is gone or empty")
            continue
        lost = numbers - set(_HELP_NUMBER.findall(now))
        if lost:
            found.append(f"{text_id} ({language}) no longer names {', '.join(sorted(lost))}")
    for intent in sorted(after.intents):
        if intent.startswith("faq_"):
            for language in Language:
                if not after.answers.get((f"utter_{intent}", language), "").strip():
                    found.append(f"{intent} has no answer ({language})")
    return Gate.of(
        "answers",
        found,
        passed="Every answer that names help still does, and no question lost its answer.",
        stopped=f"{_many(len(found), 'answer', 'answers')} lost a number that helps in danger, or "
        "lost its words. Put back what it said, or ask a clinician to word it anew.",
    )


def danger_is_wired(before: Sources, after: Sources) -> Gate:
    """What the model takes for danger still goes to the screening, and is still taught."""
    actions: dict[str, set[str]] = {}
    for rule in after.rules:
        actions.setdefault(rule.intent, set()).update(rule.actions)
    found = [
        f"{intent} no longer leads to {action}"
        for intent, action in _MUST_DO.items()
        if action not in actions.get(intent, set())
    ]
    taught = Counter(example.intent for example in after.examples)
    for intent, count in sorted(Counter(e.intent for e in before.examples).items()):
        if not intent.startswith(CRISIS):
            continue
        if _SCREEN not in actions.get(intent, set()):
            found.append(f"{intent} no longer leads to the screening")
        if taught[intent] < 0.9 * count:
            found.append(f"{intent} lost {count - taught[intent]} of its {count} examples")
    return Gate.of(
        "wiring",
        found,
        passed="Everything the model takes for danger still goes to the screening.",
        stopped="The model would no longer pass danger on as it does today. "
        "Put the rule or the examples back.",
    )


def _shared(examples: Sequence[Example], texts: Iterable[str]) -> list[Example]:
    tested = {bare for bare in map(folded, texts) if len(bare.split()) >= _LEAST_WORDS}
    return [example for example in examples if folded(example.text) in tested]


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
