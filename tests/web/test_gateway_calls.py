"""The public door for calls and figures: signed, quiet, and closed to everybody else."""

import json
from dataclasses import replace

import pytest
from litestar.testing import TestClient
from pydantic import SecretStr

from bot import gateway
from bot.sms.sandbox import SIGNATURE, sign
from bot.sms.sandbox_voice import SandboxVoice
from tests.services.conftest import signed
from tests.web.test_gateway import rings

__all__ = ["rings", "signed"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "between-us"
OVERDOSE = "took all the pills"


def doors(world, rings, **settings):
    voice = SandboxVoice("http://127.0.0.1:9", secret=SECRET, now=world.clock.now)
    app = replace(world.app, voice=voice, settings=world.app.settings.model_copy(update=settings))
    built = gateway.build(app, rang=lambda: rings.append(1))
    return TestClient(built, raise_server_exceptions=False)


@pytest.fixture
def client(world, rings):
    with doors(world, rings) as found:
        yield found


def tell(client, world, path: str, *, secret: str = SECRET, **content: str):
    reference = world.voice.sent[-1].reference
    body = json.dumps({"id": "c1", "reference": reference, **content}).encode()
    signature = sign(secret, path=path, body=body, now=world.now)
    return client.post(path, content=body, headers={SIGNATURE: signature})


def test_a_signed_call_takes_the_alert(client, world, rings):
    world.text("Bea", OVERDOSE)
    heard = tell(client, world, "/voice/answer", moment="answered").json()
    assert heard["awaits_key"]
    assert "open alert" in heard["words"]
    heard = tell(client, world, "/voice/key", moment="key", key="1").json()
    assert heard["words"].startswith("Thank you. The alert is yours.")
    assert world.alert("Bea").status == "acknowledged"
    assert rings == [1, 1]


def test_an_unsigned_call_takes_nothing(client, world):
    world.text("Bea", OVERDOSE)
    forged = tell(client, world, "/voice/key", secret="guessed", moment="key", key="1")
    assert forged.status_code == 403
    assert forged.content == b""
    assert world.alert("Bea").status == "open"


def test_a_signature_for_one_moment_does_not_fit_another(client, world):
    world.text("Bea", OVERDOSE)
    body = json.dumps(
        {"id": "c", "reference": world.voice.sent[0].reference, "moment": "key", "key": "1"}
    ).encode()
    signature = sign(SECRET, path="/voice/ended", body=body, now=world.now)
    answer = client.post("/voice/key", content=body, headers={SIGNATURE: signature})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/voice/sneeze", "/voice/", "/voice"])
def test_there_is_no_other_moment(client, path):
    assert client.post(path, content=b"{}").status_code == 404


def test_a_call_about_nothing_of_ours_is_hung_up_on(client, world):
    body = json.dumps({"id": "c", "reference": "nothing", "moment": "key", "key": "1"}).encode()
    signature = sign(SECRET, path="/voice/key", body=body, now=world.now)
    answer = client.post("/voice/key", content=body, headers={SIGNATURE: signature})
    assert answer.json() == {"words": "", "awaits_key": False, "reference": "nothing"}


def test_a_clinic_without_calls_has_no_such_door(world, rings):
    with TestClient(gateway.build(world.app), raise_server_exceptions=False) as client:
        assert client.post("/voice/key", content=b"{}").status_code == 404


# --- figures ------------------------------------------------------------------------------------


def test_figures_need_the_token_where_there_is_one(world, rings):
    with doors(world, rings, metrics_token=SecretStr("t0ken")) as client:
        assert client.get("/health/metrics").status_code == 404
        wrong = client.get("/health/metrics", headers={"authorization": "Bearer x"})
        assert wrong.status_code == 404
        right = client.get("/health/metrics", headers={"authorization": "Bearer t0ken"})
        assert right.status_code == 200


def test_figures_without_a_token_are_for_this_machine_alone(client):
    # The test's client is no machine of ours.
    assert client.get("/health/metrics").status_code == 404


def test_figures_hold_numbers_and_no_words(world, rings):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    with doors(world, rings, metrics_token=SecretStr("t0ken")) as client:
        told = client.get("/health/metrics", headers={"authorization": "Bearer t0ken"}).text
    assert 'tend_alerts{level="urgent",status="acknowledged"} 1.0' in told
    assert 'tend_time_to_page_seconds{quantile="0.95"} 0.0' in told
    assert 'tend_pages_week{hours="in"} 1.0' in told
    assert "tend_paging_trouble 0.0" in told
    for secret in ("Bea", "Bose", "5550112", "die", world.clinic.texts.ids[0] + " "):
        assert secret not in told
