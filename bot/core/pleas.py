"""Does she call out for somebody? Read while an alert is open and people speak with her.

A plea changes only how soon the line answers. It raises nothing, and its absence lowers nothing.
"""

import re

_PLEA = re.compile(
    r"\?"
    r"|^\W*(hello+|helo+|hey+|hi+|hola+|ola)\b"
    r"|\b(any ?(one|body)|some ?(one|body)|no ?(one|body)) (there|here|coming|calling|home|"
    r"listening|"
    r"reading|help(ing)?|answer(s|ing)?|call(s|ed|ing)?( me)?)\b"
    r"|\b(are|r|is|will|when|why|who|where|did|do|does|can|could)\b.{0,40}"
    r"\b(there|here|call(ing|s|ed)?|coming|come|help(ing)?|answer(ing)?|read(ing)?|real)\b"
    r"|\b(help|call|answer|talk to|save|get) me\b|\b(please|pls|plz) (help|call|answer|hurry)\b"
    r"|\bi need (help|some ?(one|body)|a person|you)\b|\b(hurry|still waiting|im waiting)\b"
    r"|\b(hay alguien|alguien (ah[ií]|est[aá]|me|va|puede)|nadie (me )?(llama|contesta|responde|"
    r"est[aá]))"
    r"|\b(me (van|va) a llamar|van a llamar|ya (vienen|me llaman|llamaron)|est[aá]n? ah[ií]|"
    r"sigo esperando|estoy esperando)"
    r"|\b(ay[uú]d(a|ame|eme|enme)|ll[aá]m(ame|eme|enme)|cont[eé]st(ame|eme|enme|en)|"
    r"resp[oó]nd(ame|anme|eme|an)|necesito (ayuda|a alguien|hablar))\b"
    r"|\b(cu[aá]ndo|a qu[eé] hora|qui[eé]n|por qu[eé]|d[oó]nde) .{0,30}\b(llam\w*|viene\w*|"
    r"contest\w*|respond\w*)",
    re.IGNORECASE,
)


def calls_out(text: str) -> bool:
    """Does she ask for help, or whether somebody is there?"""
    return bool(_PLEA.search(text.replace("’", "").replace("'", "")))
