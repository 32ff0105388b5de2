"""Tries every pattern against its own examples; ``tend doctor`` and the tests print what fails."""

from bot.core.languages import Language
from bot.crisis.rules import CrisisRules
from bot.crisis.screening import Context, Screener


def check_examples(rules: CrisisRules) -> list[str]:
    """What the entries' own examples say: one sentence for each that fails, none when all is well.

    ``must_match``: the entry gives a signal of its level or a softened one.
    ``must_not_match``: this entry gives none (another one may).
    """
    screener = Screener(rules)
    context = Context(Language.ENGLISH)
    problems: list[str] = []
    for pattern in rules.patterns:
        for text in (*pattern.must_match, *pattern.must_not_match):
            found = {s.pattern_id for s in screener.screen(text, context).signals}
            if (pattern.id in found) != (text in pattern.must_match):
                told = "must match" if text in pattern.must_match else "must not match"
                problems.append(f"{pattern.where}: {pattern.id} {told} '{text}'.")
    return problems
