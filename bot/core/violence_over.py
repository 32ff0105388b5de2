"""Does she say that the violence she tells of is over, and that she is away from it?

Then her silence after "Safe to text?" is no sign that she is kept from answering. Only a text that
says both is read so, and nothing of today in it; in doubt it is not over.
"""

import re

from bot.core.plain_words import plain

_LONG_AGO = (
    r"years? ago|months ago|last year|long (?:time )?ago|back (?:then|in \d{4})|in the past|"
    r"when i was (?:a |younger|\d)|growing up|as a (?:kid|child|teen)|in (?:19|20)\d\d|"
    r"hace (?:\w+ ){0,2}(?:anos?|meses)|el ano pasado|cuando era"
)
_BEFORE = re.compile(
    rf"\b(?:{_LONG_AGO}|used to|was in an abusive|solia|me (?:pegaba|golpeaba|maltrataba)|"
    r"cuando (?:estaba|vivia))\b"
)
# "I'm ok" says little of a husband who may be in the next room; of an ex, or of years ago, enough.
_GONE = re.compile(rf"\b(?:{_LONG_AGO}|ex|exes|ex ?(?:husband|boyfriend|bf))\b")
_OK = re.compile(
    r"\b(?:im|i am|were|we are|am|feel|estoy) (?:\w+ )?(?:ok|okay|okey|fine|good|alright|bien)\b"
)
_AWAY = re.compile(
    r"\b(?:im|i am|were|we are|am|feel) (?:\w+ )?(?:safe|free|away from (?:him|her|that|it))\b|"
    r"\b(?:thats|that is|its|it is|all|is) (?:\w+ )?over\b(?! and over)|"
    r"\b(?:left him|got out|got away|moved (?:out|away|on)|divorced|broke up|split up|"
    r"(?:not|no longer|arent) together|(?:not|no longer) with him|(?:hes|is) in (?:jail|prison)|"
    r"restraining order|never again|not any ?more|doesnt any ?more|no contact|"
    r"he(?:s| is) (?:long )?gone|he lives (?:far|in another|out of))\b|"
    r"\b(?:ya no|ya paso|ya estoy (?:a salvo|lejos)|estoy (?:\w+ )?(?:a salvo|segura)|"
    r"se acabo|se termino|lo deje|me fui|nos separamos|me divorcie|divorciad[ao]s?|"
    r"no estamos juntos|esta (?:preso|en la carcel)|"
    r"orden de (?:restriccion|alejamiento)|nunca mas)\b"
)
# "I'm ok now" is no news of today.
_OK_NOW = re.compile(
    r"\b(ok|okay|fine|good|safe|better|free|bien|salvo|segura) (?:now|today|ahora|hoy)\b|"
    r"\b(?:now|ahora|hoy) (im|i am|were|estoy|ya)\b"
)
# Something of today, of fear, or of a doubt.
_NOT_OVER = re.compile(
    r"\b(?:still|(?<!never )again|"
    r"today|tonight|now|yesterday|last (?:night|week|month)|"
    r"this (?:week|morning|month)|lately|keeps?|started|scared|afraid|terrified|worried|"
    r"threat\w*|stalk\w*|follow\w*|"
    r"outside|calls me|texts me|shows? up|coming|came|comes back|back (?:home|here|together)|"
    r"moved back|found|knows where|gun|knife|hits|hurts|hitting|but (?:he|my)|my (?:husband|"
    r"boyfriend|bf|partner|fiance|man|dad|mom)|"
    r"todavia|aun|sigue|otra vez|de nuevo|hoy|anoche|ayer|ahora|esta (?:semana|noche)|"
    r"ultimamente|miedo|amenaz\w*|me busca|me llama|afuera|volvio|regreso|pistola|cuchillo|"
    r"me pega|me golpea|mi (?:esposo|marido|novio|pareja|papa))\b"
)
_NOT_AWAY = re.compile(
    r"\b(?:not|isnt|aint|arent|dont feel) (?:\w+ )?(?:ok|okay|fine|safe|over|good)\b|"
    r"\bno (?:estoy|me siento) (?:\w+ )?(?:bien|a salvo|segura)\b|\?"
)


def is_over(text: str) -> bool:
    """Does she tell of violence that was before, and say that she is away from it?"""
    words = _OK_NOW.sub(r"\1\2", re.sub(r"['’]", "", plain(text)))
    if not _BEFORE.search(words) or _NOT_OVER.search(words) or _NOT_AWAY.search(words):
        return False
    return bool(_AWAY.search(words) or (_OK.search(words) and _GONE.search(words)))
