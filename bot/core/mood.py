"""Words that a mother who is well rarely needs, for a reader of sentences misses a "not".

"Not doing well today" and "doing well today" lie side by side for a sentence encoder; measured by
cross-validation, one report of a bad day in ten was taken for a good one.
"""

import re

from bot.core.plain_words import plain

_LOW = re.compile(
    r"\b(no|not|nothing|never|hardly|barely|nah"
    r"|(ca|do|does|did|is|are|was|were|wo|would|could|should|have|has|had|ai)nt"
    r"|worse|bad|awful|terrible|hard|rough|sad\w*|cry\w*|cried|tears?|tired|exhausted|empty|down|low"
    r"|nada|nunca|ni|casi|sin|peor|mal|mala|malo|feo|fea|dificil|duro|dura|triste\w*|llor\w*"
    r"|cansad\w+|agotad\w+|vaci\w+|decaid\w+|bajone\w+|igual)\b"
)


def may_be_low(text: str) -> bool:
    """Does this report of a mood hold a word that a bad day is told with, even if denied?

    :param text: her words, English or Spanish.
    """
    return _LOW.search(plain(text)) is not None
