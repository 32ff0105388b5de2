"""What happens, turn by turn, while a question is open. Real Rasa, real actions, fake services."""

import httpx
import pytest

from bot.errors import DialogueUnavailable
from bot.rasa_process import RasaProcess
from tests.rasa.conftest import ITEM, TOKEN, Conversation, FakeServices

pytestmark = pytest.mark.rasa


def test_faq_is_answered_when_nothing_is_open(someone: Conversation) -> None:
    assert someone.ids("how much does it cost") == ["utter_faq_cost"]


def test_answer_goes_to_the_services_and_nothing_is_asked_twice_when_a_question_is_open(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True

    replies = someone.text("2")

    assert [reply.text_id for reply in replies] == ["utter_item"]
    assert replies[0].values == {"item": ITEM}
    assert (replies[0].administration_id, replies[0].item) == ("adm1", 3)
    assert services.verbs() == ["restore", "answer_question"]
    turn = services.calls[-1][1]
    assert (turn.text, turn.inbound_id, turn.conversation_key) == ("2", "in1", someone.key)


def test_faq_is_answered_and_the_item_asked_again_when_it_comes_in_mid_check_in(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True

    assert someone.ids("1") == ["utter_item"]
    assert someone.ids("how much does it cost") == ["utter_faq_cost", "utter_item"]
    assert someone.ids("side effects?") == ["utter_faq_side_effects", "utter_item"]
    assert someone.ids("2") == ["utter_item"]


def test_request_is_carried_out_and_the_item_asked_again_in_mid_check_in(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True
    someone.text("1")

    assert someone.ids("please call me") == ["utter_request_call", "utter_item"]
    assert someone.ids("2") == ["utter_item"]


def test_item_is_asked_again_when_nobody_understands_in_mid_check_in(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True
    someone.text("1")

    assert someone.ids("who won the game last night") == ["utter_not_understood_once", "utter_item"]
    assert someone.ids("3") == ["utter_item"]


def test_form_ends_when_the_last_item_is_answered(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = services.closes = True

    assert someone.ids("2") == ["utter_check_in_done"]
    assert someone.ids("how much does it cost") == ["utter_faq_cost"]
    assert services.verbs().count("answer_question") == 1


def test_check_in_is_left_when_danger_is_spoken_of(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True
    someone.text("1")

    replies = someone.text("i want to kill myself")

    assert [(reply.text_id, dict(reply.values)) for reply in replies] == [
        ("crisis_ask", {"time": "by 5 pm"})
    ]
    assert services.calls[-1][1].intent == "crisis_suicide"
    assert someone.ids("how much does it cost") == ["utter_faq_cost"]


def test_question_is_known_when_it_was_opened_during_a_live_conversation(
    someone: Conversation, services: FakeServices
) -> None:
    assert someone.ids("hello") == ["utter_greet"]

    services.question_open = True

    assert someone.ids("2") == ["utter_item"]


def test_answer_is_no_answer_when_the_question_ran_out_meanwhile(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True
    someone.text("1")

    services.question_open = False

    assert someone.ids("how much does it cost") == ["utter_faq_cost"]
    assert services.verbs().count("answer_question") == 1


def test_form_opens_and_asks_nothing_itself_when_she_asks_for_her_check_in(
    someone: Conversation, services: FakeServices
) -> None:
    assert someone.ids("start my check in") == []
    assert services.question_open
    assert someone.ids("4") == ["utter_item"]


def test_question_is_restored_when_the_services_know_of_it_and_the_worker_did_not_say(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = True

    assert someone.ids("2", told=True) == ["utter_item"]
    assert services.verbs()[0] == "restore"


@pytest.mark.parametrize("command", ["/restart", " /restart", "/greet", '/deny{"a": 1}', "/"])
def test_command_is_only_text_when_a_mother_types_it(
    someone: Conversation, services: FakeServices, command: str
) -> None:
    services.question_open = True
    someone.text("1")

    someone.text(command)

    answered = [turn.text for verb, turn in services.calls if verb == "answer_question"]
    assert answered == ["1", command.strip()]
    assert someone.ids("2") == ["utter_item"]


def test_command_is_only_text_when_it_comes_past_the_first_escape(
    rasa: RasaProcess, services: FakeServices
) -> None:
    body = {"sender": "raw", "message": "  /restart", "metadata": {"inbound_id": "i1"}}
    services.question_open = True

    answer = httpx.post(
        f"{rasa.url}/webhooks/tend/webhook",
        json=body,
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=30,
    )

    assert answer.status_code == 200
    assert [turn.text for verb, turn in services.calls if verb == "answer_question"] == ["/restart"]


def test_reply_is_kept_when_its_id_is_newer_than_the_model(
    someone: Conversation, services: FakeServices
) -> None:
    # The fake answers with an id that no domain has.
    assert someone.ids("please call me") == ["utter_request_call"]


def test_spanish_text_is_chosen_when_she_is_spoken_to_in_spanish(
    rasa: RasaProcess, services: FakeServices
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{rasa.url}/webhooks/tend/webhook"

    def said(text: str) -> str:
        body = {"sender": "es", "message": text, "metadata": {"inbound_id": "i"}}
        words: str = httpx.post(url, json=body, headers=headers, timeout=30).json()[0]["text"]
        return words

    english = said("how much does it cost")
    said("en español por favor")
    spanish = said("cuanto cuesta el tratamiento")

    assert english.isascii()
    assert spanish != english
    assert "equipo" in spanish


def test_nothing_is_said_when_the_actions_fail(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = services.down = True

    assert someone.ids("2") == []


def test_question_is_restored_when_the_actions_are_back(
    someone: Conversation, services: FakeServices
) -> None:
    services.question_open = services.down = True
    assert someone.ids("how much does it cost") == []

    services.down = False

    assert someone.ids("2") == ["utter_item"]


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_input_channel_refuses_when_the_token_is_not_ours(rasa: RasaProcess, token: str) -> None:
    headers = {"Authorization": token} if token else {}

    answer = httpx.post(
        f"{rasa.url}/webhooks/tend/webhook", json={"sender": "a", "message": "hi"}, headers=headers
    )

    assert (answer.status_code, answer.json()) == (401, {"error": "token"})


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"sender": "a"}', b'{"sender": "", "message": "hi"}']
)
def test_input_channel_refuses_when_the_body_is_garbage(rasa: RasaProcess, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}

    answer = httpx.post(f"{rasa.url}/webhooks/tend/webhook", content=body, headers=headers)

    assert (answer.status_code, answer.json()) == (400, {"error": "body"})


def test_rasas_own_door_is_shut(rasa: RasaProcess) -> None:
    answer = httpx.post(f"{rasa.url}/webhooks/rest/webhook", json={"sender": "a", "message": "hi"})

    assert answer.status_code == 404


def test_http_api_refuses_without_the_token(rasa: RasaProcess) -> None:
    assert httpx.post(f"{rasa.url}/model/parse", json={"text": "hi"}).status_code == 401


def test_dialogue_is_unavailable_when_the_token_is_wrong(rasa: RasaProcess) -> None:
    from bot.dialogue import RasaDialogue

    stranger = RasaDialogue(rasa.url, token="other", timeout_seconds=5)

    with pytest.raises(DialogueUnavailable, match="status 401"):
        stranger.say(conversation_key="c", text="hi", inbound_id="i", question_open=False)
    assert not stranger.ready()
