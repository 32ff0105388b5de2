"""Does she ask for other hours rather than for no texts at all ("no more texts at night")?

A wish about hours is passed on to a person, who sets them. Where it may as well mean an end to all
texts, it is an end: the law counts any clear wish, and she is told how to come back.
"""

import re

_TIME = (
    r"(?:\d{1,2}(?: ?\d\d)?(?: ?[ap]m)?|noon|midnight|dark|bed ?time|work|dinner|six|seven|eight"
    r"|nine|ten|eleven|twelve)"
)
# Words that limit a wish to some hours, over plain words (bot/core/opt_out.py).
_LIMITS = re.compile(
    rf"\b(?:at night|nights|overnight|at work|at (?:this|that) (?:hour|time)|at {_TIME}|"
    r"(?:so|too|this|that|very) (?:late|early)|late at night|in the middle of the night|"
    rf"(?:after|before|past) {_TIME}|between \d{{1,2}}|during (?:the (?:day|night)|work|my|school)|"
    r"(?:while|when) i(?:m| am)? ?(?:at work|work|working|sleep|sleeping|asleep|nurse|nursing|nap)|"
    r"while (?:the )?baby|in the (?:morning|mornings|afternoon|evening|evenings|daytime)|"
    r"on (?:the )?(?:weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)|"
    r"until (?:tomorrow|next|after|the|mon|tues|wednes|thurs|fri|satur|sun|\d)|"
    # Spanish
    r"(?:de|por la|en la|en las|de la) (?:noche|noches|madrugada|manana|tarde)|"
    r"tan (?:tarde|temprano)|"
    r"(?:despues|antes) de las|a esta hora|a estas horas|(?:mientras|cuando) (?:trabajo|duermo|"
    r"estoy (?:en el trabajo|trabajando|dormida|durmiendo))|en el trabajo|"
    r"(?:el|los) (?:fin|fines|sabados?|domingos?)|hasta (?:manana|el|la))\b"
)
# "Not at night and not ever" is an end all the same.
_NO_LIMIT = re.compile(r"\b(?:ever|at all|day or night|nunca|jamas|ni de dia|dia y noche)\b")
_NEGATED = r"(?:dont|do not|never|no|stop|quit|only|just|para|paren|pare|deje|dejen|solo)"
_SAID_OF_TEXTS = re.compile(
    rf"\b{_NEGATED} (?:\w+ ){{0,3}}(?:texts?|txts?|texting|messag\w+|msgs?|sms|reminders?|"
    r"escrib\w+|mand\w+|envi\w+|mensajes?|mensajitos|textos?|recordatorios?|texte\w+)\b"
)
# "My boss texts me at night" is not about us; an order is.
_ORDER = re.compile(
    r"^(?:(?:please|pls|plz|ok|hi|hello|hey|can you|could you|i want|i need you to|por favor|hola|"
    rf"ya) )*{_NEGATED}\b"
)


def is_about_hours(clause: str) -> bool:
    """Does this clause speak of some hours only?"""
    return _LIMITS.search(clause) is not None and _NO_LIMIT.search(clause) is None


def asks_for_other_hours(plain: str) -> bool:
    """Does she ask us to text at other hours?

    :param plain: her words as ``opt_out`` reads them, clauses parted by " . ".
    """
    return any(
        _ORDER.search(clause.strip()) and _SAID_OF_TEXTS.search(clause) and is_about_hours(clause)
        for clause in plain.split(".")
    )
