"""What is a call for somebody, in the words of a mother who waits."""

import pytest

from bot.core.pleas import calls_out, says_nobody_called, wants_call

PLEAS = """hello??|hello|HELLO|helo?|hey|is anyone there|is anybody there|anyone there?|r u there
    |are you there|are you calling|are u calling me|is someone calling|when will someone call
    |is somebody going to call me|nobody called|no one is answering|please help|help me|pls answer
    |call me|why is no one calling|who is reading this|i need help|i need someone|still waiting
    |is this even real|?|??|can someone come|did anyone read that|hola|hola??|hay alguien
    |hay alguien ahí|alguien está ahí?|me van a llamar?|me va a llamar alguien|van a llamar o no
    |nadie me llama|nadie contesta|ayuda|ayúdame|ayúdeme|llámeme|llamenme|contésteme|contesten
    |necesito ayuda|necesito a alguien|cuándo me llaman|a que hora llaman|quién me va a llamar
    |sigo esperando|por qué nadie llama
    |please|pls|PLEASE PLEASE|please...|somebody|anyone|anybody please|por favor|porfa|alguien
    |answer|contesten|fuck you|fuck this|fuck this stupid line|you guys are useless
    |you dont care|nobody cares|no one gives a shit|this is bullshit|what a joke
    |thanks for nothing|stupid bot|wtf|whatever|youre not helping|i hate this|you are lying
    |no les importa|a nadie le importo|no sirven para nada|qué porquería|son inútiles|me ignoran"""
NOT_PLEAS = """ok|thanks|thank you|k|im in bed now|my husband is home|gracias|ya me acosté|sí
    |i ate something|please thank her for me|she cares about me|lol|bueno
    |the baby is asleep|esta dormido el bebe"""


@pytest.mark.parametrize("words", [words.strip() for words in PLEAS.split("|")])
def test_a_call_for_somebody_is_heard(words):
    assert calls_out(words)


@pytest.mark.parametrize("words", [words.strip() for words in NOT_PLEAS.split("|")])
def test_other_words_are_no_call(words):
    assert not calls_out(words)


NOBODY = """why is nobody calling me|nobody called|no one has called me|im still waiting
    |still waiting|nobody is calling|why hasn't anyone called|you said someone would call
    |when will someone call
    |they never called|where is my call|how long do i have to wait|ive been waiting for a call
    |nadie me llama|nadie me ha llamado|no me han llamado|sigo esperando|por qué no me llaman
    |por que nadie me llama|cuándo me llaman|a qué hora me llaman|dijeron que me iban a llamar"""
NOT_NOBODY = """hello??|are you calling?|is anyone there|call me|please help me|i will wait outside
    |my mom called me|thank you for calling|hay alguien|llámeme|estoy en casa|mi mamá me llamó"""
CALLS = """CALL|call|Call.|call me|please call me|can someone call me|pls call|call me back
    |i need a call|i want a phone call|give me a call|could you call me please|LLAMAR|llámeme
    |llamenme por favor|me puede llamar|pueden llamarme|quiero una llamada|necesito que me llamen
    |quiero hablar con una persona|llámame"""
NO_CALLS = """dont call me|don't call me he is here|please do not call|never call me at home
    |no me llamen|no me llame ahora|nobody called|i called 911|ok|gracias|he called me names
    |my mom called"""


def said(words: str) -> list[str]:
    return [one.strip() for one in words.split("|")]


@pytest.mark.parametrize("words", said(NOBODY))
def test_that_nobody_called_is_heard(words):
    assert says_nobody_called(words)


@pytest.mark.parametrize("words", said(NOT_NOBODY))
def test_other_pleas_are_no_reproach(words):
    assert not says_nobody_called(words)


@pytest.mark.parametrize("words", said(CALLS))
def test_a_wish_for_a_call_is_heard(words):
    assert wants_call(words)
    assert not says_nobody_called(words)


@pytest.mark.parametrize("words", said(NO_CALLS))
def test_who_does_not_want_a_call_is_not_taken_to_want_one(words):
    assert not wants_call(words)
