"""Whose death does she tell of: that of a grown-up or a pet, and not of her baby?

The state *loss* is for a baby who died, and for a pregnancy (clinic rules, "Loss"). In doubt it is
that: only a text that names whom it mourns, and tells of no other death, is read so.
"""

import re

from bot.core.plain_words import plain

_PETS = (
    r"dogs?|doggy|dogg?ie|pup|puppy|cats?|kitty|kitten|bunny|rabbit|hamster|guinea pig|bird|parrot|"
    r"horse|fish|goldfish|turtle|pet|perr(?:o|a|ito|ita)s?|gat(?:o|a|ito|ita)s?|mascota|conejo|"
    r"conejito|pajarito|perico|caballo|tortuga|pez|cachorr[oa]"
)
_GROWN_UPS = (
    r"moms?|mommy|mama|mother|mum|dad|daddy|papa|father|parents?|grandma\w*|grandpa\w*|"
    r"grandmothers?|grandfathers?|granny|nana|grandparents?|husband|hubby|wife|boyfriend|fiance|"
    r"partner|brother|sister|uncle|aunt|auntie|cousin|friend|bestie|neighbou?r|boss|coworker|"
    r"stepdad|stepmom|mil|fil|(?:mother|father|brother|sister) in law|madre|mami|padre|papi|"
    r"abuel(?:o|a|ito|ita)s?|esposo|marido|novio|hermanos?|hermanas?|ti[oa]|prim[oa]|amig[oa]|"
    r"suegr[oa]|cunad[oa]|vecin[oa]"
)
_WHOSE = rf"(?:{_PETS}|{_GROWN_UPS})"
_DIED = (
    r"(?:died|dead|die|dies|dying|death|passed(?! (?:me|the|out|him|her a|my|by)\b)|passing|gone|"
    r"deceased|not make it|didnt make it|didnt survive|put down|put to sleep|run over|"
    r"murio|muerto|muerta|murieron|fallecio|falleciendo|fallecido|fallecida|muerte|se fue al cielo|"
    r"no sobrevivio|atropellaron)"
)
_LOST = (
    r"(?:lost|losing|lose|miss|mourning|grieving|bur(?:y|ied)|cremated|funeral (?:of|for)|"
    r"death of|perdi|perdimos|enterramos|enterre|extrano|funeral de|velorio de|muerte de)"
)
# What may stand between: "my mom just passed away". "My mom says he is gone" tells of another.
_FILLER = (
    r"(?:has|had|have|just|is|are|was|recently|suddenly|also|both|finally|se|ya|me|ha|acaba de)"
)
_ILL = (
    r"(?:sick|ill|cancer|old|stroke|heart attack|covid|hit by|overdosed|enferm\w+|infarto|derrame|"
    r"viejit[oa])"
)
# "my mom died"; "my dog was sick and she died"; "i lost my dog"; "my dads funeral"; "se murio mi
# perro".
_TOLD = re.compile(
    rf"\b(?:miss|extrano a)(?: \w+)? {_WHOSE}\b(?: \w+){{0,4}}? (?:she|he|it)? ?{_DIED}\b"
    rf"|\b{_WHOSE}s?(?: {_FILLER}){{0,3}} {_DIED}\b"
    rf"|\b{_WHOSE}(?: \w+){{1,3}}? {_ILL}\b(?: \w+){{0,4}}? {_DIED}\b"
    rf"|\b{_LOST}(?: both| all)? (?:my|our|the|his|a|mi|nuestr[oa]|la|el|al?)(?: \w+)?? {_WHOSE}\b"
    rf"|\b{_LOST} {_WHOSE}\b"
    rf"|\bput (?:(?:my|our|the) (?:\w+ )?)?{_WHOSE} (?:down|to sleep)\b"
    rf"|\b{_WHOSE}s? (?:funeral|burial|memorial|ashes|wake)\b"
    rf"|(?:^|\b(?:se|hoy|ayer|anoche|me) )(?:murio|fallecio|murieron|fallecieron) "
    rf"(?:mis?|nuestr[oa]) {_WHOSE}\b"
)
_CHILD = re.compile(
    r"\b(?:bab(?:y|ies|ys)\w*|bb|bby|bebes?|bebit[oa]s?|infants?|newborn|sons?|daughters?|child|"
    r"children|kids?|kiddo|twins?|triplets|preemie|toddler|boys?|girls?|little one|angel\w*|"
    r"pregnan\w*|miscarr\w*|stillb\w*|nicu|sids|heartbeat|womb|birth|ultrasound|fetus|crib|"
    r"rainbow|hij[oa]s?|hijit[oa]s?|nin[oa]s?|nen[ea]s?|embaraz\w*|aborto\w*|gemel[oa]s|cuna|"
    r"nacio|nacer|parto|latido\w*|recien nacid[oa]|criatura|chiquit[oa]|(?:he|she) was born)\b"
)
_ANY_DEATH = re.compile(
    rf"\b(?:{_DIED}|buried|cremated|funeral|heaven|cielo|lost (?:him|her|it|them))\b"
)


# Children whom one speaks of like that may be the ones who died.
_DOUBTFUL = re.compile(
    r"\b(?:miscarr\w*|stillb\w*|nicu|sids|heartbeat|womb|fetus|rainbow|angel\w*|preemie|ultrasound|"
    r"pregnan\w*|embaraz\w*|aborto\w*|latido\w*)\b"
)
# "My mom passed, and so did my son": a second death that has no word of its own.
_ANOTHER = re.compile(
    r"\b(?:so (?:did|has|have|is|are)|too|also|as well|both|either|neither|same|then|next|now|"
    r"tambien|igual|tampoco|ambos|luego|despues|ahora|"
    r"with(?:out)? (?:him|her|them)|con (?:el|ella)|sin (?:el|ella))\b"
)


def is_of_another(text: str) -> bool:
    """Does she mourn a grown-up or a pet, and plainly no child of hers?"""
    words = " ".join(re.findall(r"\w+", plain(text)))
    told = _TOLD.search(words)
    if told is None or _DOUBTFUL.search(words) or _CHILD.search(told[0]):
        return False
    rest = _TOLD.sub(" ", words)
    # "My mom died, and now he did not make it either": the second death may be the baby's.
    if _ANY_DEATH.search(rest):
        return False
    # "My grandma passed and I wish she had met the baby": the child lives.
    return not (_CHILD.search(rest) and _ANOTHER.search(rest))
