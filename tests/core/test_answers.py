"""How mothers text their answers, and what each text is read as.

In the tables a number is *answered*; the words are the readings; ``might alert`` is an ambiguous
answer that a clinician may have to hear of.
"""

import re
from pathlib import Path

import pytest

from bot.content.instruments import load_instruments
from bot.core.answers import (
    Ambiguous,
    Answered,
    Declined,
    Doubt,
    Reading,
    Skipped,
    Unreadable,
    read_answer,
)
from bot.core.instruments import Answer, Item, Phrase, Wording
from bot.core.languages import Language

SHIPPED = load_instruments(Path(__file__).parents[2] / "data")
PHQ9, MOOD = SHIPPED["phq9"], SHIPPED["mood"].item(1)
PLAIN, NINE = PHQ9.item(1), PHQ9.item(9)

HOW_OFTEN_ENGLISH: dict[int | str, str] = {
    0: """0|0!|0.|zero|Zero.|not at all|NOT AT ALL|Not at all.|not at all tbh
        |0 not at all|0 - not at all|not at all 0|never|Never!|nah|nope|no|No.|n
        |no never|no, not at all|none|none of the time|not once|not a single day
        |0 days|zero days|0 thank god|hi 0|0 im good thanks|not at all lol
        |no not at all|literally never|0️⃣""",
    1: """1|one|1.|(1)|#1|1 several days|several days|Several Days|several  days
        |several|some days|a few days|few days|a couple days|like a few days
        |a few days i guess|1 i think|maybe 1|1, just when the baby wont sleep
        |1 today|yes, several days|1️⃣|some days honestly""",
    2: """2| 2.|two|2 - more than half|2: more than half the days|more than half
        |more then half|over half the days|most days|most days tbh|most of the time
        |2️⃣|２|"2"|2!!|i say 2|id say 2|my answer is 2|ok 2|good morning. 2
        |2 bc i cant sleep|2 cant sleep|2 im so tired|2 😭|2 out of 3|about a 2|2ish
        |2 lol|2 please|option 2|02|2 i guess|probably 2|more than half i guess
        |2, he has been up since 4 every day""",
    3: """3|three|3!!!|every day|everyday|EVERYDAY|every-day|every single day
        |nearly every day|almost every day|all the time|always|daily|24/7
        |3. every day. id rather be dead|3 and i cant take it
        |3 i cant do this anymore|3\nnearly every day|every day since he was born
        |pretty much every day|yes every day|i feel like that nearly every day|3+
        |all the time i want to die|3 so tired|3 stop asking me|every night""",
    "ambiguous": """2 or 3?|2 or 3|1-2|1 - 2|1/2|½|between 1 and 2|1 to 2|1, 2|2 maybe 3|maybe
        |sometimes|sometimes i guess|kinda|a little|a bit|sort of|on and off|idk|IDK
        |i dont know|not sure|no idea|depends|7|33|-1|10
        |99999999999999999999999999999999999999999999999999|0 every day|3 not at all
        |2 several days|2.5|2,5|2+|2?|0?|every day?|yes|yeah|y|yep|👍|yes not at all
        |not really|hardly ever|rarely|once|once or twice|half the days
        |half the time|a lot|often|every other day|not every day|2-3 days|5 days
        |3 times|3 times a week|like 3 days|no 2|skip 3|0 or skip|3 out of 10|3/10
        |sorry i was asleep. 2|twice|1 2 3""",
    "skipped": """skip|SKIP|Skip.|skip please|skip this one|skip it|can i skip
        |can i skip this?|pass|pass!|next|next question|prefer not to say
        |id rather not say|i dont want to answer that|no comment|no thanks
        |no, thank you|skip, my head hurts|idk skip""",
    "declined": """stop asking me|please stop asking me|stop asking me this every day
        |please stop asking me these questions every day|no more questions
        |no more questions please|ok no more questions|stop with the questions
        |enough questions|quit asking me|i dont want to answer any more
        |im done with these questions|dont ask me anymore
        |this is too much. stop asking me|can you stop asking me questions""",
    "unreadable": """3 months|2am again|2 am again|what does 2 mean?|what does 2 mean
        |i have 2 kids and cant sleep|2 kids|2 of my kids are sick|1 question
        |1 more thing|2 hours of sleep|2 or so hours of sleep
        |2 and a half hours of sleep|at 3 am|2:30|II|ii||   |?|???|...|😭|ok|thanks|k
        |hello|why|call me|yes please call me|can i take it every day?
        |do i take it every day|can i eat before my session? 2|skip my session
        |can i skip a session|stop|STOP|no more|im done|i want to die
        |never been worse|nothing helps|never mind|none of your business
        |my husband wont stop asking me about it|he told me to stop asking questions
        |no i cant sleep|i cry every day|2 days ago|pass me the baby
        |next session when
        |Liked “0 Not at all 1 Several days 2 More than half the days”
        |how many days is several days""",
}
HOW_OFTEN_SPANISH: dict[int | str, str] = {
    0: """0|cero|ningún día|ningun dia|Ningún día.|NINGÚN DÍA|nunca|jamás|para nada
        |pa nada|no|nada|no, para nada|ninguno|ni un día|0 ningún día
        |nunca gracias a dios|0 dias|cero días""",
    1: """1|uno|varios días|varios dias|VARIOS DIAS|barios dias|algunos días|unos días
        |unos cuantos dias|1 varios días|sí, varios días|varios dias creo
        |como varios dias|pues algunos dias la verdad|1 cuando no duermo""",
    2: """2|dos|más de la mitad de los días|mas de la mitad|mas d la mitad
        |la mayoría de los días|la mayoria de los dias|2 - mas de la mitad
        |2 porque el bebé no duerme|como 2|creo que 2|diría 2|2 por favor|un 2""",
    3: """3|tres|casi todos los días|casi todos los dias|todos los días|todos los dias
        |TODOS LOS DIAS|diario|a diario|cada día|siempre|todo el tiempo
        |3 casi todos los días|3 y ya no puedo|todos los dias 3|sí, todos los días
        |casi siempre|3. ya no puedo mas|casi todos los dias desde que nacio""",
    "ambiguous": """no sé|no se|nose|no estoy segura|quién sabe|tal vez|quizás|a veces|aveces
        |a lo mejor|un poco|poquito|más o menos|sí|si|2 o 3|2 ó 3|entre 1 y 2|1 a 2
        |¿2?|7|2,5|0 todos los días|mucho|bastante|casi nunca|de vez en cuando
        |una vez|la mitad de los dias|3 veces|como 5 dias|depende
        |un día sí y un día no|muchas veces""",
    "skipped": """saltar|SALTAR|Saltar por favor|omitir|paso|siguiente|prefiero no contestar
        |no quiero contestar eso|no gracias|no, gracias""",
    "declined": """ya no pregunte|ya no pregunten|ya no me pregunten por favor
        |dejen de preguntar|por favor dejen de preguntarme|no más preguntas
        |ya no quiero contestar|basta de preguntas
        |ya no quiero contestar más preguntas""",
    "unreadable": """tengo 2 hijos|2 meses|a las 3 am otra vez|¿qué significa 2?
        |qué significa el 2|no entiendo|gracias|hola|me siento mal|no quiero seguir
        |nada bien|2 hijos y no duermo|paso por la tienda|¿cuándo es mi cita?|ayuda
        |¡ayuda!|llámeme|ya no puedo""",
}
MOOD_TEXTS: dict[int | str, str] = {
    0: "0|zero|cero|0/10|0. i want to die|zero lol",
    2: "2|2/10|2 today|2 bad|dos|2 estoy cansada",
    3: "3|un 3|me siento en un 3|3 cried all day but ok now",
    4: "im at a 4|feeling like a 4 today|4, cried all day|Hoy 4",
    5: "un 5|como un 5|about a 5|5ish maybe|5 but worse than yesterday|cinco",
    6: "6|six|like a 6|6!|id say 6|6 i think|maybe 6|seis|a 6 :)",
    7: "7ish|7 ish|7/10|7 out of 10|7 de 10|7 good|7 of 10",
    10: "10|10/10|ten|diez|🔟|10 out of 10|1️⃣0️⃣|10+",
    "ambiguous": """3.5|3,5|6-7|6 to 7|between 5 and 6|2, good|11|100|-2|good|bad|ok|meh|so so
        |fine|low|terrible|bien|mal|regular|más o menos|idk|no sé|better|not great
        |5 or 6|yes|7+""",
    "skipped": "skip|pass|saltar|paso|no thanks",
    "declined": "no more questions|ya no pregunten|stop asking me every day",
    "unreadable": """up since 3|3am|3 months old today|i have 2 kids|he ate 4 oz|what is 10|hi
        |thanks|bad. he cried all night|¿qué es 10?""",
}
# Doubt goes up: what is only unclear elsewhere may have to reach a clinician here.
ITEM_NINE: dict[int | str, str] = {
    0: """0|no|nope|never|not at all|nunca|para nada|ningún día|no, never
        |0 id never leave my babies|no thoughts like that|nah|0 thank god
        |hell no|no way|claro que no""",
    1: "1|several days|a few days|varios dias|maybe 1|1 but i wont do anything",
    2: "2|most days|2 i guess",
    3: """3|3. every day. id rather be dead|every day i want to die|siempre
        |3 stop asking me|i think that every day""",
    "might alert": """not today|ya no|no, not lately|0, hardly ever
        |0 or 1|0-1|sometimes|a veces|a little|un poco|kinda|maybe|tal vez|yes|yeah|y
        |si|sí|yes i do|👍|idk|no se|not really|hardly ever|casi nunca|once|una vez
        |twice|5 days|3 times|2 or 3|1.5|0.5|0?|7|10|3/10
        |0 but sometimes i wish i didnt wake up|0 but i think about it
        |not at all but tired|0 pero a veces lo pienso|probably 0|0 i guess
        |0. well i think about it every day|no but i wish i was
        |sometimes i wonder if theyd be better off|sorry was feeding him. 2
        |3 tired of it all|skip 2|yes stop asking me|yes, call me|0 every day|no 2""",
    "ambiguous": "no i just want to sleep",
    "skipped": "skip|saltar|prefer not to say|no thanks|paso",
    "declined": "stop asking me|ya no pregunten|no more questions",
    "unreadable": """3 months|2am again|what does 2 mean?|i have 2 kids and cant sleep|2 kids
        |1 question|can i take it every day?|ok|why do you ask this|hello
        |Liked “0 Not at all 1 Several days 2 More than half the days”""",
}


def rows(table: dict[int | str, str]) -> list[tuple[str, int | str]]:
    """The texts, without the line breaks of the tables above, and what each is read as."""
    return [
        (re.sub(r"\n {4,}$", "", text), want)
        for want, texts in table.items()
        for text in texts.split("|")
    ]


def name_of(reading: Reading) -> int | str:
    match reading:
        case Answered(score=score):
            return score
        case Ambiguous(might_alert=True):
            return "might alert"
        case _:
            return type(reading).__name__.lower()


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("text", "want"), rows(HOW_OFTEN_ENGLISH))
def test_english_text_is_read_whatever_her_language(
    text: str, want: int | str, language: Language
) -> None:
    assert name_of(read_answer(PLAIN, text, language)) == want


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("text", "want"), rows(HOW_OFTEN_SPANISH))
def test_spanish_text_is_read_whatever_her_language(
    text: str, want: int | str, language: Language
) -> None:
    assert name_of(read_answer(PLAIN, text, language)) == want


@pytest.mark.parametrize(("text", "want"), rows(MOOD_TEXTS))
def test_mood_is_read_as_a_number_from_zero_to_ten(text: str, want: int | str) -> None:
    for language in Language:
        assert name_of(read_answer(MOOD, text, language)) == want


@pytest.mark.parametrize(("text", "want"), rows(ITEM_NINE))
def test_doubt_goes_up_on_an_alerting_item(text: str, want: int | str) -> None:
    for language in Language:
        assert name_of(read_answer(NINE, text, language)) == want


def test_nothing_might_alert_on_an_item_that_does_not_alert() -> None:
    for text, _ in rows(ITEM_NINE):
        assert name_of(read_answer(PLAIN, text, Language.ENGLISH)) != "might alert"


def test_there_are_enough_examples_in_both_languages() -> None:
    assert len(rows(HOW_OFTEN_ENGLISH)) >= 150
    assert len(rows(HOW_OFTEN_SPANISH)) >= 100


@pytest.mark.parametrize(
    ("text", "reason", "could_mean"),
    [
        ("1 or 2", Doubt.TWO_ANSWERS, (1, 2)),
        ("0 every day", Doubt.NUMBER_AND_WORDS_DIFFER, (0, 3)),
        ("2.5", Doubt.BETWEEN, (2, 3)),
        ("7", Doubt.OUT_OF_RANGE, (0, 1, 2, 3)),
        ("sometimes", Doubt.VAGUE, (1, 2, 3)),
        ("yes", Doubt.BARE_YES, (1, 2, 3)),
        ("idk", Doubt.DOES_NOT_KNOW, (0, 1, 2, 3)),
        ("2?", Doubt.ASKS_BACK, (0, 1, 2, 3)),
        ("0 i guess", Doubt.HEDGED, (0, 1, 2, 3)),
        ("sorry was feeding him. 2", Doubt.AMONG_OTHER_WORDS, (2,)),
    ],
)
def test_doubt_says_why_and_which_scores_she_may_have_meant(
    text: str, reason: Doubt, could_mean: tuple[int, ...]
) -> None:
    assert read_answer(NINE, text, Language.ENGLISH) == Ambiguous(reason, could_mean, True)


def test_bare_no_is_a_zero_only_where_the_scale_says_so() -> None:
    answers = (Answer(0, Wording("As before")), Answer(3, Wording("Not any more")))
    item = Item(1, Wording("Placeholder"), answers, alerting_from=3)
    assert isinstance(read_answer(item, "no", Language.ENGLISH), Ambiguous)
    assert read_answer(item, "not any more", Language.ENGLISH) == Answered(3)


def test_her_own_language_wins_when_words_mean_two_things() -> None:
    phrases = (
        Phrase("once", Language.ENGLISH, (0,)),
        Phrase("once", Language.SPANISH, (1,)),
    )
    answers = (Answer(0, Wording("Low")), Answer(1, Wording("High")))
    item = Item(1, Wording("Placeholder"), answers, phrases=phrases)
    assert read_answer(item, "once", Language.ENGLISH) == Answered(0)
    assert read_answer(item, "once", Language.SPANISH) == Answered(1)


def test_every_reading_is_one_of_the_five() -> None:
    assert set(Reading.__args__) == {Answered, Skipped, Declined, Ambiguous, Unreadable}
