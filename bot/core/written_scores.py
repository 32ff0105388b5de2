"""Does a text tell her a score or a dose, in digits or in words, in English or Spanish?"""

import re

_ENGLISH = (
    r"zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|"
    r"eigh|nine)teen|twenty(?:[\s-]?(?:one|two|three|four|five|six|seven|eight|nine))?|thirty"
)
_SPANISH = (
    r"cero|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|"
    r"dieci(?:s[eé]is|siete|ocho|nueve)|veinte|"
    r"veinti(?:uno|[uú]n|d[oó]s|tr[eé]s|cuatro|cinco|s[eé]is|siete|ocho|nueve)|treinta"
)
# "1 7" is a 17 for whoever wants to get round a rule.
_DIGITS = r"\d(?:\s?\d)?"
_NUMBER = rf"(?:{_DIGITS}|{_ENGLISH}|{_SPANISH})"
_ONE = r"(?:was|is|fue(?: de)?|es|[:=])\s*(?:one|uno)\b(?! (?:of|more|de))"
_MOST = r"(?:21|27|30|twenty[\s-]?(?:one|seven)|thirty|veinti[uú]n[oa]?|veintisiete|treinta)\b"
# What a number near the name of a scale may count instead: "PHQ-9 today at 3 pm", "nine questions".
_COUNTS = (
    r"(?!\s*(?:[ap]\.?m\b|o'clock|:\d|questions?|items?|minutes?|days?|weeks?|times?|"
    r"preguntas?|minutos?|d[ií]as?|semanas?|veces))"
)
_SCALE = (
    r"(?:p\W{0,2}h\W{0,2}q|g\W{0,2}a\W{0,2}d)\W{0,3}(?:[279]|two|seven|nine|dos|siete|nueve)"
    r"|epds|edinburgh|edimburgo"
)
_FORM = r"(?:questionnaire|check-?in|cuestionario|encuesta|survey|screening|scale|escala)"
_SCORE = re.compile(
    rf"\b(?:{_SCALE})\b(?:\D{{0,30}}?\b{_NUMBER}\b{_COUNTS}|.{{0,20}}?{_ONE})"
    rf"|\b(?:scor(?:e\w*|ing)|puntaje|puntuaci[oó]n|resultado)\b"
    rf"(?:\D{{0,20}}?\b{_NUMBER}\b{_COUNTS}|.{{0,20}}?{_ONE})"
    rf"|\b{_NUMBER} (?:on|in|en) (?:(?:the|your|this|last|our|el|su|la|este) ){{0,2}}{_FORM}\b"
    rf"|\b(?:sac[oó]|obtuvo) (?:un )?{_NUMBER}\b{_COUNTS}"
    rf"|\b{_NUMBER}[\s-]?(?:points?|puntos?)\b"
    r"(?! (?:to|for|that|we|i|about|para|que)\b)"
    rf"|\b{_NUMBER} (?:out of|of|de|sobre|over) {_MOST}(?! [ap]m)"
    # Up to 12 it may be a date.
    r"|\b(?:1[3-9]|2[0-7]) ?/ ?(?:21|27|30)\b(?!/)"
    r"|\b(?:moderately severe|(?:mild|moderate|severe) (?:range|band|symptoms))\b",
    re.IGNORECASE,
)
_PILLS = (
    r"(?:pills?|tablets?|capsules?|lozenges?|troches?|dos(?:es|e|is)|drops|puffs|"
    r"pastillas?|p[ií]ldoras?|tabletas?|c[aá]psulas?|comprimidos?|gotas)\b"
)
_TAKES = r"(?:take|taking|swallow|chew|use|give|tome|t[oó]mese|tomar|trague|use|disuelva)"
_DOSE = re.compile(
    r"\b(?:\d[\d.,]*|half|one|a hundred|hundred|fifty|forty|sixty|cincuenta|cien|"
    rf"{_NUMBER})[\s-]*(?:mg|mcg|ug|milli?gram\w*|microgram\w*|miligramos?|microgramos?)\b"
    r"|\b\d[\d.,]*\s*(?:ml|milliliters?|mililitros?)\b(?! (?:of|de) (?:water|milk|agua|leche))"
    rf"|\b(?:\d+|one|half(?: an?)?|another|extra|double|twice|un[ao]?|media|otr[ao]|doble|"
    rf"{_NUMBER}) (?:(?:the|your|of|more|extra|la|de|su|m[aá]s) ){{0,2}}{_PILLS}"
    rf"|\b{_TAKES} (?:an? |the (?:next|other|rest of the) )(?:\w+ )?{_PILLS}"
    rf"|\b(?:skip|stop|double|omita|salte|duplique) (?:the|your|a|la|su|una) {_PILLS}",
    re.IGNORECASE,
)


def told_score(words: str) -> str | None:
    """The words that tell her a score, if any do."""
    return _found(_SCORE, words)


def told_dose(words: str) -> str | None:
    """The words that tell her how much of a medicine to take, if any do."""
    return _found(_DOSE, words)


def _found(pattern: re.Pattern[str], words: str) -> str | None:
    hit = pattern.search(words)
    return hit[0] if hit else None
