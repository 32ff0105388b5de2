"""What becomes of whatever Rasa answers, or does not. No Rasa is needed."""

import json
from collections.abc import Callable

import httpx
import pytest

from bot.dialogue import RasaDialogue, escaped
from bot.errors import DialogueUnavailable
from bot.ports import Reply, Understood

WORDS = "how much is it, zebrakanarienvogel"


def dialogue(answer: Callable[[httpx.Request], httpx.Response]) -> RasaDialogue:
    return RasaDialogue(
        "http://rasa.test",
        token="secret",
        timeout_seconds=1,
        transport=httpx.MockTransport(answer),
    )


def say(engine: RasaDialogue, text: str = WORDS) -> list[Reply]:
    return engine.say(conversation_key="c1", text=text, inbound_id="in1", question_open=True)


def test_text_key_and_question_travel_with_the_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    assert say(dialogue(answer)) == []
    assert seen[0].url.path == "/webhooks/tend/webhook"
    assert seen[0].headers["authorization"] == "Bearer secret"
    assert json.loads(seen[0].content) == {
        "sender": "c1",
        "message": WORDS,
        "metadata": {"inbound_id": "in1", "question_open": True},
    }


def test_replies_come_by_id_with_their_values_and_item() -> None:
    entry = {
        "text": "How often?",
        "utter_action": "utter_item",
        "values": {"item": "How often?"},
        "administration_id": "adm1",
        "item": 3,
    }

    replies = say(dialogue(lambda _: httpx.Response(200, json=[entry])))

    assert replies == [Reply("utter_item", {"item": "How often?"}, "adm1", 3)]


def test_what_the_model_made_of_the_text_comes_with_the_replies() -> None:
    made = {"intent": "faq_food", "confidence": 0.8, "runner_up": "greet"}
    entry = {"utter_action": "utter_faq_food", "understood": made}

    (reply,) = say(dialogue(lambda _: httpx.Response(200, json=[entry])))

    assert reply.understood == Understood("faq_food", 0.8, "greet", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b"null",
        b'"hello"',
        b"[1]",
        b"[null]",
        b'[{"text": "words that nobody approved"}]',
        b'[{"text": "x", "utter_action": null}]',
        b'[{"utter_action": ""}]',
        b'[{"utter_action": "utter_greet", "values": ["no"]}]',
        b'[{"utter_action": "utter_item", "item": "three"}]',
        b"\xff\xfe",
    ],
)
def test_dialogue_is_unavailable_when_the_answer_is_garbage(body: bytes) -> None:
    with pytest.raises(DialogueUnavailable):
        say(dialogue(lambda _: httpx.Response(200, content=body)))


@pytest.mark.parametrize("status", [204, 302, 400, 401, 404, 500, 503])
def test_dialogue_is_unavailable_when_the_status_is_not_200(status: int) -> None:
    with pytest.raises(DialogueUnavailable, match=str(status)):
        say(dialogue(lambda _: httpx.Response(status, json=[])))


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_dialogue_is_unavailable_and_says_no_word_of_hers_when_the_way_is_cut(
    error: type[httpx.TransportError],
) -> None:
    def cut(request: httpx.Request) -> httpx.Response:
        raise error(request.content.decode())

    with pytest.raises(DialogueUnavailable) as caught:
        say(dialogue(cut))
    assert "zebrakanarienvogel" not in str(caught.value)


@pytest.mark.parametrize("text", ["/restart", "  /restart", "\n\t/greet", "/", "/intent{}"])
def test_slash_is_escaped_when_rasa_would_take_it_for_a_command(text: str) -> None:
    harmless = escaped(text)

    assert not harmless.strip().startswith("/")
    assert harmless.endswith(text.strip())


@pytest.mark.parametrize("text", ["hi", " hi", "and/or", "1/2", "¡ayuda!"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_empty_text_is_never_handed_over_empty(text: str) -> None:
    assert escaped(text).strip()


def test_ready_only_when_a_model_is_loaded() -> None:
    def status(content: object) -> RasaDialogue:
        return dialogue(lambda _: httpx.Response(200, json=content))

    assert status({"model_file": "tend.tar.gz"}).ready()
    assert not status({"model_file": None}).ready()
    assert not status([]).ready()
    assert not dialogue(lambda _: httpx.Response(409)).ready()
