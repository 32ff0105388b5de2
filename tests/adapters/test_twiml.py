"""What Twilio is told to say: nothing, or a safe text while we are down."""

from xml.etree import ElementTree

import pytest

from bot.sms.twiml import empty_twiml, static_fallback_twiml

TEXTS = ["Call {practice_phone}. In danger: 911 & <988>.", "Llame al {practice_phone}. ¡911!"]


def test_the_answer_to_a_webhook_says_nothing() -> None:
    response = ElementTree.fromstring(empty_twiml())

    assert response.tag == "Response"
    assert len(response) == 0
    assert response.text is None


def test_the_fallback_says_the_same_in_each_language() -> None:
    response = ElementTree.fromstring(static_fallback_twiml("202-555-0199", texts=TEXTS))

    assert [(said.tag, said.text) for said in response] == [
        ("Message", "Call 202-555-0199. In danger: 911 & <988>."),
        ("Message", "Llame al 202-555-0199. ¡911!"),
    ]


@pytest.mark.parametrize("texts", [[], [""], ["Call 911.", " "]])
def test_the_fallback_is_refused_when_it_would_be_silent(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="fallback"):
        static_fallback_twiml("202-555-0199", texts=texts)
