"""Does she ask that she, or what we hold about her, be erased? "forget me", "borren mis datos".

The dialogue model's guess alone never ends her texts: "forget i said anything", after a text that
nobody understood, asks for no erasure, and silence would be the worst answer to it.
"""

import re

from bot.core.plain_words import plain

_GIVEN = (
    r"(?:said|told|wrote|texted|typed|sent|shared|given|gave|answered|dije|conte|escribi|mande|"
    r"respondi)"
)
_HELD = (
    r"(?:data|info\w*|accounts?|records?|files?|history|histor\w+|texts?|messages?|msgs?|mesages|"
    r"msj\w*|answers?|number|details|profile|conversations?|chats?|words|stuf+|datos?|dattos|"
    r"cuenta|expediente|mensajes?|textos?|respuestas?|numero|registros?|nombre|name|nada|anything)"
)
# "Delete that" and "delete my last text" take back one text; they are not here.
_OBJECT = (
    rf"(?:me\b(?! alone)|everything|evrything|it all|all of (?:it|this|that)|all (?:of )?(?:my|"
    rf"our|the) |(?:my|our|the) (?:\w+ )?{_HELD}\b|{_HELD} (?:of mine|about me|on me)|mine\b|"
    rf"what (?:i|you|u|ive) |all i {_GIVEN}|mis? (?:\w+ )?{_HELD}\b|tod[oa]s?\b|lo que |lo mio|"
    rf"(?:la|el|los|las|nuestr[ao]s?) (?:\w+ )?{_HELD}\b|nuestra conversacion)"
)
_NOT_ONE = r"(?!(?:my|the|that|mi|ese|el|este) (?:last|ultimo) )"
_ERASE = (
    r"(?:delet\w*|del|eras\w+|wip\w+|remov\w+|purg\w+|destroy\w*|scrub\w*|clear|get rid of|"
    r"forget(?! about)|lose|borr\w+|elimin\w+|destruy\w+|destruir|quit(?:e|en|a|ar)|desaparezcan|"
    r"olvid(?:e|en|a|ar))"
)
_ASKS = re.compile(
    rf"\b{_ERASE} (?:\w+ ){{0,2}}?{_NOT_ONE}{_OBJECT}"
    r"|\bright to be forgotten\b|\bderecho al olvido\b"
    # Passive: "i want my data deleted", "que se borre mi informacion".
    rf"|\b(?:my|our|mi|mis) (?:\w+ )?{_HELD} (?:\w+ ){{0,3}}?(?:delet|eras|remov|wip|destroy|"
    r"forgotten|borrad|eliminad)\w*"
    # Not to be kept: "dont keep my answers", "no guarden nada mio".
    r"|\b(?:dont|do not|not|no|stop|without) (?:\w+ ){0,4}?(?:keep\w*|stor\w+|sav\w+|hold\w*|have|"
    rf"guard\w+|tengan|conserv\w+) (?:\w+ )?{_OBJECT}"
    rf"|\b(?:dont|do not|no) (?:\w+ ){{0,4}}?(?:keep|store|save|guarden) (?:nada|anything)\b"
    r"|\b(?:borrenme|borreme|borrame|eliminenme|eliminame|olvidenme)\b"
)
# What she told is no data: "forget what i said" takes it back, "delete what i said" erases it.
_TAKES_BACK = re.compile(
    r"\b(?:forget|forgt|olvid\w+) (?:about )?(?:it|that|this|all|everything|evrything|anything|"
    r"what|i|eso|esto|tod[oa]s?|lo)\b(?! (?:you have|you know|about me|sobre mi|lo mio))"
)


def is_asked(text: str) -> bool:
    """Does she ask for erasure in so many words?

    :param text: her words, English or Spanish. In doubt it is no: a person then reads it.
    """
    words = " ".join(re.sub(r"[^\w\s]+", " ", plain(text)).split())
    rest = _TAKES_BACK.sub(" . ", words)
    return bool(_ASKS.search(rest))
