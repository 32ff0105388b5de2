"""What is a call for somebody, in the words of a mother who waits."""

import pytest

from bot.core.pleas import calls_out

PLEAS = """hello??|hello|HELLO|helo?|hey|is anyone there|is anybody there|anyone there?|r u there
    |are you there|are you calling|are u calling me|is someone calling|when will someone call
    |is somebody going to call me|nobody called|no one is answering|please help|help me|pls answer
    |call me|why is no one calling|who is reading this|i need help|i need someone|still waiting
    |is this even real|?|??|can someone come|did anyone read that|hola|hola??|hay alguien
    |hay alguien ahí|alguien está ahí?|me van a llamar?|me va a llamar alguien|van a llamar o no
    |nadie me llama|nadie contesta|ayuda|ayúdame|ayúdeme|llámeme|llamenme|contésteme|contesten
    |necesito ayuda|necesito a alguien|cuándo me llaman|a que hora llaman|quién me va a llamar
    |sigo esperando|por qué nadie llama"""
NOT_PLEAS = """ok|thanks|thank you|k|im in bed now|my husband is home|gracias|ya me acosté|sí
    |i ate something|lol|bueno|the baby is asleep|esta dormido el bebe"""


@pytest.mark.parametrize("words", [words.strip() for words in PLEAS.split("|")])
def test_a_call_for_somebody_is_heard(words):
    assert calls_out(words)


@pytest.mark.parametrize("words", [words.strip() for words in NOT_PLEAS.split("|")])
def test_other_words_are_no_call(words):
    assert not calls_out(words)
