"""The public door: every route and method, forged and garbled requests, and nothing in the log."""

import io
import json
import logging
from datetime import timedelta

import pytest
import structlog
from litestar.testing import TestClient
from sqlalchemy import func, select

from bot import gateway
from bot.core.messages import WebhookRequest
from bot.sms.sandbox import STALE_AFTER, SandboxProvider, sign
from bot.storage.tables import InboundMessage, OutboundMessage
from tests.adapters.fake_sms import SIGNATURE, signed_request
from tests.crisis.small_model import small_model
from tests.services.conftest import signed
from tests.world import number_of

__all__ = ["signed"]
# The gateway knows nothing of the engine below it; both are tested with the services.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROUTES = {
    "/sms/inbound": "POST",
    "/sms/receipts": "POST",
    "/sms/fallback": "POST",
    "/voice/{moment:str}": "POST",
    "/health/metrics": "GET",
    "/health/live": "GET",
    "/health/ready": "GET",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def rings():
    return []


@pytest.fixture
def client(world, rings):
    built = gateway.build(world.app, rang=lambda: rings.append(1))
    with TestClient(built, raise_server_exceptions=False) as found:
        yield found


def post(client, path: str, content: dict[str, object], **headers: str):
    request: WebhookRequest = signed_request(path, content)
    return client.post(path, content=request.body, headers={**request.headers, **headers})


def a_text(body: str = "hello", sender: str = "Ann", text_id: str = "SM1") -> dict[str, object]:
    return {"id": text_id, "from": number_of(sender), "to": "+12025550100", "body": body}


def stored(world, table=InboundMessage) -> int:
    with world.clinic.db.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_text_is_stored_and_answered_with_empty_twiml(client, world, rings):
    answer = post(client, "/sms/inbound", a_text())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    assert "<Response" in answer.text
    assert "Message" not in answer.text
    assert stored(world) == 1
    assert rings == [1]


def test_the_same_text_again_is_answered_and_not_stored_again(client, world):
    assert [post(client, "/sms/inbound", a_text()).status_code for _ in range(3)] == [200] * 3
    assert stored(world) == 1


def test_danger_is_an_alert_before_the_carrier_has_its_answer(client, world):
    post(client, "/sms/inbound", a_text("want to die", "Bea"))
    assert world.alert("Bea").status == "open"
    assert [row.status for row in world.rows_to("Dr Bose")] == ["queued"]


def test_a_receipt_is_taken_in(client, world):
    world.delivers = False
    world.text("Ann", "hello")
    answer = post(client, "/sms/receipts", {"id": "fake-1", "status": "delivered"})
    assert (answer.status_code, answer.text) == (204, "")
    assert world.rows_to("Ann")[0].status == "delivered"


def test_a_receipt_before_the_send_was_recorded_is_taken_in(client):
    assert post(client, "/sms/receipts", {"id": "x", "status": "failed"}).status_code == 204


@pytest.mark.parametrize("path", ["/sms/inbound", "/sms/receipts"])
@pytest.mark.parametrize("signature", [None, "", "good", "good:/sms/inbound:1", "bad:x:2"])
def test_an_unsigned_or_forged_request_is_refused_and_nothing_stored(
    client, world, path, signature
):
    headers = {} if signature is None else {SIGNATURE: signature}
    answer = client.post(path, content=json.dumps(a_text()), headers=headers)
    assert (answer.status_code, answer.text) == (403, "")
    assert stored(world) == 0


def test_a_signature_for_another_path_is_refused(client):
    request = signed_request("/sms/receipts", a_text())
    answer = client.post("/sms/inbound", content=request.body, headers=request.headers)
    assert answer.status_code == 403


def test_a_stale_signature_is_refused(world):
    provider = SandboxProvider("http://127.0.0.1:9", secret="s", now=world.clock.now)
    app = type(world.app)(
        settings=world.app.settings,
        clock=world.clock,
        clinic=world.clinic,
        provider=provider,
        dialogue=world.dialogue,
    )
    body = json.dumps(a_text()).encode()
    value = sign("s", path="/sms/inbound", body=body, now=world.now)
    headers = {"X-Sandbox-Signature": value}
    with TestClient(gateway.build(app), raise_server_exceptions=False) as client:
        world.clock.time += STALE_AFTER * 2
        assert client.post("/sms/inbound", content=body, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "content", [{}, {"id": "SM1"}, {"from": "+12025550111"}, {"id": "", "from": ""}]
)
def test_a_signed_request_that_cannot_be_read_is_garbled(client, world, content):
    assert post(client, "/sms/inbound", content).status_code == 400
    assert stored(world) == 0


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"[]", b"{", b"a=b&c=%zz"])
def test_bytes_of_any_kind_are_refused_and_never_crash(client, body):
    signature = f"good:/sms/inbound:{len(body)}"
    answer = client.post("/sms/inbound", content=body, headers={SIGNATURE: signature})
    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused(client, world):
    assert post(client, "/sms/inbound", a_text("x" * 70_000)).status_code == 413
    assert stored(world) == 0


def test_a_text_of_1600_characters_is_not_too_large(client):
    assert post(client, "/sms/inbound", a_text("¡" * 1600)).status_code == 200


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", METHODS)
def test_every_other_method_is_refused(client, path, method):
    if ROUTES[path] != method:
        assert client.request(method, path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/schema", "/schema/openapi.json", "/metrics", "/x"]
)
def test_there_is_no_other_page(client, path):
    assert client.get(path).status_code == 404


def test_the_routes_are_those_that_are_tested(world):
    built = gateway.build(world.app)
    paths = {route.path for route in built.routes}
    assert paths == set(ROUTES)


def test_the_fallback_names_988_911_and_the_practice_in_both_languages(client):
    answer = client.post("/sms/fallback")
    assert answer.status_code == 200
    for needed in ("988", "911", "202-555-0100", "Llame"):
        assert needed in answer.text


def test_health_says_what_works(client, world):
    assert client.get("/health/live").json() == {"status": "live"}
    world.settle()
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (
        200,
        {"database": True, "crisis_classifier": False, "dialogue": True, "worker": True},
    )


def test_health_sees_a_dialogue_that_is_down_and_a_silent_worker(client, world):
    world.settle()
    world.dialogue.down = True
    world.clock.time += timedelta(seconds=60)
    ready = client.get("/health/ready")
    # A text is still stored, screened and answered: the carrier may go on.
    assert ready.status_code == 200
    assert not ready.json()["dialogue"]
    assert not ready.json()["worker"]


def test_health_tells_a_classifier_from_patterns_alone(client, world, monkeypatch):
    monkeypatch.setattr(world.clinic.screener, "model", small_model({}))

    assert client.get("/health/ready").json()["crisis_classifier"] is True


def break_database(world) -> None:
    with world.clinic.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbound_messages RENAME TO gone")
        connection.exec_driver_sql("ALTER TABLE heartbeats RENAME TO also_gone")


def test_health_is_bad_without_a_database(client, world):
    break_database(world)
    assert client.get("/health/ready").status_code == 503


def test_a_failure_is_a_500_without_a_word(client, world):
    break_database(world)
    answer = post(client, "/sms/inbound", a_text("marmalade"))
    assert (answer.status_code, answer.text) == (500, "")


def test_nothing_she_said_and_no_number_is_logged_whatever_happens(client, world):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with structlog.testing.capture_logs() as entries:
            post(client, "/sms/inbound", a_text("marmalade"))
            post(client, "/sms/inbound", a_text("marmalade", "Bea", "SM2"), **{SIGNATURE: "bad"})
            post(client, "/sms/inbound", {"id": "SM3", "body": "marmalade"})
            post(client, "/sms/inbound", a_text("marmalade" * 9000))
            break_database(world)
            post(client, "/sms/inbound", a_text("marmalade", "Bea", "SM4"))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert {entry["event"] for entry in entries} >= {
        "received",
        "webhook refused",
        "webhook garbled",
        "webhook failed",
    }
    everything = heard.getvalue() + repr(entries)
    for private in ("marmalade", "2025550111", "2025550112", "Ann", "Bea"):
        assert private not in everything


def test_nothing_is_sent_from_inside_a_webhook(client, world):
    post(client, "/sms/inbound", a_text("want to die", "Bea"))
    assert world.carrier.sent == []
    assert stored(world, OutboundMessage) > 0


def test_the_gateway_loads_no_plugin_it_does_not_use(world):
    """They cost half a second of each start."""
    names = {type(plugin).__name__ for plugin in gateway.build(world.app).plugins}
    assert not {name for name in names if "pydantic" in name.lower() or "attrs" in name.lower()}
