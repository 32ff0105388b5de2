"""Reads what a mother texts in answer to an item: a score, a skip, a refusal, or a doubt.

One deterministic reader serves the gateway and the dialogue, so that both always agree. It would
rather ask again than guess: a text is *answered* only when all of it, up to a break, is an answer.
How it works: the text becomes tokens; the longest known wordings among them become marks (a
number, a label, a hedge …); breaks cut the marks into clauses; the clauses are weighed together.
Wordings of one scale stand in ``data/instruments/phrases``; those of every scale stand here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from functools import lru_cache

from bot.core.instruments import Item, is_alerting
from bot.core.languages import Language


class Doubt(StrEnum):
    """Why a text that is some kind of answer cannot be scored."""

    TWO_ANSWERS = "two_answers"
    NUMBER_AND_WORDS_DIFFER = "number_and_words_differ"
    BETWEEN = "between"
    OUT_OF_RANGE = "out_of_range"
    VAGUE = "vague"
    BARE_YES = "bare_yes"
    DOES_NOT_KNOW = "does_not_know"
    ASKS_BACK = "asks_back"
    HEDGED = "hedged"
    AMONG_OTHER_WORDS = "among_other_words"


@dataclass(frozen=True)
class Answered:
    """She gave one permitted score."""

    score: int


@dataclass(frozen=True)
class Skipped:
    """She leaves this item out. Not a zero."""


@dataclass(frozen=True)
class Declined:
    """She wants no more items."""


@dataclass(frozen=True)
class Ambiguous:
    """An answer, but not one score: the item is asked again with its choices.

    :param could_mean: every score that she may have meant.
    :param might_alert: on an alerting item, one of them is alerting: doubt goes up.
    """

    reason: Doubt
    could_mean: tuple[int, ...] = ()
    might_alert: bool = False


@dataclass(frozen=True)
class Unreadable:
    """No answer at all: a question, a story, another subject."""


Reading = Answered | Skipped | Declined | Ambiguous | Unreadable


class Kind(Enum):
    """What a piece of her text is."""

    NUMBER = auto()
    LABEL = auto()  # words with one clear score
    NO = auto()  # clear, but only when it stands alone: "no i cant sleep" is no zero
    UNCLEAR = auto()
    BETWEEN = auto()
    OUTSIDE = auto()
    YES = auto()
    HEDGE = auto()
    SKIP = auto()
    DECLINE = auto()
    FILLER = auto()
    BUT = auto()
    OR = auto()
    AND = auto()
    OTHER = auto()
    COMMA = auto()
    STOP = auto()
    ASK = auto()


BREAKS = {Kind.BUT, Kind.OR, Kind.AND, Kind.COMMA, Kind.STOP, Kind.ASK}
SCORING = {Kind.NUMBER, Kind.LABEL, Kind.NO}
ANSWERING = {*SCORING, Kind.UNCLEAR, Kind.BETWEEN, Kind.OUTSIDE, Kind.SKIP, Kind.YES}


@dataclass(frozen=True)
class Mark:
    """One piece of her text: what it is, which scores it may mean, and its own words."""

    kind: Kind
    could_mean: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# --- words ------------------------------------------------------------------------------------

NUMBER_WORDS = {
    word: str(number)
    for words in (
        "zero one two three four five six seven eight nine ten",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    )
    for number, word in enumerate(words.split())
}

WORDS: dict[Kind, str] = {
    Kind.FILLER: """a | an | ando en un | ando en | between | entre | from | feeling
        | feeling like | feeling like a | i feel | im feeling | im feeling like | im feeling like a
        | i been | ive been | me siento | me siento en un | estoy | estoy como en un | estoy como un
        | it feels like | about | actually | again | ahorita | ahora | answer | answer is | around
        | aprox | at a | basically | bueno | buenas noches | buenas tardes | buenos dias | como
        | como un | como una | como unos | de verdad | def | definitely | dios | el | el numero
        | en serio | es | es un | es una | esta semana | estas semanas | estoy en un | estoy en
        | eso | for me | for sure | fr | fucking | good evening | good morning | gracias | haha
        | hello | hey | hi | hmm | hola | honestly | hoy | i am a | i am at a | i d say | i say
        | i feel like | i feel like a | i feel like that | i feel this way | i feel that way | i m a
        | i m at a | i would say | id say | im a | im at | im at a | im like a | in general
        | it happens | it is | its | its a | its been | ive felt that way | ive felt like this
        | jaja | jajaja | just | la | la respuesta es | la verdad | lately | like | like a
        | literally | lmao | lol | maam | me pasa | me siento asi | me siento como un | me siento un
        | mi respuesta | mi respuesta es | morning | mostly | my answer | my answer is
        | my number is | ngl | number | numero | ntp | of course | ok | okay | omg | opcion | option
        | or so | para mi | please | pls | plz | porfa | por favor | pretty much | probably a | pues
        | really | right now | rn | se me hace | seria | seria un | smh | so | sorry | still | tbh
        | thank god | gracias a dios | thank you | thanks | that | that is | thats | the
        | the answer is | these days | this week | this past week | this month | to be honest
        | today | tonight | totally | ty | ugh | uh | um | un | una | unfortunately | very | well
        | diria | yo diria | digo | a week | per week | a la semana | por semana
        | in the last 2 weeks | the last 2 weeks | the past 2 weeks | these past 2 weeks
        | for the last 2 weeks | en las ultimas 2 semanas | ay | uff | sip""",
    Kind.HEDGE: """a lo mejor | capaz | creo | creo que | creo que un | creo que si
        | dont know | dunno | how do i know | i am not sure | i dont know | i dont really know
        | i dunno | i guess | i suppose | i think | i think its | idk | idek | idunno | im not sure
        | maybe | maybe a | maybe like | maybe like a | no estoy segura | no estoy seguro | no idea
        | no lo se | no se | nose | no sabria decir | no sabria decirle | not sure | ni idea
        | perhaps | por ahi | posiblemente | possibly | prob | probably | probly | puede ser
        | quien sabe | quiza | quizas | sepa | supongo | supongo que | tal vez | talvez | unsure
        | who knows | yo creo | yo creo que | cant tell | hard to say | hard to tell | depends
        | it depends | depende | kinda hard to say""",
    Kind.UNCLEAR: """a bit | a little | a little bit | a little of each | a tad | a veces
        | aveces | every now and then | every so often | from time to time | here and there
        | in between | in waves | kind of | kinda | lil bit | little bit | mas o menos | mucho
        | now and then | occasionally | off and on | on and off | poco | poquito | semi | slightly
        | so so | some | some of both | somedays | sometimes | somewhat | sort of | sorta | un poco
        | un poquito | algo | algunas veces | en ocasiones | ocasionalmente | por ratos | a ratos
        | ratitos | sí y no | yes and no | both | ambos | either""",
    Kind.YES: """i do | i have | si | simon | sii | siii | sip | yea | yeah | yeahh | yep
        | yes | yess | yessir | yea i do | yes i do | yes i have | yeah i do | yup | ya | uh huh
        | mhm | correct | true | claro | claro que si | asi es | por supuesto | me too
        | same here""",
    Kind.NO: "no | nope | nah | nop",
    Kind.SKIP: """skip | skip it | skip this | skip this 1 | skip this question | skip that
        | skip that 1 | skip question | skip the question | skip for now | skip me | skipp
        | skipping | ill skip | id rather skip | i want to skip | i wanna skip | let me skip
        | lets skip | can i skip | can i skip this | can i skip this 1 | can i skip it
        | can we skip this | can we skip | pass | ill pass | i pass | hard pass | pass on this
        | pass on this 1 | next | next 1 | next question | prefer not to say | prefer not to answer
        | rather not say | rather not answer | id rather not | id rather not say
        | id rather not answer | i would rather not say | i would rather not answer
        | i dont want to answer | i dont want to answer this | i dont want to answer that
        | i dont want to answer this 1 | i dont wanna answer | i dont wanna say | i dont want to say
        | no comment | not answering that | not answering this | saltar | saltar esta | saltarla
        | salta | saltala | salte | saltear | saltarme esta | salto | quiero saltar | omitir
        | omitirla | omitir esta | omita | omitela | paso | paso de esta | yo paso | pasar
        | siguiente | la siguiente | la que sigue | siguiente pregunta | otra pregunta
        | prefiero no contestar | prefiero no responder | prefiero no decir | prefiero no decirlo
        | no quiero contestar | no quiero contestar eso | no quiero contestar esa
        | no quiero contestar esta | no quiero responder | no quiero responder eso | no quiero decir
        | puedo saltar | puedo saltarla | la salto | puedo saltar esta""",
    Kind.DECLINE: """stop asking | quit asking | done with this survey | no more of this survey
        | stop the survey | stop this survey | stop these | no pregunte | no pregunten
        | ya no quiero contestar | ya no quiero responder | ya no contesto | ya no respondo
        | i dont want to do this survey | i dont want to do this check in
        | i dont want to do the check in | no check in | no check in today | not doing this
        | not doing this today | im not doing this | im not answering any more
        | im not answering anymore | done answering | im done answering | no more check in
        | no more check ins""",
    Kind.BUT: """but | except | although | though | tho | however | pero | aunque | excepto
        | solo que | only that | just that""",
    Kind.OR: "or | o | u | to | thru | through | out of | versus | vs",
    Kind.AND: "and | n | y | e | plus",
}
# Manners, not a zero; with or without a comma.
POLITE_NO = (
    "no thanks | no thank you | no thx | no ty | nah thanks | no gracias | no muchas gracias"
)
# After these she may add anything; whole sentences often follow them.
DECLINE_OPEN = """stop asking me | stop asking these | stop asking this
    | stop asking questions | stop asking so many questions | stop asking all these
    | quit asking me | quit asking these | quit asking questions | no more questions
    | no more of these questions | no more of your questions | enough questions
    | enough with the questions | enough with these questions | enough of these questions
    | enough of the questions | stop the questions | stop with the questions
    | stop with these questions | stop these questions | stop sending me questions
    | stop sending questions | stop sending these questions | dont ask me | dont ask again
    | dont ask anymore | done with these questions | done with the questions
    | done with your questions | done with questions | i dont want any more questions
    | i dont want more questions | i dont want these questions | i dont want to answer any more
    | i dont want to answer anymore | i dont want to answer these questions
    | i dont want to answer any of these | i dont want to answer your questions | ya no pregunte
    | ya no pregunten | ya no me pregunte | ya no me pregunten | ya no me preguntes
    | ya no preguntes | no me pregunte | no me pregunten | no me preguntes | no pregunte mas
    | no pregunten mas | no preguntes mas | deje de preguntar | deje de preguntarme
    | dejen de preguntar | dejen de preguntarme | deja de preguntar | deja de preguntarme
    | basta de preguntas | no mas preguntas | ya no mas preguntas | ya basta de preguntas
    | ya basta con las preguntas | no quiero mas preguntas | ya no quiero preguntas
    | ya no quiero mas preguntas | no quiero que me pregunten | ya no quiero contestar mas
    | no quiero contestar mas | ya no quiero contestar preguntas | ya no quiero contestar nada
    | no quiero contestar preguntas | ya no quiero responder mas | no quiero responder mas
    | estoy harta de preguntas | ya no me hagan preguntas | ya no me haga preguntas
    | no me hagan mas preguntas | no me haga mas preguntas"""
BEFORE_DECLINE = _set(
    """please pls plz can could you u ya just por favor porfa i im need want quiero que puede
    pueden ok okay no omg hey ugh so well bueno pues would like"""
)

# A word that opens a new clause without punctuation, as people text: "3 im so tired".
OPENERS = _set(
    """i im ive id ill my me he hes she shes they this bc because becuz cuz cus cause coz cant
    cannot couldnt dont didnt wont wish not never when since especially feeling feels mainly
    every always yo mi mis nos estoy ando porque xq pq cuando desde no ni ya tengo siento quiero
    nunca siempre ella el los las ellos ayer anoche her his everything nothing nobody even it we
    the que so just really still today yesterday tonight hoy muy tan todo cried slept woke
    exhausted overwhelmed llore dormi llorando agotada"""
)
QUESTIONS = _set(
    """what who whats how hows when where why which is are am do does did can could should will
    would que quien cual como cuando donde puedo puede debo es son hay cuanto cuanta"""
)
DAYS = _set("""day days time times night nights dia dias vez veces noche noches""")
MEASURES = _set(
    """am pm hr hrs hour hours min mins minute minutes week weeks wk wks month months mo mos year
    years yr yrs kid kids baby babies boy boys girl girls bottle bottles oz ml mg pill pills
    dose doses feed feeds diaper diapers question questions session sessions people more other
    old of hora horas minuto minutos semana semanas mes meses ano anos hijo hijos hija hijas
    nino ninos nina ninas bebe bebes pastilla pastillas dosis pregunta preguntas sesion sesiones
    mas onzas cosas things"""
)

# In a sentence these are connectors; alone they are answers.
ALONE = {"y": "yes", "n": "no", "s": "si"}

# A phone's reaction quotes our own text back at us, with every choice in it.
REACTION = re.compile(
    r"\s*(liked|loved|disliked|laughed at|emphasized|questioned|reacted \S+ to|removed an? .{1,20}"
    r" from|(le|me) (gusto|encanto)|no (le|me) gusto|(se|me) rio de|enfatizo|resalto) [\"“]"
)

# --- from text to tokens ----------------------------------------------------------------------

SIGNS = str.maketrans(
    {
        **dict.fromkeys("'’‘`´ʼ′", ""),
        "🔟": " 10 ",
        "👍": " yes ",
        "✅": " yes ",
        "&": " and ",
        **dict.fromkeys("–—−‒‑", "-"),
        "⁄": "/",
    }
)
TOKEN = re.compile(
    r"(?P<always>24/7)"
    r"|(?P<clock>\d{1,2}:\d\d(?!\d))"
    r"|(?P<between>\d+[.,]\d+(?![^\W_]))"
    r"|(?P<below>(?<![^\s])-\d+(?![^\W_]))"
    r"|(?P<number>\d+)(?:[ -]?ish)?(?P<plus>\+?)(?![^\W_])"
    r"|(?P<inside>(?<=[^\W\d_])-(?=[^\W\d_]))"
    r"|(?P<word>[^\W_]+)"
    r"|(?P<ask>\?)"
    r"|(?P<stop>[.!;:\n]+)"
    r"|(?P<comma>[,/()=*_-])"
)


@dataclass(frozen=True)
class Token:
    """A word, a number or a sign; ``text`` is lower case, without accents."""

    kind: str
    text: str


def _plain(text: str) -> str:
    """Lower case, compatibility forms made ordinary ("２", "2️⃣"), accents and emoji signs off."""
    text = unicodedata.normalize("NFKD", text.translate(SIGNS)).translate(SIGNS).casefold()
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.category(character) not in {"Mn", "Mc", "Me", "Cf"}
    )


def _tokens(text: str) -> Iterator[Token]:
    for match in TOKEN.finditer(_plain(text)):
        kind, found = str(match.lastgroup), match.group()
        if kind == "plus":  # lastgroup names the last group that took part
            plus = bool(match.group("plus"))
            yield Token("more" if plus else "number", _digits(match.group("number")))
        elif kind == "word" and found in NUMBER_WORDS:
            yield Token("number", NUMBER_WORDS[found])
        elif kind != "inside":
            yield Token("word" if kind in {"always", "clock"} else kind, found)


def _digits(found: str) -> str:
    """ASCII digits without leading zeros; a number too long to be a score is only "too long"."""
    digits = "".join(str(int(character)) for character in found[:40]).lstrip("0") or "0"
    return digits if len(found) <= 40 else "9" * 40


# --- from tokens to marks ---------------------------------------------------------------------


@dataclass(frozen=True)
class Lexicon:
    """Everything that means something on this item, by its words.

    :param labels: wordings that may run across commas ("Yes, most of the time").
    :param longest: words in the longest of them.
    """

    marks: dict[tuple[str, ...], Mark]
    labels: dict[tuple[str, ...], Mark]
    longest: int


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(token.text for token in _tokens(phrase) if token.kind in {"word", "number"})


def _split(phrases: str) -> Iterator[tuple[str, ...]]:
    return (_words(phrase) for phrase in phrases.split("|"))


@lru_cache(maxsize=512)
def _lexicon(item: Item, language: Language) -> Lexicon:
    lowest, scores = item.scores[0], frozenset(item.scores)
    meanings = {Kind.UNCLEAR: scores - {lowest}, Kind.YES: scores - {lowest}, Kind.HEDGE: scores}
    marks: dict[tuple[str, ...], Mark] = {}
    for kind, phrases in WORDS.items():
        # "no" is a zero only where the scale's own phrases say so (EPDS runs both ways).
        kind_here = Kind.UNCLEAR if kind is Kind.NO else kind
        meaning = frozenset({lowest}) if kind is Kind.NO else meanings.get(kind, frozenset())
        marks |= {words: Mark(kind_here, meaning, words) for words in _split(phrases)}
    marks |= {words: Mark(Kind.DECLINE, words=("", *words)) for words in _split(DECLINE_OPEN)}
    bare_no = set(_split(WORDS[Kind.NO]))
    # Her own language last, so that it wins where the same words mean two things.
    for phrase in sorted(item.phrases, key=lambda phrase: phrase.language is language):
        words, clear = _words(phrase.text), len(phrase.could_mean) == 1
        kind = (Kind.NO if words in bare_no else Kind.LABEL) if clear else Kind.UNCLEAR
        marks[words] = Mark(kind, frozenset(phrase.could_mean), words)
    labels = {words: Mark(Kind.SKIP, words=words) for words in _split(POLITE_NO)}
    for answer in item.answers:
        for label in filter(None, (answer.label.en, answer.label.es)):
            words = _words(label)
            labels[words] = Mark(Kind.LABEL, frozenset({answer.score}), words)
    known = [*marks, *labels]
    return Lexicon(marks, labels, max(map(len, known)))


def _marks(text: str, item: Item, language: Language) -> list[Mark]:
    tokens, lexicon = list(_tokens(text)), _lexicon(item, language)
    marks: list[Mark] = []
    at = 0
    while at < len(tokens):
        mark, at = _known(tokens, at, lexicon) or (_single(tokens[at], item), at + 1)
        if mark.kind is Kind.OTHER and mark.words[0] in DAYS and marks:
            mark = _count_of_days(marks, item)
        marks.append(mark)
    return marks


def _known(tokens: list[Token], start: int, lexicon: Lexicon) -> tuple[Mark, int] | None:
    """The longest known wording that starts here, and where it ends."""
    words: list[str] = []
    best: tuple[Mark, int] | None = None
    broken = False
    for end in range(start, len(tokens)):
        if tokens[end].kind not in {"word", "number"}:
            if not words or tokens[end].kind != "comma":
                break
            broken = True
            continue
        words.append(tokens[end].text)
        if len(words) > lexicon.longest:
            break
        key = tuple(words)
        mark = lexicon.labels.get(key) or (None if broken else lexicon.marks.get(key))
        if mark and not (len(words) == 1 and tokens[end].kind == "number"):
            best = (mark, end + 1)
    return best


def _single(token: Token, item: Item) -> Mark:
    """A token that no known wording begins with."""
    scores = frozenset(item.scores)
    if token.kind in {"number", "more"}:
        number = int(token.text)
        if number not in scores:
            return Mark(Kind.OUTSIDE, scores, (token.text,))
        higher = frozenset(score for score in scores if score >= number)
        if token.kind == "more" and len(higher) > 1:
            return Mark(Kind.BETWEEN, higher, (token.text,))
        return Mark(Kind.NUMBER, frozenset({number}), (token.text,))
    if token.kind == "between":
        whole = int(_digits(re.split("[.,]", token.text)[0]))
        return Mark(Kind.BETWEEN, scores & {whole, whole + 1} or scores, (token.text,))
    if token.kind == "below":
        return Mark(Kind.OUTSIDE, scores, (token.text,))
    sign = {"ask": Kind.ASK, "stop": Kind.STOP, "comma": Kind.COMMA}.get(token.kind, Kind.OTHER)
    return Mark(sign, words=(token.text,))


def _count_of_days(marks: list[Mark], item: Item) -> Mark:
    """ "2-3 days", "5 times": a count is no score, so numbers right before it lose theirs."""
    days = Mark(Kind.UNCLEAR, frozenset(item.scores) - {item.scores[0]})
    found = False
    for at in range(len(marks) - 1, -1, -1):
        if marks[at].kind in {Kind.NUMBER, Kind.OUTSIDE, Kind.BETWEEN}:
            marks[at], found = days, True
        elif marks[at].kind not in {Kind.COMMA, Kind.OR, Kind.AND}:
            break
    return days if found else Mark(Kind.OTHER, words=("days",))


# --- from marks to clauses --------------------------------------------------------------------


@dataclass
class Clause:
    """Marks between two breaks.

    :param before: the break that it follows; none at the start or before an opener ("3 im …").
    :param asked: a question mark ends it.
    """

    before: Kind | None = None
    marks: list[Mark] = field(default_factory=list)
    asked: bool = False

    @property
    def content(self) -> list[Mark]:
        """The marks that say something."""
        return [mark for mark in self.marks if mark.kind is not Kind.FILLER]

    @property
    def is_other(self) -> bool:
        """Does it say something that no answer says?"""
        if self.declines:
            return False
        return any(mark.kind is Kind.OTHER for mark in self.marks)

    @property
    def declines(self) -> bool:
        """Does it ask for no more items, whatever else follows those words?"""
        for mark in self.marks:
            if mark.kind is Kind.DECLINE:
                return mark.words[0] == "" or all(
                    other.kind is not Kind.OTHER for other in self.marks
                )
            mild = mark.kind in {Kind.FILLER, Kind.YES, Kind.NO, Kind.HEDGE}
            if not mild and not BEFORE_DECLINE.issuperset(mark.words):
                return False
        return False


def _clauses(marks: Iterable[Mark]) -> list[Clause]:
    clauses = [Clause()]
    before: Kind | None = None
    for mark in marks:
        if mark.kind is Kind.ASK:
            clauses[-1].asked = True
        if mark.kind is Kind.OR and before not in ANSWERING:
            mark = Mark(Kind.OTHER, words=mark.words)  # "i want you to stop asking me"
        before = mark.kind
        opens = OPENERS.intersection(mark.words[:1]) and clauses[-1].content
        if mark.kind in BREAKS:
            clauses.append(Clause(before=mark.kind))
        elif opens and not clauses[-1].is_other:
            clauses.append(Clause(marks=[mark]))
        else:
            clauses[-1].marks.append(mark)
    return _joined(clauses)


def _joined(clauses: list[Clause]) -> list[Clause]:
    """Without the empty ones; the strongest break before an empty one counts for the next."""
    kept: list[Clause] = []
    breaks: list[Kind] = []
    for clause in clauses:
        breaks += [clause.before] if clause.before else []
        if clause.asked and not clause.content and kept:
            kept[-1].asked = True
        if clause.content:
            order = (Kind.BUT, Kind.STOP, Kind.ASK, Kind.COMMA, Kind.OR, Kind.AND)
            clause.before = next((kind for kind in order if kind in breaks), None)
            kept.append(clause)
            breaks = []
    return kept


# --- from clauses to a reading ----------------------------------------------------------------


def read_answer(item: Item, text: str, language: Language) -> Reading:
    """What she answered to this item.

    Both languages are understood whatever hers is; hers wins where the same words differ.
    The number that she texts is always the *score* printed before the choice, never its place.
    Crisis screening is done elsewhere, on every text: here "3. id rather be dead" is a 3.

    :param text: her whole text, untouched.
    """
    plain = _plain(text)
    if REACTION.match(plain):
        return Unreadable()
    plain = ALONE.get(plain.strip(" .!,\n"), plain)
    clauses = _clauses(_marks(_out_of(item).sub(r"\1 ", plain), item, language))
    if not clauses:
        return Unreadable()
    clean = [clause for clause in clauses if not clause.is_other]
    if clauses[0].is_other or _runs_on(clauses):
        return _among_other_words(clauses, clean, item)
    return _weigh(clauses, clean, item)


@lru_cache(maxsize=64)
def _out_of(item: Item) -> re.Pattern[str]:
    """ "7/10", "7 out of 10". On a short scale "2/3" is two answers, "2 out of 3" is one."""
    top = item.scores[-1]
    signs = "out of|sobre|de" + ("|/|of" if top >= 10 else "")
    return re.compile(rf"\b(\d+) ?(?:{signs}) ?{top}(?![\w/])")


def _runs_on(clauses: list[Clause]) -> bool:
    """ "2 or so hours", "2 and a half bottles": the number belongs to what follows."""
    return any(
        clause.is_other
        and (
            clause.before is Kind.OR
            or (clause.before is Kind.AND and clause.marks[0].words[0] not in OPENERS)
        )
        for clause in clauses[1:2]
    )


def _ambiguous(item: Item, reason: Doubt, could_mean: Iterable[int]) -> Ambiguous:
    scores = tuple(sorted(set(could_mean)))
    return Ambiguous(reason, scores, any(is_alerting(item, score) for score in scores))


def _among_other_words(clauses: list[Clause], clean: list[Clause], item: Item) -> Reading:
    """Her text begins with something else. Is there nevertheless an answer to ask about?"""
    if any(clause.declines for clause in clean):
        return Declined()
    first = clauses[0].marks[0]
    if any(clause.asked for clause in clauses) or QUESTIONS.intersection(first.words[:1]):
        return Unreadable()
    last = clauses[-1]
    scores = {score for mark in last.content for score in mark.could_mean}
    alone = all(mark.kind in SCORING - {Kind.NO} for mark in last.content)
    if last in clean and last.before is Kind.STOP and alone and len(scores) == 1:
        return _ambiguous(item, Doubt.AMONG_OTHER_WORDS, scores)
    hints = {score for clause in clauses for score in _hints(clause)}
    if any(is_alerting(item, score) for score in hints):
        return _ambiguous(item, Doubt.AMONG_OTHER_WORDS, hints)
    return Unreadable()


def _hints(clause: Clause) -> Iterator[int]:
    """Scores in a sentence: its labels, and a number that opens it and counts nothing."""
    for at, mark in enumerate(clause.marks):
        follows = clause.marks[at + 1].words[:1] if at + 1 < len(clause.marks) else ()
        counts = MEASURES.intersection(follows)
        if mark.kind is Kind.LABEL or (mark.kind is Kind.NUMBER and at == 0 and not counts):
            yield from mark.could_mean


def _weigh(clauses: list[Clause], clean: list[Clause], item: Item) -> Reading:
    """Her text begins with an answer: do all of its clear parts agree?"""
    marks = [mark for clause in clean for mark in clause.content]
    kinds = {mark.kind for mark in marks}
    scoring = [mark for mark in marks if mark.kind in SCORING]
    vague = [mark for mark in marks if mark.kind in {Kind.UNCLEAR, Kind.BETWEEN}]
    mentioned = {score for mark in (*scoring, *vague) for score in mark.could_mean}
    strong = kinds & {Kind.NUMBER, Kind.LABEL, Kind.OUTSIDE, Kind.BETWEEN}
    declines = any(clause.declines for clause in clean)
    # "stop asking me this every day" gives no answer; "stop asking me. 3" does.
    only_declines = clauses[0].declines and not any(clause.before for clause in clean[1:])
    if declines and (only_declines or not scoring):
        doubtful = Kind.YES in kinds or any(is_alerting(item, score) for score in mentioned)
        if not (doubtful and item.alerting_from is not None):
            return Declined()
    if Kind.SKIP in kinds:
        return _skip(clauses, item, mentioned, said_more=bool(scoring or vague or strong))
    if Kind.OUTSIDE in kinds:
        return _ambiguous(item, Doubt.OUT_OF_RANGE, item.scores)
    if not strong and len(clean) < len(clauses):
        return _weak_then_story(clauses, marks, item)
    if scoring:
        return _one_score(clauses, clean, item)
    return _no_score(kinds, vague, item)


def _skip(clauses: list[Clause], item: Item, mentioned: set[int], *, said_more: bool) -> Reading:
    if said_more:
        return _ambiguous(item, Doubt.TWO_ANSWERS, mentioned or item.scores)
    # "skip my session" is about a session; "skip, im busy" skips.
    runs_on = any(clause.is_other and clause.before is None for clause in clauses)
    return Unreadable() if runs_on else Skipped()


def _weak_then_story(clauses: list[Clause], marks: list[Mark], item: Item) -> Reading:
    """ "no i cant sleep", "sometimes i wonder if …": too thin to score what follows."""
    if item.alerting_from is None:
        return Unreadable()
    could_mean = {score for mark in marks for score in mark.could_mean}
    turned = any(clause.before is Kind.BUT for clause in clauses)
    return _ambiguous(item, Doubt.AMONG_OTHER_WORDS, item.scores if turned else could_mean)


def _one_score(clauses: list[Clause], clean: list[Clause], item: Item) -> Reading:
    marks = [mark for clause in clean for mark in clause.content]
    kinds = {mark.kind for mark in marks}
    said = [
        mark.could_mean for mark in marks if mark.kind in {*SCORING, Kind.UNCLEAR, Kind.BETWEEN}
    ]
    scores = {score for mark in marks if mark.kind in SCORING for score in mark.could_mean}
    mixed = Kind.NUMBER in kinds and kinds & {Kind.LABEL, Kind.NO, Kind.UNCLEAR}
    differ = Doubt.NUMBER_AND_WORDS_DIFFER if mixed else Doubt.TWO_ANSWERS
    if len(scores) > 1 or Kind.BETWEEN in kinds or not frozenset(item.scores).intersection(*said):
        reason = Doubt.BETWEEN if Kind.BETWEEN in kinds else differ
        return _ambiguous(item, reason, frozenset().union(*said))
    score = scores.pop()
    if Kind.YES in kinds and score == item.scores[0]:
        return _ambiguous(item, Doubt.TWO_ANSWERS, item.scores)
    if any(clause.asked for clause in clean):
        return _ambiguous(item, Doubt.ASKS_BACK, item.scores)
    turned = any(clause.before is Kind.BUT for clause in clauses)
    hinted = {hint for clause in clauses if clause.is_other for hint in _hints(clause)}
    hinted |= {hint for mark in marks if mark.kind is Kind.UNCLEAR for hint in mark.could_mean}
    unsure = Kind.HEDGE in kinds or turned or any(is_alerting(item, hint) for hint in hinted)
    if unsure and item.alerting_from is not None and not is_alerting(item, score):
        # Doubt goes up: "0 but …", "probably 0" to an alerting item is no clear zero.
        return _ambiguous(item, Doubt.HEDGED, item.scores)
    return Answered(score)


def _no_score(kinds: set[Kind], vague: list[Mark], item: Item) -> Reading:
    could_mean = {score for mark in vague for score in mark.could_mean}
    if Kind.BETWEEN in kinds:
        return _ambiguous(item, Doubt.BETWEEN, could_mean)
    if vague:
        return _ambiguous(item, Doubt.VAGUE, could_mean)
    if Kind.YES in kinds:
        return _ambiguous(item, Doubt.BARE_YES, item.scores[1:])
    if Kind.HEDGE in kinds:
        return _ambiguous(item, Doubt.DOES_NOT_KNOW, item.scores)
    return Unreadable()
