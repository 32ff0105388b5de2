"""Does she call out for somebody, ask for a call or why none came, or who writes and who read her?

Read while an alert is open.

A plea changes how soon the line answers and what with, and may hurry the next page. It raises
nothing, and its absence lowers nothing.
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


# Said alone they ask for anybody at all; and anger at the line is a call that nobody has met yet.
_ALONE = re.compile(
    r"^\W*((please|pls|plz|por ?fa(vor|s)?|help|answer|ayuda|some ?(one|body)|any ?(one|body)|"
    r"alguien|contest[ae]n?|respond[ae]n?|quien sea)\W*)+$"
    r"|^\W*(wtf|wth|omg wtf|useless|whatever|bullshit|liars?|mierda|puta madre)\W*$",
    re.IGNORECASE,
)
_ANGER = re.compile(
    r"\b(fuck|screw|damn|hate|stupid|useless|dumb|worthless|shitty|bullshit) (\w+ )?"
    r"(you|u|this|it|that|all of you|yall|tend|line|bot|robot|machine|thing|app|program)\b"
    r"|\b(you|u|ya|yall|they|this|it|line|bot)( guys| all)?( are|re| is|s|r)?"
    r"( so| just| fucking| all)* "
    r"(useless|bullshit|worthless|a joke|stupid|liars?|lying|lied|no help|full of shit|pathetic)\b"
    r"|\b(no ?(one|body)|none of you|(you|u|they) (all )?(dont|never))( \w+)? "
    r"(cares?|gives? a)\b"
    r"|\b(thanks for nothing|what a joke|some help you|what is the point of (you|this)|"
    r"waste of time|not helping|doesnt help|dont help|ignor(e|ing) me)\b"
    r"|\b((a nadie le|no les) import[ao]|no (me )?sirven?( de nada| para nada)|no ayudan?|"
    r"son (unos )?(in[uú]til(es)?|mentiros[oa]s)|in[uú]til(es)?|v[aá]yanse|ch[ií]ngu?[ae]\w*|"
    r"qu[eé] porquer[ií]a|qu[eé] mierda|me ignoran|maldit[oa]s?|est[uú]pid[oa]s?)\b",
    re.IGNORECASE,
)


def calls_out(text: str) -> bool:
    """Does she ask for help, or whether somebody is there, or is she angry that nobody is?"""
    words = _bare(text)
    return any(pattern.search(words) for pattern in (_PLEA, _ALONE, _ANGER))


# Why nobody calls, that nobody did, and when somebody will.
_NOBODY_CALLED = re.compile(
    r"\b(no ?(one|body)|no1|none of you|not (one|a) (person|call))\b.{0,25}"
    r"\b(call(s|ed|ing)?|phon(es|ed|ing)|rang|c[ao]me|coming|answer(s|ed|ing)?|contact\w*|"
    r"reach\w*)\b"
    r"|\b(still|been|im|i am|keep) (here )?waiting\b|\bwaiting (for|on) .{0,15}\bcall\b"
    r"|\bwhy (is|are|has|have|did|do|does|wont|hasnt|havent|isnt|arent|didnt|dont)\b.{0,30}"
    r"\b(call(ed|ing)?|phon(ed|ing))\b"
    r"|\b(you|u|they|she|he|the (doctor|nurse|office)) (all )?(never|still (havent|didnt)|didnt|"
    r"havent|hasnt|have not|did not) (ever )?(even )?(call(ed)?|phoned?|rang)\b"
    r"|\bsaid\b.{0,25}\b(would|will|was going to|were going to|gonna) (call|phone)\b"
    r"|\bwheres? (is )?(my|the|that) (phone )?call\b"
    r"|\bwhen (will|is|are|does|do|can)\b.{0,25}\b(call(ing)?|phone)\b"
    r"|\bhow (much )?long(er)?\b.{0,30}\b(calls?|phones?|rings?|wait|comes?)\b"
    r"|\bnadie\b.{0,15}\b(llam\w*|contest\w*|viene|vino|vienen|respond\w*|marc[oa]\w*)"
    r"|\bno me (han|ha|est[aá]n?) (llama(do|ndo)|marcado|contestado|respondido)\b"
    r"|\b(sigo|estoy|llevo .{0,15}) (aqu[ií] |todav[ií]a )?esperando\b"
    r"|\bno (me )?(llaman|llamaron|contestan)\b|\bdijeron que .{0,25}\bllam\w*"
    r"|\b(cu[aá]ndo|a qu[eé] hora|por ?qu[eé] no|cu[aá]nto)\b.{0,25}\bllam\w*",
    re.IGNORECASE,
)
# Whether anybody has read her.
_SEEN = re.compile(
    r"\b(did|has|have|does|do)(nt)? (she|he|they|you|u|any ?(one|body)|some ?(one|body)|dr\.? \w+|"
    r"(the|my) (doctor|dr|nurse|clinician|therapist|(care )?team))\b.{0,15}"
    r"\b(see|seen|read|gett?|got|gotten|received?|notice[ds]?) (it|this|that|them|my|me|any|the)\b"
    r"|\b(did|has|does|do)(nt)? (she|he|they|any ?(one|body)|dr\.? \w+|"
    r"(the|my) (doctor|dr|nurse|clinician|therapist|(care )?team)) (even |already )?"
    r"(know|see|read|looked?|seen)\b"
    r"|\b(has|was) (it|this|that|my (text|message)) (been )?(seen|read|received)\b"
    r"|\bany ?(one|body) (even )?(see(s|n)?|saw|reads?|reading|looking at) (it|this|that|my)\b"
    r"|\b(lo|la|me|los) (ha|han )?(vio|vieron|le[ií]st?e?|ley[oó]|leyeron|recibi[oó]|recibieron)\b"
    r"|\b(lo|la|me) (ha|han) (visto|le[ií]do|recibido)\b|\b(se|ya) (enter[oó]|enteraron)\b"
    r"|\b(alguien|ella|[eé]l|la doctora|el doctor|la enfermera|el equipo) (ya )?(lo )?"
    r"(vio|ley[oó]|sabe|ha visto|ha le[ií]do)\b",
    re.IGNORECASE,
)
# Whether a person writes.
_KIND = r"(real|robot|bot|machine|computer|program|ai|automated|human|person|nurse|alive)"
_CLASE = r"(real|robot|bot|m[aá]quina|computadora|programa|persona|human[oa]|enfermera)"
_REAL = re.compile(
    rf"\b(are|r) (you|u|ya)( (a|an|even|really|actually|just|like|for|some|the|kind of))* {_KIND}\b"
    rf"|\b(is|are) (this|it|that|there)( (a|an|even|really|just|some))* {_KIND}\b"
    r"|\b(talking|texting|speaking|writing) (to|with)( (a|an|even|just|some))* "
    rf"(real )?{_KIND}\b"
    rf"|\b(eres|es usted|es esto|esto es|es|sos)( (un|una|de verdad|solo))* {_CLASE}\b"
    rf"|\b(hablando|hablo|escribiendo|chateando) con( (un|una))* {_CLASE}\b",
    re.IGNORECASE,
)
_WANTS_CALL = re.compile(
    r"^\W*(please |pls |plz |just )?call( (now|back|please|pls|plz))*\W*$|\bcall me\b"
    r"|\b(i )?(want|need|would like|like|get|have) (to get )?(a|the|that|some) (phone )?call\b"
    r"|\bgive me a (call|ring)\b"
    r"|^\W*(por favor )?(llamar|llamen|llame|llamada|ll[aá]mame)( por favor)?\W*$"
    r"|\bll[aá]m(a|e|en)me\b|\bme (puede[ns]?|podr[ií]an?|podr[ií]as) (llamar|marcar)\b"
    r"|\b(puede[ns]?|podr[ií]an?|podr[ií]as) (llamarme|marcarme)\b|\bque me (llame|marque)[ns]?\b"
    r"|\b(quiero|necesito) (una llamada|hablar con (alguien|una persona))\b",
    re.IGNORECASE,
)
_NO_CALL = re.compile(
    r"\b(dont|do not|cant|cannot|please no|never|not|stop|unless|wont|will not)\b.{0,20}\bcall\b"
    r"|\bno (me )?(ll[aá]m|marqu|quiero que|necesito que|puede[ns]? llamar)",
    re.IGNORECASE,
)


def says_nobody_called(text: str) -> bool:
    """Does she say that nobody has called, or ask when somebody will?"""
    return bool(_NOBODY_CALLED.search(_bare(text)))


def asks_if_seen(text: str) -> bool:
    """Does she ask whether anybody has read what she wrote?"""
    return bool(_SEEN.search(_bare(text)))


def asks_if_real(text: str) -> bool:
    """Does she ask whether a person writes to her?"""
    return bool(_REAL.search(_bare(text)))


def wants_call(text: str) -> bool:
    """Does she ask to be called?"""
    words = _bare(text)
    return bool(_WANTS_CALL.search(words)) and not _NO_CALL.search(words)


def _bare(text: str) -> str:
    return text.replace("’", "").replace("'", "")
