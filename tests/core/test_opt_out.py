"""Which texts ask the line to stop, and which only hold the word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.opt_out import (
    CARRIER_KEYWORDS,
    OptOutKind,
    OptOutReading,
    asks_for_other_hours,
    read_opt_out,
)

STOPS = """
stop.
STOP!!
Stop please
please stop
Please just stop
Pls stop 🙏
ok stop
can you stop
can you please stop
hi. stop
no, please stop
thanks. please stop
stop now
stopp
stop all
STOP i want to die
stop, i can't do this
Stop because this is too much
please stop texting me
stop texting
Stop texting me!! I told you already
stop messaging me
quit texting me
stop bothering me
Could you stop sending me messages
stop sending these
stop sending me stuff
stop the texts
stop all these messages please
stop the check-ins
stop my reminders
I need you to stop texting me
it's 3am. stop texting me
opt out
how are you. stop texting me
What the hell, i dont want these texts
opt-out
opt me out please
I'd like to opt out of these texts
unsubscribe me
no more texts
no more messages please
Please, no more reminders
i want no more texts
leave me alone
Just leave me alone
please leave me be
don't text me anymore
dont text me
do not contact me again
never text me again
don’t message me at all
dont send me any more messages
i don't want these texts anymore
I don't want to get your messages
I dont want to receive any more text messages
i no longer wish to receive messages
i dont want you to text me
i don't want to be contacted
enough texts
I'm done with these messages
take me off this list
remove me from your list
remove my number
lose my number
cancel the texts
cancel my reminders
turn off the notifications
cancel my subscription
I revoke my consent
wrong number
sorry, you have the wrong number
para
Alto
PARA POR FAVOR
por favor paren
basta
ya basta
basta de mensajes
no más mensajes
no mas mensajes
ya no más textos por favor
no me escriban más
No me escriban mas por favor
ya no me manden mensajes
no me envíen nada
no me molesten
dejen de escribirme
deja de mandarme mensajes
quiero que dejen de escribirme
déjenme en paz
dejame sola
no quiero más mensajes
ya no quiero recibir mensajes
no quiero que me escriban
cancelen los mensajes
quiero darme de baja
sáquenme de la lista
borren mi número
número equivocado
""".strip().splitlines()

FORGETS = """
delete my data
Please delete all my data
delete my information
erase my records
can i delete my account
stop texting me and delete my data
STOP. Delete my messages.
I want you to delete my information
erase everything you have
borren mis datos
por favor borren todos mis datos
elimina mis datos personales
quiero que borren mi información
eliminen mi cuenta
no me escriban más y borren mis datos
""".strip().splitlines()

STARTS = """
start!
start again
empezar
Empezar por favor
reanudar
Start please
opt in
opt me back in
sign me back up
resubscribe
please text me again
turn my texts back on
you can text me again
start texting me again
i want the texts back
restart my reminders
pueden escribirme otra vez
vuelvan a escribirme
quiero recibir mensajes otra vez
""".strip().splitlines()

HELPS = """
help!
HELP ME
please help
help please
i need help
¡ayuda!
ayúdame
ayuda por favor
necesito ayuda
info?
""".strip().splitlines()

NOT_FOR_THE_LINE = """
stop crying
i cant stop crying
stop it
stop the pain
please make it stop
make it stop
i want it to stop
I just want the pain to stop
he won't stop hitting me
he wont stop texting me
my ex keeps texting me, he won't stop
i told him to stop texting me
when does the bleeding stop
should i stop the zoloft
can i stop taking it
do i have to stop breastfeeding
i need to stop texting my ex
stop texting my husband about it? he worries
cant stop worrying
please don't stop
dont stop texting me
never stop texting me
don't stop the messages, they help
the voices are so loud. please stop them
she stops breathing at night
bus stop
i quit
i quit my job
quit smoking last year
end it
end it all
i want to end it
this has to end
the end of the week
cancel my session
please cancel tomorrow
can you cancel my appointment
cancel everything
do i have to cancel if i have a cold
i want out
leave me
how do i stop the texts
how do i unsubscribe
how can i opt out
will my care end if i opt out
can i opt out of texts and stay in the program
where do i find the opt out info
opt out how
if i don't want texts anymore what do i do
what happens if i text stop
start my check in
i dont want to text, i want to talk to somebody
si ya no quiero textos, qué tengo que hacer
cómo hago para darme de baja
como cancelo los textos
leave me here with him and see
the voices are so loud. please stop
dont leave me alone
please don't leave me alone
he wont leave me alone
i want everyone to leave me alone
they leave me alone with the baby all day
don't text me at work
dont text me right now im in a meeting
no more texts from my ex
i dont want texts from him
i don't want to miss the messages
i dont want anyone to see my texts
i got your messages
too many texts
did you send the text
no more pills
no more
im done
im done with everything
i cant go on. no more
can i opt out of the zoom session
unsubscribed from netflix
take me off the meds
get me off this medicine
i called the wrong number
yes
YES
Yes please
y
ok
no
sí
si
si por favor
continue
0
forget it
i forget my meds
everyone would forget me
i forgot my password
he deleted my messages
delete my last answer
remove the stitches
when do i start
can we start the session
start of my period
i need help with my meds
help with sleep
my mother helps me
can someone help the baby latch
more info about fasting
para mi bebé
para mañana
no para de llorar
no para
no puedo parar de llorar
no puedo más
ya no puedo más
no más
quiero que pare
quiero que pare el dolor
presión alta
me siento baja
no me deja en paz
no me dejen sola
por favor no me dejes sola
no me escribe nadie
no me escriban por la noche
no quiero mensajes de mi ex
no quiero vivir
cancelar mi cita
quiero cancelar la cita de mañana
basta de llorar
la ayuda llegó
necesito ayuda con la bomba
😀
""".strip().splitlines()


def kind_of(text: str) -> OptOutKind | None:
    reading = read_opt_out(text)
    return reading.kind if reading else None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (text, kind)
        for kind, texts in (
            (OptOutKind.STOP, STOPS),
            (OptOutKind.FORGET, FORGETS),
            (OptOutKind.START, STARTS),
            (OptOutKind.HELP, HELPS),
        )
        for text in texts
    ],
)
def test_a_wish_is_read_when_it_comes_in_free_words(text: str, kind: OptOutKind) -> None:
    assert read_opt_out(text) == OptOutReading(kind=kind, exact=False)


@pytest.mark.parametrize(
    "text",
    [
        "no more texts at night",
        "Please stop texting me at night!",
        "dont text me at work",
        "stop sending me messages so late",
        "no more texts after 9pm pls",
        "can you not? stop texting me at 6 in the morning",
        "only text me in the evening",
        "no me escriban de noche",
        "no quiero mensajes en la madrugada",
        "dejen de mandarme mensajes tan temprano",
    ],
)
def test_a_wish_about_hours_is_no_end_to_all_texts(text: str) -> None:
    assert read_opt_out(text) is None
    assert asks_for_other_hours(text)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "no more texts",
        "no more texts. you woke the baby at night",
        "stop texting me, i work at night",
        "i dont want texts at night or ever",
        "no quiero mensajes, ni de noche ni de dia",
        "no me escriban nunca mas de noche",
    ],
)
def test_where_it_may_mean_an_end_it_is_one(text: str) -> None:
    found = read_opt_out(text)
    assert found is not None
    assert found.kind is OptOutKind.STOP
    assert not asks_for_other_hours(text)


@pytest.mark.parametrize(
    "text",
    ["my ex texts me at night", "i cant sleep at night", "do you text at night?", "text me at 9"],
)
def test_words_about_the_night_are_not_yet_a_wish_about_texts(text: str) -> None:
    assert not asks_for_other_hours(text)


@pytest.mark.parametrize("text", NOT_FOR_THE_LINE)
def test_nothing_is_read_when_the_words_are_about_something_else(text: str) -> None:
    assert read_opt_out(text) is None


def test_the_tables_are_long_enough_to_mean_something() -> None:
    assert len(STOPS) >= 40
    assert len(NOT_FOR_THE_LINE) >= 40


@pytest.mark.parametrize(("keyword", "kind"), CARRIER_KEYWORDS.items())
def test_a_carrier_keyword_is_exact_when_it_stands_alone(keyword: str, kind: OptOutKind) -> None:
    for text in (keyword, keyword.lower(), keyword.title(), f"  {keyword}\n"):
        assert read_opt_out(text) == OptOutReading(kind=kind, exact=True)


def test_every_keyword_that_carriers_act_on_is_known() -> None:
    stops = {word for word, kind in CARRIER_KEYWORDS.items() if kind is OptOutKind.STOP}

    assert stops == set(
        ["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"]
    )


def test_yes_is_never_an_opt_in() -> None:
    for text in ("YES", "yes", "Yes!", "yes yes yes", "sí", "SI"):
        assert kind_of(text) is None


def test_both_wishes_are_served_when_she_stops_and_asks_for_erasure() -> None:
    assert kind_of("Stop texting me and delete my data") is OptOutKind.FORGET


def test_punctuation_makes_a_keyword_ours_to_honour_when_the_carrier_would_pass_it_by() -> None:
    assert read_opt_out("STOP.") == OptOutReading(kind=OptOutKind.STOP, exact=False)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    read_opt_out(text)


@given(st.sampled_from(STOPS + FORGETS + STARTS + HELPS), st.sampled_from(["", " ", "\n", "\t "]))
def test_capitals_and_blanks_change_nothing(text: str, blank: str) -> None:
    assert kind_of(f"{blank}{text.upper()}{blank}") is kind_of(text)


@pytest.mark.parametrize("piece", ["please ", "i dont want to get ", "stop . ", "no more of the "])
def test_reading_stays_quick_when_a_text_is_as_long_as_a_carrier_allows(piece: str) -> None:
    text = (piece * 1600)[:1600]
    started = time.perf_counter()

    read_opt_out(text)

    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me at this number",
        "stop texting me after this",
        "stop texting me before i call my lawyer",
        "stop sending me texts at my sisters house too",
    ],
)
def test_a_wish_that_names_no_hours_is_an_end(text: str) -> None:
    reading = read_opt_out(text)
    assert reading is not None
    assert reading.kind == OptOutKind.STOP
    assert not asks_for_other_hours(text)
