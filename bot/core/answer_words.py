"""Words of every scale: how people say yes, how often, about, and what stands around it.

Wordings of one scale stand in ``data/instruments/phrases``; refusals in ``answer_refusals``.
"""

import re

from bot.core.answer_marks import Kind


def word_set(words: str) -> frozenset[str]:
    """A line of words as a set."""
    return frozenset(words.split())


# What answers, or stands beside an answer.
ANSWERS: dict[Kind, str] = {
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
}
# What joins two answers, or turns one.
JOINING: dict[Kind, str] = {
    Kind.BUT: """but | except | although | though | tho | however | pero | aunque | excepto
        | solo que | only that | just that""",
    Kind.OR: "or | o | u | to | thru | through | out of | versus | vs",
    Kind.AND: "and | n | y | e | plus",
}

# A word that opens a new clause without punctuation, as people text: "3 im so tired".
OPENERS = word_set(
    """i im ive id ill my me he hes she shes they this bc because becuz cuz cus cause coz cant
    cannot couldnt dont didnt wont wish not never when since especially feeling feels mainly
    every always yo mi mis nos estoy ando porque xq pq cuando desde no ni ya tengo siento quiero
    nunca siempre ella el los las ellos ayer anoche her his everything nothing nobody even it we
    the que so just really still today yesterday tonight hoy muy tan todo cried slept woke
    exhausted overwhelmed llore dormi llorando agotada"""
)
QUESTIONS = word_set(
    """what who whats how hows when where why which is are am do does did can could should will
    would que quien cual como cuando donde puedo puede debo es son hay cuanto cuanta"""
)
DAYS = word_set("""day days time times night nights dia dias vez veces noche noches""")
MEASURES = word_set(
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
