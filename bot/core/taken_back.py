"""Does she take back what she wrote? "forget i said anything", "olvide lo que dije", "never mind".

It asks for nothing to be erased and ends no texts. It may follow on words that nobody understood.
"""

import re

from bot.core.plain_words import plain

_SAID = (
    r"(?:said|say|sed|told|tell|wrote|texted|typed|sent|asked|mentioned|brought|dije|conte|escribi|"
    r"mande|mencione|pregunte)"
)
_WHAT = (
    rf"(?:(?:that|what|everything|all|whatever|anything|how) )?(?:i|ive) (?:\w+ ){{0,2}}?{_SAID}"
    r"(?: (?:you|u|that|this|it|about it|anything|something|earlier|before|up|a thing|all that))*"
)
_QUE = rf"(?:todo )?(?:lo que|que) (?:\w+ ){{0,2}}?{_SAID}(?: (?:algo|nada|eso|antes|hace rato))*"
_ONE = (
    r"(?:the |my |that |mi |el |ese )?(?:last |previous |ultimo )?(?:text|message|msg|mensaje|one)"
)
_BACK = (
    r"(?:never ?mind(?: (?:me|that|it))?|nvm+d?|nevermnd"
    rf"|(?:forget|forgt|4get|ignore|disregard|scratch|delete) (?:about )?(?:it|that|this|{_WHAT}|"
    rf"{_ONE}(?: (?:i )?(?:just )?sent)?)"
    r"|(?:ignore|disregard|dont mind) me"
    r"|pretend i (?:didnt|never|did not) (?:\w+ ){0,2}?"
    r"(?:say|said|write|wrote|texted|text|send|sent|ask|asked)(?: \w+){0,2}"
    r"|i (?:take|took) (?:it|that|it all|everything) back|i shouldnt have (?:said|texted|written)"
    r"(?: (?:that|anything|it))?"
    r"|olvid(?:e|en|a|ate|ese|enlo|elo|alo|emoslo)(?: (?:de )?(?:eso|esto|todo|el mensaje))?"
    rf"|olvid(?:e|en|a|ate|ese)(?: de)? {_QUE}"
    r"|(?:ignor(?:a|e|en)|borr(?:a|e|en))(?:lo)?(?: (?:eso|esto|mi mensaje|el mensaje|mi ultimo "
    rf"mensaje|{_QUE}))|ignor(?:a|e|en)lo"
    r"|(?:haga|hagan|haz|hagamos) (?:de cuenta|como) que no (?:\w+ ){0,2}?(?:dije|escribi|mande)"
    r"(?: nada)?|(?:como si )?no (?:he )?dicho nada|no dije nada"
    r"|no (?:me )?(?:haga|hagan|hagas) caso|no me hagas caso|me retracto|retiro lo dicho)"
)
_BESIDE = (
    r"(?:(?:sorry|lol|lmao|haha+|ok|okay|oh|omg|pls|plz|please|just|no|nah|wait|actually|um+|uh+|"
    r"ugh|so|and|but|then|thanks|thank you|all good|(?:its|im|i am|it is) (?:fine|ok|okay|good|"
    r"nothing)|its nothing|dont worry(?: about it)?|can (?:you|u)|you can|u can|i was (?:just )?"
    r"(?:tired|kidding|joking|venting)|jk|perdon|disculpe?|ay|pues|ya|mejor|bueno|por favor|porfa|"
    r"gracias|no es nada|no importa|estoy bien|todo bien|nada|anyway|whatever|tend) )*"
)
_ONLY = re.compile(rf"{_BESIDE}{_BACK} (?:{_BACK} )?{_BESIDE}")
_IN_WORDS = re.compile(rf"\b{_BACK}\b")
_PERHAPS_ALL = re.compile(
    r"\b(?:everything|all|told|tell|delete|todo|tod[oa]s|cont(?:e|ado)|borr\w+)\b"
)


def only(text: str) -> bool:
    """Is that all she says?

    :param text: her words, English or Spanish.
    """
    return bool(_ONLY.fullmatch(_words(text) + " "))


def among(text: str) -> bool:
    """Does she say so among other words?"""
    return bool(_IN_WORDS.search(_words(text)))


def may_mean_her_data(text: str) -> bool:
    """Taking back "everything i told you" may be a wish to have it erased: a person asks her."""
    return bool(_PERHAPS_ALL.search(_words(text)))


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]+", " ", plain(text)).split())
