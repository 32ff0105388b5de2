"""The action server without Rasa: who may call, what it answers, and what it never says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from actions.server import every_action, serve
from bot.content.yaml_files import plain, read
from bot.core.languages import Language
from bot.ports import Reply
from bot.services.results import TurnResult
from bot.services.turns import Turn

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "t0ken"
CANARY = "zebrakanarienvogel"

Answers = dict[str, TurnResult | Exception]


class Services:
    def __init__(self) -> None:
        self.answers: Answers = {}
        self.calls: list[tuple[str, Turn]] = []

    def run(self, verb: str, turn: Turn) -> TurnResult:
        self.calls.append((verb, turn))
        answer = self.answers.get(verb, TurnResult())
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient[Any]]:
    with TestClient(serve(services.run, TOKEN)) as client:
        yield client


def tracker(
    text: str = "hi",
    *,
    intent: str = "greet",
    active: bool = False,
    answer: str | None = None,
    events: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    return {
        "sender_id": "c1",
        "slots": {"answer": answer, "session_started_metadata": {"inbound_id": "in0"}},
        "latest_message": {"text": text, "intent": {"name": intent, "confidence": 0.7}},
        "events": [{"event": "user", "metadata": {"inbound_id": "in1"}}, *events],
        "active_loop": {"name": "question_form"} if active else {},
        "latest_action_name": "action_listen",
    }


def call(client: TestClient[Any], action: str, about: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/webhook?token={TOKEN}", json={"next_action": action, "tracker": about})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def slots(result: dict[str, Any]) -> dict[str, Any]:
    return {e["name"]: e["value"] for e in result["events"] if e["event"] == "slot"}


def kinds(result: dict[str, Any]) -> list[str]:
    return [event["event"] for event in result["events"]]


def test_every_action_of_the_domain_is_there_and_no_other(services: Services) -> None:
    domain = plain(read(ROOT / "domain.yml"))

    assert {action.name() for action in every_action(services.run)} == set(domain["actions"])


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", f"?Token={TOKEN}"])
def test_call_is_refused_when_the_token_is_not_ours(
    client: TestClient[Any], services: Services, query: str
) -> None:
    answer = client.post(f"/webhook{query}", json={"next_action": "x", "tracker": tracker(CANARY)})

    assert answer.status_code == 401
    assert CANARY not in answer.text
    assert not services.calls


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"next_action": "action_help"}', b"\xff"])
def test_call_is_refused_and_not_taken_for_a_rejection_when_the_body_is_garbage(
    client: TestClient[Any], body: bytes
) -> None:
    assert client.post(f"/webhook?token={TOKEN}", content=body).status_code == 422


def test_call_is_refused_when_there_is_no_such_action(client: TestClient[Any]) -> None:
    body = {"next_action": CANARY, "tracker": tracker(CANARY)}

    answer = client.post(f"/webhook?token={TOKEN}", json=body)

    assert (answer.status_code, answer.json()) == (404, {"error": "unknown action"})


def test_error_repeats_and_logs_no_word_when_a_service_fails(
    client: TestClient[Any], services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.answers["help"] = ValueError(f"could not read {CANARY}")

    body = {"next_action": "action_help", "tracker": tracker(CANARY)}
    answer = client.post(f"/webhook?token={TOKEN}", json=body)

    assert (answer.status_code, answer.json()) == (500, {"error": "action_help failed"})
    assert "action_help failed: ValueError" in caplog.text
    assert CANARY not in caplog.text


def test_reply_carries_id_values_and_item(client: TestClient[Any], services: Services) -> None:
    reply = Reply("utter_item", {"item": "How often?"}, "adm1", 3)
    services.answers["help"] = TurnResult((reply,))

    [said] = call(client, "action_help", tracker())["responses"]

    assert (said["response"], said["item"]) == ("utter_item", "How often?")
    assert said["reply"] == {
        "text_id": "utter_item",
        "values": {"item": "How often?"},
        "administration_id": "adm1",
        "item": 3,
    }


def test_verb_is_given_text_intent_and_our_id(client: TestClient[Any], services: Services) -> None:
    call(client, "action_report", tracker("feeling low", intent="report_low"))

    assert services.calls == [
        ("report", Turn("c1", "in1", "feeling low", "report_low", confidence=0.7))
    ]


def test_escape_is_taken_off_before_services_read_her_words(
    client: TestClient[Any], services: Services
) -> None:
    call(client, "action_not_understood", tracker("\u2060/restart"))

    assert services.calls[0][1].text == "/restart"


def test_language_is_kept_when_a_verb_changes_it(
    client: TestClient[Any], services: Services
) -> None:
    services.answers["set_language"] = TurnResult(language=Language.SPANISH)

    assert slots(call(client, "action_set_language", tracker())) == {"language": "es"}


@pytest.mark.parametrize(
    ("is_open", "active", "form"),
    [
        (True, False, ["question_form"]),
        (False, True, [None]),
        (True, True, []),
        (False, False, []),
        (None, True, []),
    ],
)
def test_form_follows_the_services(
    client: TestClient[Any],
    services: Services,
    is_open: bool | None,
    active: bool,
    form: list[str | None],
) -> None:
    services.answers["report"] = TurnResult(question_open=is_open)

    result = call(client, "action_report", tracker(active=active))

    assert [e["name"] for e in result["events"] if e["event"] == "active_loop"] == form


def test_answer_is_emptied_and_nothing_rejected_when_it_was_taken(
    client: TestClient[Any], services: Services
) -> None:
    services.answers["answer_question"] = TurnResult(question_open=True)

    result = call(client, "validate_question_form", tracker("2", active=True, answer="2"))

    assert (kinds(result), slots(result)) == (["slot"], {"answer": None})


def test_form_ends_when_the_answer_was_the_last(
    client: TestClient[Any], services: Services
) -> None:
    services.answers["answer_question"] = TurnResult(question_open=False)

    result = call(client, "validate_question_form", tracker("2", active=True, answer="2"))

    assert slots(result) == {"answer": None, "requested_slot": None}


def test_form_lets_go_of_the_text_when_it_is_no_answer(
    client: TestClient[Any], services: Services
) -> None:
    services.answers["answer_question"] = TurnResult(handled=False, question_open=True)

    result = call(client, "validate_question_form", tracker("cost?", active=True, answer="cost?"))

    assert kinds(result) == ["slot", "action_execution_rejected"]


def test_nothing_is_read_or_rejected_when_the_form_comes_back_from_an_interruption(
    client: TestClient[Any], services: Services
) -> None:
    result = call(client, "validate_question_form", tracker("cost?", active=True))

    assert result["events"] == []
    assert not services.calls


def test_item_is_asked_again_only_when_the_turn_went_elsewhere(
    client: TestClient[Any], services: Services
) -> None:
    rejected = {"event": "action_execution_rejected", "name": "question_form"}

    call(client, "action_ask_answer", tracker("2", active=True))
    assert not services.calls

    call(client, "action_ask_answer", tracker("cost?", active=True, events=(rejected,)))
    assert [verb for verb, _ in services.calls] == ["ask_question"]


def test_session_starts_where_she_was(client: TestClient[Any], services: Services) -> None:
    services.answers["restore"] = TurnResult(language=Language.SPANISH, question_open=True)
    fresh = {**tracker(), "events": [], "latest_message": {}}

    result = call(client, "action_session_start", fresh)

    assert kinds(result) == ["session_started", "slot", "action", "active_loop", "slot"]
    assert slots(result) == {"language": "es", "requested_slot": "answer"}
    assert services.calls == [("restore", Turn("c1", "in0", "", "", confidence=0.0))]
