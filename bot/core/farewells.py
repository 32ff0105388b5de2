"""Is a goodbye meant for good? "goodnight everybody, forever" gets no cheerful answer."""

import re

from bot.core.plain_words import plain

_FOR_GOOD = re.compile(
    r"\b(?:for (?:real|good|ever|keeps|always|the last)|forever|4ever|this time|(?:one|1) last|"
    r"(?:my|the|a|very) (?:last|final)|last (?:time|text|one|goodbye|bye|night|goodnight|words?)|"
    r"never (?:again|coming|waking|see)|(?:wont|not) (?:be )?(?:back|here|wak\w+|"
    r"coming|text\w*|writ\w*|see\w*)|every(?:one|body|1)|yall|world|life|so long|farewell|"
    r"i mean it|(?:to|with) (?:it|them) all|remember me|take care of (?:him|her|them|my)|"
    r"love (?:you|u) all|para siempre|por siempre|de verdad|esta vez|en serio|"
    r"(?:la|el|mi|por) ultim[oa]|ultim[oa] (?:vez|mensaje|noche|adios)|nunca mas|ya no (?:vuelvo|"
    r"voy|regreso|despierto|estare|me)|no (?:vuelvo|regreso)|tod[oa]s|mundo|vida|"
    r"cuid\w+ (?:a|de|mucho a) (?:mi|el|ella|los|las)|los quiero|recuerd\w+)\b"
)


def is_for_good(text: str) -> bool:
    """May this goodbye be her last?

    :param text: a text that says goodbye, English or Spanish.
    """
    return bool(_FOR_GOOD.search(re.sub(r"[^\w\s]+", " ", plain(text))))
