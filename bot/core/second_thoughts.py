"""Does she take her last answer back and name another? "wait no i meant 4", "perdón, era 7"."""

import re

from bot.core.plain_words import plain

_NUMBER = (
    r"(?P<{name}>10|[0-9]|zero|one|two|three|four|five|six|seven|eight|nine|ten|cero|uno|dos|tres|"
    r"cuatro|cinco|seis|siete|ocho|nueve|diez)"
)
# What a slip begins with; several in a row are one.
_SLIP = r"(?:(?:wait|no|nope|oops|sorry|ups|perdon|espere|espera|ay|hey|typo|actually)\W+)"
_MEANT = re.compile(
    r"\b(?:i (?:actually |really |just )?(?:meant|mean)(?: to (?:say|put|type|press|write))?|"
    r"(?:make|change) (?:that|it)(?: to)?|(?:it |that )?(?:should|was supposed to) (?:be|say)|"
    r"(?:quise|queria)(?: (?:decir|poner|escribir))?|me equivoque\W+(?:era|es)(?: un)?)"
    r"\W+(?:an? |un )?"
    + _NUMBER.format(name="after")
    + r"\b(?! (?:am|pm|hours?|days?|kids?|months?|weeks?|horas?|dias?|meses)\b)"
    rf"|^\W*{_SLIP}+(?:its |it is |that is |thats |era |es |un )?"
    + _NUMBER.format(name="alone")
    + r"\W*$"
)


def meant(text: str) -> str | None:
    """The number that she meant instead, in her own way of writing it; none when she names none.

    :param text: her words, English or Spanish.
    """
    found = _MEANT.search(plain(text))
    return (found["after"] or found["alone"]) if found else None
