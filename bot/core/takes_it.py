"""Does a clinician's text say plainly that she or he has the alert: "on it", "calling her now"?

The whole text must be made of such words. Whatever else stands in it ("not me", "can't", "who?",
"tomorrow") makes it unclear, and unclear is no acknowledgement: the pages go on. A bare "got it"
may only say that the page arrived.
"""

import re

from bot.core.plain_words import plain

_SMALL = (
    r"(?:yes|yep|yeah|yup|ya|ok|okay|k|sure|copy|copy that|roger|thanks|thank you|thx|ty|hi|hey|"
    r"tend|alright|all right|understood|got it|i got it|and|so|im|i am|now|right now|right away|"
    r"asap|"
    r"si|vale|bueno|claro|listo|gracias|entendido|y|ya|ahora|ahora mismo|ahorita)"
)
_HAS_IT = (
    r"(?:on it|on this|on this one|on my way|omw|i have (?:it|this|this one|her)|"
    r"ive got (?:it|this|this one|her)|i got (?:this|this one|her)|"
    r"(?:ill|i will|i can|let me|im going to|gonna|im gonna) (?:take|handle) "
    r"(?:it|this|this one|that one|her)|"
    r"(?:ill|i will) (?:call|phone|ring) her|taking (?:it|this|this one)|"
    r"i take (?:it|this|this one)|its mine|(?:calling|phoning|ringing) (?:her|the patient)|"
    r"calling|acknowledged|acking|"
    r"lo tengo|la tengo|yo lo tomo|lo tomo|lo tomo yo|la tomo|me encargo|yo me encargo|"
    r"la llamo|yo la llamo|la estoy llamando|llamandola|voy en camino|en camino|voy)"
)
_TAKES = re.compile(rf"(?:{_SMALL} )*{_HAS_IT}(?: (?:{_SMALL}|{_HAS_IT}))*")
_NOTHING_ELSE = re.compile(rf"(?:(?:{_SMALL}|{_HAS_IT})(?: |$))*")
_ASKS = re.compile(r"[?¿]")


def takes_it(text: str) -> bool:
    """Is "I have it" all that this text says?"""
    if _ASKS.search(text):
        return False
    return bool(_TAKES.fullmatch(" ".join(re.findall(r"\w+", plain(text)))))


def adds_nothing(words: str) -> bool:
    """Beside an ACK: is this nothing, or only "ok", "thanks", "on it" and the like?

    :param words: plain words with one space between them.
    """
    return bool(_NOTHING_ELSE.fullmatch(words))
