"""Does she name a weapon, or say that somebody will kill?

Read only while an alert tells of violence: there it makes the alert an emergency.
"""

import re

from bot.core.plain_words import plain

_ARMED = re.compile(
    r"\b(?:guns?|pistol|rifle|shotgun|machete|knife|bullets?|"
    r"loading it|loaded it|(?:is |its )loaded|"
    r"(?:shoot|stab|kill|strangle) (?:me|us|the kids|the baby|him|her|everyone)|"
    r"pistolas?|armas?|escopeta|cuchillo|navaja|balas?|balazos?|cargando la|"
    r"(?:matarme|matarnos|apunalarme)|me (?:va a|quiere) matar|nos (?:va a|quiere) matar)\b"
)
# Only what denies the weapon itself: "he doesn't have a job but he has a gun" and "he has a gun,
# the police won't come" deny nothing.
_UNARMED = re.compile(
    r"\b(?:no (?:guns?|weapons?|knives|armas?|pistolas?)|"
    r"(?:doesnt|does not|didnt) (?:have|own) (?:a |any )?(?:guns?|pistol|rifle|shotgun|knife)|"
    r"no tiene (?:un |una )?(?:armas?|pistolas?|escopeta)|butter knife|water gun|toy gun|"
    r"(?:pistola|arma) de juguete)\b"
)


def are_named(text: str) -> bool:
    """Does she name a weapon, or say that he will kill, and deny neither?"""
    words = " ".join(re.findall(r"\w+", plain(text)))
    return bool(_ARMED.search(words)) and not _UNARMED.search(words)
