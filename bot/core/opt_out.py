"""Does she ask us to stop, to start again, to help, or to erase what we hold about her?

Carriers act on a text that is one keyword and nothing else. People write "please stop texting me",
and the law counts any clear wish (47 CFR 64.1200(a)(10)), so free words are read here as well.
Crisis screening reads every text too: "STOP i want to die" is a stop *and* an alert.

A wish counts where a clause begins, so that "he won't stop texting me" and "i want it to stop" are
no opt-outs. YES is never read as opting in: it may answer a question of ours. "No more texts at
night" is a wish about hours (``text_hours``).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.core import text_hours
from bot.core.plain_words import unaccented


class OptOutKind(StrEnum):
    """What she asks for. *Forget* means: stop, and erase what you hold about me."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    FORGET = "forget"


@dataclass(frozen=True)
class OptOutReading:
    """What a text asks for.

    :param exact: it is a single carrier keyword, on which the carrier may already have acted.
    """

    kind: OptOutKind
    exact: bool


# Twilio's default keywords; AYUDA belongs to the Spanish set of its Advanced Opt-Out.
CARRIER_KEYWORDS = {
    **dict.fromkeys(
        ("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"),
        OptOutKind.STOP,
    ),
    **dict.fromkeys(("START", "UNSTOP"), OptOutKind.START),
    **dict.fromkeys(("HELP", "INFO", "AYUDA"), OptOutKind.HELP),
}

# Building blocks, over text without accents, apostrophes and capitals; " . " is any punctuation.
_POLITE = (
    r"(?:please|pls|plz|plse|ok|okay|hi|hello|hey|just|so|but|sorry|thanks|thank you|now|kindly|"
    r"seriously|guys|yall|(?:can|could|would|will) (?:you|u)|(?:you|u) (?:need|have) to|"
    r"i (?:want|need|asked|told|d like|would like) (?:you|u) to|"
    r"por favor|porfa|porfavor|favor de|ya|hola|oye|oigan|gracias|pero|(?:les|le) pido que|solo)"
)
_BEGIN = rf"(?:^|\. )(?:{_POLITE} )*"
# A bare "please stop" counts only where the text begins: later it may be said to a voice or a man.
_FIRST = rf"^(?:(?:{_POLITE}|no \.) (?:\. )?)*"
_END = (
    r"(?: (?:please|pls|plz|now|already|thanks|thank you|por favor|porfa|ya|gracias))*"
    r"(?: \.| *$)"
)
# "No more texts from my ex" is not about us.
_NOT_OTHERS = r"(?! (?:from|of|by|de|del) (?!you|u|this|tend|here|ustedes|usted|este|esta|aqui))"
_WORDS = (
    r"(?:texts?|texting|txts?|messages?|messaging|msgs?|sms|reminders?|notifications?|check ?ins?|"
    r"automated (?:texts|messages)|mensajes?|mensajitos|textos?|recordatorios?|notificaciones|"
    rf"avisos)\b{_NOT_OTHERS}"
)
_FILLER = (
    r"(?:(?:any|more|anymore|your|these|those|the|this|to|get|getting|receive|receiving|have|all|"
    r"of|my|me|with|such|sending|a|single|mas|sus|tus|mis|estos|los|recibir|recibiendo|ningun|"
    r"ningunos|que|me|manden|mande|mandes|envien|envie|seguir|de|tantos) )*"
)
_TO_US = (
    rf"(?:{_END}| (?:me|us|this (?:number|phone)|my (?:phone|number|cell)|so|again|anymore|"
    r"at all)\b)"
)
_NOT_THEM = r"(?! (?:him|her|them|my|your|the|with)\b)"
# "Don't text me at work" is a wish about hours, not an opt-out.
_NOT_HOURS = (
    r"(?! (?:right now|today|tonight|tomorrow|now|at (?!all)|while|when|until|before|after|during|"
    r"on|in|here|hoy|ahora|ahorita|mientras|cuando|hasta|antes|despues|en|a las|por la noche)\b)"
)

_STOP = (
    rf"{_FIRST}(?:stop+|stpo|sotp|stop all|unsuscribe|unsubcribe){_END}",
    r"^stop (?:i|im|ive|id|ill|because|bc|no|ya|yo|por)\b",
    rf"{_BEGIN}(?:stop|quit|cease) {_FILLER}{_WORDS}{_NOT_THEM}",
    rf"{_BEGIN}(?:stop|quit|cease) (?:texting|txting|messaging|contacting|bothering|bugging|"
    rf"spamming|writing)(?: to)?{_TO_US}",
    rf"{_BEGIN}(?:stop|quit) sending(?: me)?"
    rf"(?: (?:these|those|this|stuff|things|anything|so)\b|{_END})",
    rf"{_BEGIN}(?:i )?(?:dont|do not|never) (?:ever )?(?:text|txt|message|msg|contact|write|sms)"
    rf"(?: to)? me\b{_NOT_HOURS}",
    rf"{_BEGIN}(?:dont|do not|never) send (?:me )?{_FILLER}(?:{_WORDS}|anything|more\b)",
    rf"\bi (?:really )?(?:dont|do not|no longer|never) (?:want|wanna|wish|need|wanted) "
    rf"(?!to (?:text|txt|message|msg)\b){_FILLER}{_WORDS}{_NOT_THEM}",
    r"\bi (?:dont|do not|no longer) want (?:you|u)(?: guys)? (?:to )?(?:text|txt|messag|contact)",
    r"\bi (?:dont|do not|no longer) want to be (?:texted|contacted|messaged)\b",
    rf"(?:{_BEGIN}|\bi want )no more {_FILLER}{_WORDS}",
    rf"(?:{_BEGIN}|\bim )(?:enough|done) (?:of |with )?{_FILLER}{_WORDS}",
    r"\bopt(?:ing)? (?:me )?out\b"
    r"(?! how)(?! of (?!this|these|the (?:text|message|list)|your|it\b|all\b))",
    r"\bunsubscribe\b(?! from (?!this|these|the (?:text|message|list)|your|all|tend))",
    r"\b(?:take|get|remove) (?:me|my number)(?: off)?(?: of)?(?: from)? "
    r"(?:this|these|your|the) (?:list|text|message|texting|sms|number)",
    rf"{_BEGIN}(?:remove me|take me off){_END}",
    rf"{_BEGIN}(?:remove|delete|lose) my (?:phone )?number\b(?! from (?!your|this|the list))",
    rf"(?:{_BEGIN}|\bi want to )"
    rf"(?:cancel|end|stop|turn off|shut off|discontinue) {_FILLER}{_WORDS}{_NOT_THEM}",
    rf"{_BEGIN}(?:cancel|end) (?:my|the|this) subscription\b",
    rf"{_BEGIN}leave me (?:alone|be)\b(?! with)",
    rf"{_FIRST}(?:go away|fuck off|piss off|f off){_END}",
    r"\bi (?:hereby )?(?:revoke|withdraw|take back) (?:my )?(?:consent|permission)\b",
    # A stranger holds the number now: everything more that we write tells him about her.
    rf"{_FIRST}(?:(?:you have|you got|youve got|this is|its) )?(?:the |a )?"
    rf"wrong number{_END}",
    # Spanish
    rf"{_FIRST}(?:para|paren|pare|parar|alto|basta|detener|detengan|detenganse|cancelar){_END}",
    rf"{_BEGIN}(?:basta|suficientes?) (?:de |con )?{_FILLER}{_WORDS}",
    rf"{_BEGIN}no mas {_FILLER}{_WORDS}",
    rf"{_BEGIN}no me (?:vuelvan? a )?(?:escriban?|escribas|escribir|manden?|mandes|envien?|envies|"
    rf"texteen?|textees|contacten?|contactes|molesten?|molestes)\b{_NOT_HOURS}",
    rf"(?:{_BEGIN}|\bquiero que )(?:dejen?|deje|deja|paren?|para) (?:ya )?de "
    r"(?:escribir|mandar|enviar|textear|molestar|contactar)(?:me|nos)?\b",
    rf"{_BEGIN}(?:dejenme|dejame|dejeme) (?:en paz|tranquila|sola)\b(?! con)",
    rf"\bno (?:quiero|deseo|necesito) {_FILLER}{_WORDS}",
    r"\bno (?:quiero|deseo) que me (?:sigan |vuelvan a )?(?:escrib|text|contact|molest)",
    rf"{_BEGIN}(?:cancelen?|cancela|cancelar|suspendan?|detengan?|paren?|quiten?|quitar) "
    rf"{_FILLER}{_WORDS}",
    r"\b(?:dar|darme|darse|denme|deme|dame) de baja\b(?! (?:del|de la) (?!lista|servicio))",
    r"\b(?:quitenme|quiteme|saquenme|saqueme|borrenme|borreme|eliminenme) de "
    r"(?:la|esta|su) lista\b",
    rf"{_BEGIN}(?:quiten|quite|borren|borre|eliminen|saquen) mi numero\b",
    r"\b(?:desuscribir|desuscribirme|desuscribanme|cancelar (?:mi|la) suscripcion)\b",
    rf"{_FIRST}(?:(?:es|tiene|tienen) (?:el )?)?numero equivocado{_END}",
)
_START = (
    rf"{_FIRST}(?:start(?: again)?|unstop|resubscribe|opt in|opt me (?:back )?in|"
    rf"sign me (?:back )?up){_END}",
    # The Spanish texts name START; who translates it for herself means the same.
    rf"{_FIRST}(?:empezar|comenzar|iniciar|reanudar|reactivar)(?: (?:de nuevo|otra vez))?{_END}",
    r"\b(?:start|begin|resume) (?:texting|messaging|sending)(?: to)? me\b",
    rf"{_BEGIN}(?:(?:you|u) can )?(?:start )?text(?:ing)? me again\b",
    rf"{_BEGIN}(?:resume|restart|reactivate|turn (?:back )?on) (?:the |my |your )?{_WORDS}",
    rf"{_BEGIN}turn (?:the |my |your )?(?:texts|messages|reminders) (?:back )?on\b",
    r"\b(?:start|get|want) (?:the |my |your )?(?:texts|messages|reminders) again\b",
    r"\bi (?:want|would like|d like) (?:the |your |my |to get (?:the |your )?)?"
    r"(?:texts|messages|reminders) (?:back|again)\b",
    r"\b(?:vuelvan|pueden|puede|vuelva) (?:a )?(?:escribirme|mandarme|textearme)\b",
    r"\bquiero (?:volver a recibir|recibir otra vez|recibir de nuevo|otra vez) "
    r"(?:los |sus )?(?:mensajes|textos)\b",
    r"\bquiero (?:recibir )?(?:los |sus )?(?:mensajes|textos) (?:otra vez|de nuevo)\b",
)
_HELP = (
    rf"{_FIRST}(?:help|help me|i need help|info|ayuda|ayudame|ayudenme|ayudeme|necesito ayuda)"
    rf"{_END}$",
)
_HOLDINGS = (
    r"(?:(?:all|of|my|personal|the|health|todos?|todas?|mis?|la|los|las|el) )*"
    r"(?:data|information|info|account|records?|file|history|(?:old )?(?:texts|messages)|"
    r"datos(?: personales)?|informacion|cuenta|expediente|historial|mensajes|registros?)\b"
)
_FORGET = (
    rf"(?:{_BEGIN}|\band |\bi (?:want|need) (?:you to |to )?|\bcan i )"
    rf"(?:delete|erase|wipe|remove|destroy) (?=(?:all )?(?:of )?my |all the ){_HOLDINGS}",
    rf"{_BEGIN}(?:delete|erase) everything (?:about me|you have|on me)",
    r"\bright to be forgotten\b",
    rf"(?:{_BEGIN}|\by |\bquiero (?:que )?)"
    r"(?:borren?|borra|borrar|eliminen?|elimina|eliminar|destruyan) "
    rf"(?=(?:todos? |todas? )?(?:mis? |la |los )){_HOLDINGS}",
    rf"{_BEGIN}(?:borren|eliminen) todo (?:lo mio|sobre mi|lo que tienen)",
)

# "How do I stop the texts" wants an answer (data/faq/stop_texts.yml), and "if I opt out, does my
# care end?" is what she asks before she decides: a question is no wish. "Can you stop" is one.
_ASKING = re.compile(
    r"\b(?:how|where|whether|if|como|donde|cuando|si|puedo|que pasa|que palabra)\b"
    r"|^(?:what(?! the)|whats|when|why|which|will|is|are|am|does|do i|do you|can i|could i|"
    r"should i|may i|would i|que|cual|se puede|se pueden|tengo que)\b"
)
# Order matters: "stop texting me and delete my data" asks for both, and *forget* holds *stop*.
_FREE_WORDS = tuple(
    (kind, re.compile("|".join(f"(?:{pattern})" for pattern in patterns)))
    for kind, patterns in (
        (OptOutKind.FORGET, _FORGET),
        (OptOutKind.STOP, _STOP),
        (OptOutKind.START, _START),
        (OptOutKind.HELP, _HELP),
    )
)


def read_opt_out(text: str) -> OptOutReading | None:
    """Read what a text asks of the line itself; none when it is about anything else."""
    keyword = CARRIER_KEYWORDS.get(text.strip().upper())
    if keyword is not None:
        return OptOutReading(kind=keyword, exact=True)
    plain = _plain(text)
    single = CARRIER_KEYWORDS.get(plain.removesuffix(" .").upper())
    if single is not None:
        return OptOutReading(kind=single, exact=False)
    for kind, words in _FREE_WORDS:
        for match in words.finditer(plain):
            limited = kind == OptOutKind.STOP and text_hours.is_about_hours(_clause(plain, match))
            if not limited and not _is_asking(plain, match):
                return OptOutReading(kind=kind, exact=False)
    return None


def asks_for_other_hours(text: str) -> bool:
    """Does she want texts at other hours ("no more texts at night"), and not their end?"""
    return read_opt_out(text) is None and text_hours.asks_for_other_hours(_plain(text))


def _clause(plain: str, match: re.Match[str]) -> str:
    """The words from which a wish was read, to the end of their clause."""
    begins = match.start() + (2 if match.group().startswith(". ") else 0)
    ends = plain.find(" .", begins)
    return plain[begins : len(plain) if ends < 0 else ends]


def _is_asking(plain: str, match: re.Match[str]) -> bool:
    """Is the wish only part of a question about it?"""
    if match.group().startswith(". "):
        return False  # the wish begins its own clause
    clause = plain[: match.start()].rpartition(". ")[2]
    return bool(_ASKING.search(clause))


def _plain(text: str) -> str:
    """The words in lower case without accents; " . " wherever there was punctuation or emoji."""
    joined = re.sub(r"(?<=\w)['’‘`´](?=\w)", "", unaccented(text.casefold()))
    joined = re.sub(r"(?<=\w)[-_](?=\w)", " ", joined)
    marked = re.sub(r"[^\w\s]+|[\r\n]+", " . ", joined)
    return re.sub(r"(?:\s*\.)+", " .", re.sub(r"\s+", " ", marked)).strip(" ").removeprefix(". ")
