"""Words by which a mother whose baby has died says that she will follow him."""

import pytest

from bot.core.joins_the_dead import says_so


@pytest.mark.parametrize(
    "text",
    [
        "i'm going to him soon",
        "im going to him",
        "i want to be with him",
        "i just wanna be with my baby",
        "I need to go to her",
        "ill be with him soon",
        "see you soon baby",
        "i will see him soon",
        "mommy is coming",
        "hes waiting for me",
        "wish i was with her",
        "time to join my angel",
        "we will be together again soon",
        "i cant wait to be with him",
        "my husband doesnt get it. i want to be with him",
        "quiero estar con él",
        "quiero irme con mi bebe",
        "ya me voy con él",
        "pronto voy a estar con ella",
        "pronto lo voy a ver",
        "quiero alcanzarla",
        "me está esperando",
    ],
)
def test_she_wants_to_follow(text):
    assert says_so(text)


@pytest.mark.parametrize(
    "text",
    [
        "i look at pictures of my newborn all day",
        "i just want to hold him again",
        "i miss him so much",
        "i am going to his grave today",
        "when is my next session",
        "i dont want to be with him",
        "today would be her birthday",
        "i want to go to her grave",
        "i want to be with her dad",
        "i want to sleep in her room",
        "ok see you soon",
        "can i see you soon",
        "i want to be alone",
        "i want to talk about him",
        "can someone call me soon",
        "miro fotos de mi bebé todo el día",
        "lo extraño mucho",
        "voy a su tumba hoy",
        "quiero hablar de él",
        "no quiero estar con nadie",
    ],
)
def test_grief_and_everyday_words(text):
    assert not says_so(text)
