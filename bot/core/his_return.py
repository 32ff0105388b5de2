"""Does she say when he comes home, that he is there, or that he has found her?

Read only while an alert tells of violence. It is news for whoever has the alert: a call then may
be heard, and what was planned for the evening must happen before. It raises, and lowers nothing.
"""

import re

from bot.core.plain_words import plain

# What "he'll" and "he's" are without their apostrophe.
_HE = (
    r"(?:hes|he|hell|husband|hubby|boyfriend|bf|partner|ex|fiance|my man|my dad|stepdad|"
    r"my wife|girlfriend)"
)
_TIME = (
    r"(?:(?:at|by|around|about|before|in|within|til|till|until) (?:about |like )?"
    r"(?:an?\b|\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|noon|midnight|half|few|"
    r"lunch|dinner|soon|any)|"
    r"soon|now|tonight|any (?:minute|second|moment|time)|early|again|already|\d)"
)
_EN = (
    rf"\b{_HE} (?:\w+ ){{0,3}}(?:home|(?<!my )(?<!the )back|here|outside|downstairs)\b",
    rf"\b{_HE} (?:\w+ ){{0,3}}(?:gets?|got|getting|comes?|came|coming|returns?|returning|arrives?|"
    r"walked|pulled|pulling|pulls) (?:\w+ )?(?:home|back|in|up|off|here|soon|now)\b",
    rf"\b{_HE} (?:\w+ ){{0,2}}(?:on (?:his|the|her) way|off work|off at|done at|just pulled)\b",
    rf"^(?:he )?(?:is )?(?:home|back) {_TIME}\b",
    r"\b(?:his|the) (?:car|truck|keys?) (?:\w+ ){0,3}(?:driveway|outside|door|garage)\b",
    r"\bi (?:have|ve|only have|got|ve got|only got) (?:only |about |like |maybe |just )?"
    r"(?:until|till|til|an hour|half an hour|"
    r"(?:\d+|a few|two|three|five|ten|twenty|thirty) ?(?:min\w*|hours?|hrs?))\b",
    rf"\b{_HE} (?:\w+ ){{0,3}}(?:at|outside|behind|banging on|pounding on|kicking|knocking on) "
    r"(?:my |the |our )?(?:front |back |bedroom |bathroom )?(?:door|window|house|apartment)\b",
    rf"\b{_HE} (?:\w+ ){{0,2}}(?:found (?:me|us|out|where|my (?:phone|texts?|messages?))|"
    r"following me|looking for me|followed me|tracked me)\b",
    r"\bbefore he (?:\w+ )?(?:gets|comes|is|wakes|finds|returns)\b",
)
_EL = r"(?:el|mi esposo|mi marido|mi novio|mi pareja|mi ex|mi papa|mi suegro)"
_HORA = (
    r"(?:a las?|al mediodia|a medianoche|en (?:un|una|unos|media|\d|dos|tres|cinco|diez|veinte)|"
    r"como a|antes de|pronto|ya|hoy|esta (?:noche|tarde)|ahorita|dentro de|temprano)"
)
_ES = (
    rf"\b(?:vuelve|regresa|llega|viene|volvera|regresara|llegara|sale(?: del? trabajo)?|"
    rf"va a (?:llegar|volver|regresar|venir)) (?:\w+ ){{0,2}}{_HORA}\b",
    rf"\b{_EL} (?:\w+ ){{0,2}}(?:vuelve|regresa|llega|viene|llego|volvio|regreso)\b",
    r"\bya (?:\w+ )?(?:llego|viene|volvio|regreso|vino|esta (?:aqui|en casa|afuera))\b",
    rf"\b{_EL} (?:ya )?esta (?:aqui|en (?:la )?casa|afuera|llegando)\b",
    r"\b(?:esta|anda) (?:\w+ )?(?:en|detras de|tocando|golpeando|pateando) (?:la |mi )?"
    r"(?:puerta|ventana)\b",
    r"\b(?:me|nos) (?:encontro|hallo|esta buscando|anda buscando|esta siguiendo|siguio)\b",
    r"\b(?:encontro|vio|leyo) (?:mi|mis) (?:telefono|celular|mensajes?)\b",
    r"\bviene en camino\b|\bantes de que (?:\w+ )?(?:llegue|vuelva|regrese|venga|despierte)\b",
    r"\b(?:tengo|solo tengo) (?:hasta|como|unos|solo)? ?"
    r"(?:las? |una hora|media hora|\d+ (?:min\w*|horas?))",
)
_RETURN = re.compile("|".join((*_EN, *_ES)))
# Whoever comes to care for her is no danger.
_OTHERS = re.compile(
    r"\b(?:nurse|doctor|dr|doula|midwife|therapist|enfermera|doctora|partera|plumber|delivery)\b"
)


def tells_of_return(text: str) -> bool:
    """Does she say when he is back, that he is there, or until when she can?"""
    words = " ".join(re.findall(r"\w+", plain(text)))
    return bool(_RETURN.search(words)) and not _OTHERS.search(words)
