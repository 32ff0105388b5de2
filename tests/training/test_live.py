"""What is live: the file that says so, the answers that go with it, and Rasa over HTTP."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.bootstrap import LiveAnswers
from bot.content.live_model import live_model, point_to
from bot.content.texts import Catalogue, load_catalogue
from bot.core.languages import Language
from bot.dialogue import RasaReplicas
from bot.errors import ConfigError, DialogueUnavailable
from bot.training import sources
from tests.engines import SQLITE_ONLY
from tests.training.conftest import LIVE, PARKING, faq, make_model

ENGLISH = Language.ENGLISH


def test_a_newer_candidate_does_not_go_live_by_a_restart(desk):
    point_to(desk.models, LIVE)
    make_model(desk.project, desk.models / "tend-newer.tar.gz")
    assert live_model(desk.models).name == f"{LIVE}.tar.gz"


def test_without_a_pointer_the_newest_is_live_as_ever(desk):
    assert live_model(desk.models).name == f"{LIVE}.tar.gz"


def test_a_live_model_that_is_gone_is_said_with_the_cure(desk):
    point_to(desk.models, "tend-gone")
    with pytest.raises(ConfigError, match="tend models rollback"):
        live_model(desk.models)


def test_a_pointer_cut_short_is_said_with_the_cure(desk):
    (desk.models / "live.json").write_text('{"mod')
    with pytest.raises(ConfigError, match=r"live\.json"):
        live_model(desk.models)


def test_what_a_model_was_made_of_stays_as_it_was(desk):
    desk.write("faq/parking.yml", faq("parking", PARKING, "Somewhere else."))
    kept = sources.load_kept(desk.models / f"{LIVE}.tar.gz")
    assert kept.answers["utter_faq_parking", ENGLISH] == "Ask a person."
    assert kept.rule_for("faq_parking").actions == ("utter_faq_parking",)


@SQLITE_ONLY
def test_answers_follow_the_live_model_without_a_restart(world, desk):
    """What was taught is not said before it is live, and no longer said once it was taken back."""
    data = desk.project / "data"
    desk.write("faq/parking.yml", faq("parking", PARKING, "Behind the building."))
    make_model(desk.project, desk.models / "tend-new.tar.gz")
    point_to(desk.models, LIVE)
    settings = world.app.settings.model_copy(update={"models_dir": desk.models, "data_dir": data})
    texts = Catalogue.of(load_catalogue(data))
    app = replace(world.app, settings=settings, clinic=replace(world.clinic, texts=texts))

    def says() -> str:
        return texts.get("utter_faq_parking", ENGLISH).text

    answers = LiveAnswers(app)
    for name, words in (("tend-new", "Behind the building."), (LIVE, "Ask a person.")):
        point_to(desk.models, name)
        assert answers.refresh()
        assert says() == words
    assert not answers.refresh()


class FakeRasaServer:
    """Answers as Rasa's HTTP API does."""

    def __init__(self) -> None:
        self.loaded = {"one": "a.tar.gz", "two": "a.tar.gz"}
        self.order: list[str] = []
        self.status = 204
        self.loads = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        assert request.url.params["token"] == "t"
        if request.url.path == "/status":
            return httpx.Response(200, json={"model_file": f"/m/{self.loaded[host]}"})
        if request.url.path == "/model/parse":
            return httpx.Response(200, json={"intent": {"name": "greet", "confidence": 1.0}})
        self.order.append(host)
        if self.status == 204 and self.loads:
            self.loaded[host] = Path(json.loads(request.content)["model_file"]).name
        return httpx.Response(self.status)


@pytest.fixture
def server() -> FakeRasaServer:
    return FakeRasaServer()


@pytest.fixture
def replicas(server) -> RasaReplicas:
    transport = httpx.MockTransport(server)
    return RasaReplicas(["http://one", "http://two"], token="t", transport=transport)


def test_replicas_load_one_after_the_other(server, replicas):
    replicas.load_everywhere(Path("/m/b.tar.gz"))
    assert server.order == ["one", "two"]
    assert set(server.loaded.values()) == {"b.tar.gz"}


def test_only_a_replica_with_another_model_is_told(server, replicas):
    server.loaded["two"] = "b.tar.gz"
    assert replicas.load_where_missing(Path("/m/b.tar.gz"))
    assert server.order == ["one"]
    assert not replicas.load_where_missing(Path("/m/b.tar.gz"))


def test_a_refusal_stops_before_the_next_replica(server, replicas):
    server.status = 500
    with pytest.raises(DialogueUnavailable, match="status 500"):
        replicas.load_everywhere(Path("/m/b.tar.gz"))
    assert server.order == ["one"]


def test_a_rasa_that_says_yes_and_keeps_the_old_one_is_found_out(server, replicas):
    server.loads = False
    with pytest.raises(DialogueUnavailable, match="another model"):
        replicas.load_everywhere(Path("/m/b.tar.gz"))
