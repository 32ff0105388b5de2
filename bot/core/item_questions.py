"""What she asks back in the middle of a check-in that is about the check-in itself."""

import re

_MANY = r"(how|hw|hou?w) (many|manny|much|long|mny)|cu[aá]nt[ao]s?|kuant[ao]s?"
_LEFT = (
    r"more|mor|left|lft|longer|to go|remain\w*|still|questions?|q'?s|of these|till|until|"
    r"there|is this|"
    r"does this|will this|m[aá]s|faltan?|quedan?|preguntas?|son|hay|tiempo|todav[ií]a|"
    r"va a durar|dura"
)
_HOW_MANY = re.compile(rf"\b({_MANY})\b.{{0,25}}?\b({_LEFT})\b", re.IGNORECASE)
_OTHER = re.compile(
    # About the treatment, not about these questions.
    r"\b(sessions?|sesi[oó]n(es)?|doses?|dosis|treatments?|tratamientos?|weeks?|semanas?|"
    r"visits?|citas?|"
    r"pills?|medicine|medicina|hours?|horas?|days? (of|is|in|does)|cuesta|cost|appointments?)\b",
    re.IGNORECASE,
)
_NEARLY = re.compile(
    r"\b(almost|nearly|about) (done|over|finished|there)\b.*\?|\b(are|r) (we|you|u) (almost |"
    r"nearly )?"
    r"(done|finished)\b|\bis (this|that|it) (it|all|the last( one)?|over|almost over)\b|"
    r"\b(last|final) (one|question|1)\W*\?|\bmany more\b|\b(any )?more (questions|"
    r"after this)\b.*\?|"
    r"\bwhen (is|does|do) (this|it|we|the questions) (be )?(over|end|finish|done|stop)\b|"
    r"\bya (casi )?(termin\w+|acab\w+|mero|es la [uú]ltima|es todo)\b|\bfalta mucho\b|"
    r"\bcu[aá]ndo (se )?"
    r"(acab\w+|termin\w+)\b|\bes la [uú]ltima\b|\bson muchas\b|\bes todo\b.*\?|"
    r"\bcasi (termin\w+|acab\w+)\b",
    re.IGNORECASE,
)


def asks_how_many_left(text: str) -> bool:
    """Does she ask how many questions are still to come?"""
    words = text.replace("’", "'")
    if _OTHER.search(words):
        return False
    return bool(_HOW_MANY.search(words) or _NEARLY.search(words))
