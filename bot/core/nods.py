"""Does she only nod? A thumb, a heart or "ok" alone asks for nothing, and is no hello.

Folded hands, a broken or a black heart are no nods: they may be a plea.
"""

import re

_SIGNS = (
    "\U0001f44d\U0001f44c\u2705"  # thumb, ring of fingers, tick
    "\u2764\u2665\U0001f9e1\U0001f49b\U0001f49a\U0001f499\U0001f49c\U0001f90d\U0001f90e"  # hearts
    "\U0001fa77\U0001f493\U0001f495\U0001f496\U0001f497\U0001f49e"
    "\U0001f60a\U0001f642\u263a\U0001f60c\U0001f970\U0001f917"  # smiles
)
# Colours of skin, and the mark that makes a sign a picture.
_SHADES = "\U0001f3fb-\U0001f3ff\ufe0f\u200d"
_NOD = re.compile(rf"\s*(?:(?:ok(?:ay|ey|i)?|kk?|vale)\W*|[{_SIGNS}][{_SHADES}]*[\s.!]*)+", re.I)


def only(text: str) -> bool:
    """Is the whole text a nod?

    :param text: her words, in any language.
    """
    return len(text) < 40 and "?" not in text and bool(_NOD.fullmatch(text))
