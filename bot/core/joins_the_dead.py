"""Does a mother whose baby has died say that she will go to him, or wants to be with him?

Read only where a loss is known. Of a living child these are everyday words; of a dead one they are
how a wish to die is told (facts 2.3), and no word of dying is in them. In doubt it is that.
"""

import re

from bot.core.plain_words import plain

# Names the signal on record.
PATTERN = "joins_the_dead"

# "To her grave", "with her dad" name a place or another person; "with her now" does not.
_GOES_ON = (
    r"(?:again|now|soon|tonight|today|tomorrow|so|in|up|there|forever|at|and|but|because|cause|bc|"
    r"please|i|im|ill|he|she|it|when|if|all|too|really|very|right|already|instead|where|since|more|"
    r"than|next|finally|always|this|that|not|no|on|for|or|one|anymore|badly|then|who|why|how|lol|u|"
    r"you|my|they|we|his|is|was|the|a|any|as|even|only|just|ok|forevr|4ever|rn)\b"
)
_HIM = (
    rf"(?:him|her(?! (?!{_GOES_ON})\w)|them|(?:my|our) (?:\w+ ){{0,2}}?(?:baby|babies|bby|son|"
    r"daughter|boys?|girls?|child|children|twins?|angels?|little one|newborn|kids?))\b"
    r"(?! (?:grave|cemetery|memorial|funeral|dad|daddy|father|things|room|clothes|pictures|photos|"
    r"birthday))"
)
_SOON = r"(?:soon|tonight|tomorrow|today|now|very|before long|in heaven|up there|finally|at last)"
_EN = (
    # "I want to be with him"; "i dont want to be with him" is none.
    r"(?<!dont )(?<!not )\b(?:want|wanna|wanting|wish|need|ready|rather|deserve|supposed|should|"
    r"ought|going|gonna|ill|will|wait|get|let me|longing|about|time) (?:\w+ ){0,3}?"
    rf"(?:be|go|come|lie|sleep|rest|stay) (?:\w+ )?(?:with|to|home to|next to|beside) {_HIM}",
    rf"\bwish(?:ed)? i (?:was|were|could be|could go) (?:\w+ )?(?:with|to) {_HIM}",
    r"\b(?:going|goin|coming|comin|on my way|go|off) (?:\w+ )?"
    rf"(?:to (?:be with |join |meet )?|with |home to ){_HIM}",
    rf"\b(?:see|meet|hold|hug|kiss|join|with) (?:\w+ )?{_HIM} (?:again )?{_SOON}\b",
    # "See you soon" alone is said to the clinic.
    r"\b(?:see|with|hold|join) you (?:again )?(?:very )?soon (?:(?:my|our|sweet|little|mommys) )*"
    r"(?:baby|angel|boy|girl|son|daughter|love|one|sweetheart)\b",
    r"\bbe with you (?:again )?(?:very )?soon\b",
    rf"\b(?:soon|tonight|tomorrow) (?:\w+ ){{0,3}}?(?:with|join|hold|see|to) {_HIM}",
    rf"\bjoin(?:ing)? {_HIM}",
    r"\bmommy(?:s| is| will be)? (?:coming|on (?:her|the) way)\b",
    r"\b(?:he|she|they)(?:s| is| are|re)? waiting for me\b",
    r"\b(?:he|she)(?:s| is)? calling (?:for )?me\b",
    r"\b(?:he|she) needs (?:his |her )?(?:me|mom|mommy|mama)\b"
    r"(?: \w+){0,2} (?:there|with (?:him|her)|now)\b",
    r"\bgo(?:ing)? where (?:he|she|they) (?:is|are|went)\b",
    r"\bfollow(?:ing)? (?:him|her)\b(?! (?:on|page|account))",
    r"\b(?:well|we will|we are|were) (?:all )?be (?:\w+ )?together (?:again )?(?:soon|tonight)\b",
    r"\btake me (?:to|with) (?:him|her|them|you)\b",
)
_EL = (
    r"(?:el|ella|ellos|ellas|(?:mi|mis|nuestr[oa]) (?:\w+ ){0,2}?(?:bebes?|bebit[oa]s?|hij[oa]s?|"
    r"nin[oa]s?|nen[ea]|angel\w*|gemel[oa]s|chiquit[oa]))\b"
)
_ES = (
    r"(?<!no )\b(?:quiero|quisiera|necesito|deseo|ojala|voy a|vamos a|debo|deberia|prefiero|"
    r"lista para|pronto|ganas de) (?:\w+ ){0,3}?"
    rf"(?:estar|irme|ir|reunirme|juntarme|dormir|descansar|quedarme) (?:\w+ )?con {_EL}",
    r"\b(?:me voy|me ire|ya voy|ya casi voy|voy) (?:\w+ )?"
    rf"(?:con|a donde esta|adonde esta|hacia|para donde esta) {_EL}",
    rf"\b(?:estare|estaremos|estar) (?:\w+ )?(?:con {_EL}|juntos) (?:\w+ )?"
    r"(?:pronto|hoy|esta noche|ya|en el cielo)\b",
    r"\b(?:pronto|esta noche|ya casi) (?:\w+ ){0,3}?"
    rf"(?:con {_EL}|estaremos juntos|l[oa] voy a ver|l[oa] vere|l[oa] veo)\b",
    r"\b(?:quiero|voy a|para) (?:alcanzar|seguir)(?:lo|la|los)\b|\breunirme con (?:el|ella)\b",
    r"\bme esta esperando\b(?! (?:la|el|un|una) )|\b(?:el|ella|mi \w+) me esta llamando\b",
    r"\b(?:mami|mamita) ya va\b",
)
_JOINS = re.compile("|".join((*_EN, *_ES)))


def says_so(text: str) -> bool:
    """Does she say that she goes to the one who died, or wants to?"""
    words = " ".join(re.findall(r"\w+", re.sub(r"['’]", "", plain(text))))
    return bool(_JOINS.search(words))
