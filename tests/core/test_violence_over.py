"""Violence that is over, and said to be over; in doubt it is not."""

import pytest

from bot.core.violence_over import is_over


@pytest.mark.parametrize(
    "text",
    [
        "my ex used to hit me last year, im ok",
        "my ex used to hit me but thats over",
        "My ex-husband used to beat me, we're divorced",
        "i was in an abusive relationship years ago, im safe now",
        "he used to hit me, hes in jail",
        "my ex used to hit me, I\u2019m ok now",
        "my dads friend hit me as a kid. im good",
        "mi ex me pegaba el año pasado, estoy bien",
        "mi ex me pegaba pero ya no, me fui",
        "me golpeaba hace años, ya estoy a salvo",
    ],
)
def test_over(text):
    assert is_over(text)


@pytest.mark.parametrize(
    "text",
    [
        "my ex used to hit me",
        "he hit me last year",
        "my ex hit me, im ok",
        "he used to hit me, im ok",
        "my husband used to hit me last year, im ok",
        "my ex used to hit me last year, im ok but he keeps calling",
        "my ex used to hit me, im not ok",
        "my ex used to hit me and hes back home, im fine",
        "my ex used to hit me last year and hit me again, im ok",
        "my ex used to hit me last year im ok but scared he knows where i live",
        "my ex used to hit me, is that over?",
        "my husband hits me, im ok",
        "my ex hit me last night, im safe now",
        "mi ex me pegaba, tengo miedo, ya no estamos juntos",
        "mi esposo me pegaba el año pasado, estoy bien",
        "mi ex me pega, estoy bien",
    ],
)
def test_present_or_unclear(text):
    assert not is_over(text)
