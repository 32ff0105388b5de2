"""When he is back, or that he is there, is read in both languages; a visit of a nurse is not."""

import pytest

from bot.core.his_return import tells_of_return


@pytest.mark.parametrize(
    "text",
    [
        "he is home at 6",
        "hes home at six",
        "he'll be back in an hour",
        "my husband gets home around 5:30",
        "he just pulled up",
        "hes on his way home",
        "home by 7",
        "he's here",
        "he came back",
        "i only have 20 min",
        "before he gets home",
        "vuelve a las 6",
        "él llega en una hora",
        "ya llegó",
        "mi esposo está aquí",
        "antes de que regrese",
        "sale del trabajo a las 5",
        "tengo hasta las 6",
    ],
)
def test_his_return_is_read(text: str) -> None:
    assert tells_of_return(text)


@pytest.mark.parametrize(
    "text",
    [
        "can i take ibuprofen with it",
        "he hit me again",
        "the nurse comes at 6",
        "la doctora viene a las 3",
        "i feel so alone",
        "how do i feed him at night",
        "me siento mal",
    ],
)
def test_other_words_are_not(text: str) -> None:
    assert not tells_of_return(text)
