"""In which language is this text, and which one does she say that she does not know?

The first is read from the small words that only one of the two has. She may have chosen English
and write of dying in Spanish: on such a night the reply must be in the words that she used (facts
2.1). What she chose is not changed by it.
"""

import re

from bot.core.languages import Language
from bot.core.plain_words import plain


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Words that the other language does not have, and that a text of a few words is likely to hold.
_ENGLISH = _words(
    """
    i im ive ill id the my you your u ur and to want wanna is it its this that of for dont
    cant not can with she they them have had was are am do does did kill killed die dying dead
    myself hurt hurting baby help please feel feeling life end going gonna will be so just on
    at what why who how when where husband boyfriend hit hits pills took take everything
    anymore any more nothing nobody someone anyone call called need think thinking about him
    her his now today tonight cannot live living suicide scared tired bleeding breathing
    breathe voices hear hearing gun knife cut cutting better off without up out over really
    should would could there here we our us babys thoughts night day days lost again after
    every hes shes says said give gave doses dose hands head home alone pads blood face bleach
    killing wont stopped hello hi thanks bad good hate wish sleep wake stop been being too
    much one if or but from
    """
)
_SPANISH = _words(
    """
    que de la el los las un una mi mis yo quiero puedo puede estoy tengo tiene esta este esto
    es ya muy mas pero para por con se su lo le te morir morirme morirse matar matarme mato
    muero muerta muerto muerte vivir vida bebe hijo hija nino nina marido esposo novio ayuda
    ayudame ayudenme ayudeme pastillas tome tomado dolor sangre sangrando respira respirar
    siento nada nadie todo voy vas hacer hacerme dano miedo voces oigo cuando porque como
    donde aqui ahora hoy noche gracias favor llamen llame llama hola pega pego golpea golpeo
    casa cansada triste fin acabar terminar quisiera ojala dormir despierta despertar suicidio
    suicidarme cortarme corte lastimar lastimarme ahogar bien mal mama tu nos ni sino tan
    mucho otra vez emergencia auxilio socorro peligro pistola cuchillo algo alguien siempre
    nunca mejor peor si pienso rindo odio sufro presion pueden podrian buenas buenos noches
    dias veces corto brazos piernas maltrata maltrato homicidas suicida suicidas ganas aguanto
    merezco escucho quiere quieren kiero qiero muchas estas estaba siguen hablan nuestra
    nuestro familia semana conmigo contra desde hasta sobre entre dios he ha han hay soy eres
    era fue ser estar tomar tomo mientras doy pecho leche cita confirmo confirmada amamanto
    amamantar lloro lloramos dormi dormida durmio duerme contesta contestan contesten conteste
    contestame contesteme responde responden respondan respondame llaman llamaron llamada llamara
    llamame llamenme llameme ahi estan vienen viene vengan venga dejen dejenme sola sabe saben
    sabes tienen tienes cuanto cuanta cuantos sesion pregunta preguntas medicina espero esperando
    dijeron dijo digan digame escribe escriben pasa paso puedes debo duele duelen sirve importa
    """
)
# "He", "come", "die" and the like mean something in both.
_BOTH = _ENGLISH & _SPANISH | {"he", "me", "no", "a", "has", "come", "solo", "tu", "es", "son"}
# What a word ends with; names of places here end so too.
_ENDS = {
    Language.ENGLISH: re.compile(r"^(?!usted$|pared$)\w{2,}(ing|ed|ght|ness|th|ly)$"),
    Language.SPANISH: re.compile(
        r"^(?!orlando$|fernando$|commando$)\w{2,}(ando|iendo|[aei]r(me|lo|la|le|se)|aron|ieron|"
        r"cion|mente|aban?|idad|[ai]dos|[ai]das)$"
    ),
}
_SIGN = re.compile(r"[ñáéíóú¿¡]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
# "I don't speak English" asks for Spanish, and names only English. "Not in English", "no, English
# please" name what she wants: only a verb of knowing, or a poor command of it, says the other.
_NOT_KNOWN = re.compile(
    r"\b(?:dont|do not|cant|cannot|no|not|never|barely|hardly)\W+(?:\w+\W+)?"
    r"(?:speak|talk|read|understand|know|get|hablo|leo|entiendo|se|comprendo|hablar|leer|entender)"
    r"\b(?:\W+(?!but\b|pero\b|sino\b)\w+){0,3}?\W+(english|ingles|spanish|espanol)\b"
    r"|\b(?:bad|poor|broken|little|poco|mal) (english|ingles|spanish|espanol)\b"
    r"|\b(english|ingles|spanish|espanol) (?:is|es) (?:\w+ )?(?:bad|poor|malo|not good)\b"
    r"|^\W*no (english|ingles|spanish|espanol)\W*$"
)
# So many times more words of one language make the few of the other a loan.
_CLEARLY = 3


def languages_of(text: str, *, own: Language) -> tuple[Language, ...]:
    """The languages to answer this text in: hers, clearly the other one, or both in doubt.

    :param own: the language that she chose; it stands where the words say nothing.
    """
    words = _WORD.findall(plain(text))
    counts = {
        Language.ENGLISH: _count(words, Language.ENGLISH),
        Language.SPANISH: _count(words, Language.SPANISH) + bool(_SIGN.search(text)),
    }
    other = Language.SPANISH if own is Language.ENGLISH else Language.ENGLISH
    hers, others = counts[own], counts[other]
    if others == 0 or hers >= _CLEARLY * others:
        return (own,)
    if others > 1 and others >= _CLEARLY * hers:
        return (other,)
    return (own, other)


def language_to_answer(text: str, *, own: Language) -> Language:
    """The one language for an answer without danger: the other one only where it is clear.

    :param own: the language that she chose; it stays hers.
    """
    spoken = languages_of(text, own=own)
    return spoken[0] if len(spoken) == 1 else own


def language_not_known(text: str) -> Language | None:
    """The language that she says she does not speak or read, if that is what she says.

    :param text: her words, in either language.
    """
    found = _NOT_KNOWN.search(plain(text))
    if found is None:
        return None
    named = next(name for name in found.groups() if name)
    return Language.ENGLISH if named in ("english", "ingles") else Language.SPANISH


def _count(words: list[str], language: Language) -> int:
    known = _ENGLISH if language is Language.ENGLISH else _SPANISH
    ends = _ENDS[language]
    return sum(word not in _BOTH and (word in known or bool(ends.match(word))) for word in words)
