"""What we answer to Twilio's webhooks: nothing, or a safe text when we are down ourselves."""

from collections.abc import Iterable
from xml.etree import ElementTree

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def empty_twiml() -> str:
    """The answer to every webhook: "received, say nothing". Replies go through the outbox."""
    return _write(ElementTree.Element("Response"))


def static_fallback_twiml(practice_phone: str, *, texts: Iterable[str]) -> str:
    """What Twilio texts back by itself when our gateway does not answer.

    It stands at Twilio (a TwiML Bin set as the fallback URL) and cannot know her language, so it
    says the same in each: one text per language.

    :param texts: one text a language; ``{practice_phone}`` is filled in.
    :raises ValueError: no text, or an empty one: she would get silence.
    """
    filled = [text.replace("{practice_phone}", practice_phone) for text in texts]
    if not filled or not all(text.strip() for text in filled):
        raise ValueError("the fallback needs a text in every language")
    response = ElementTree.Element("Response")
    for text in filled:
        ElementTree.SubElement(response, "Message").text = text
    return _write(response)


def _write(response: ElementTree.Element) -> str:
    return DECLARATION + ElementTree.tostring(response, encoding="unicode")
