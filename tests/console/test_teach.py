"""The training desk's pages: who may, what they show, and that nothing is lost on the way."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest

from bot.ports import Reply, Understood
from bot.services import taught_changes
from tests.console.browser import Console
from tests.engines import SQLITE_ONLY
from tests.teaching.desk import FakeRasa, small_project, workshop
from tests.teaching.test_teaching import PARKING
from tests.world import World

pytestmark = SQLITE_ONLY
EXAMPLE = "is breakfast allowed on that day"


class TeachingConsole(Console):
    """The console with a desk whose files are nobody's, and which checks at once."""

    def __init__(self, world: World, project) -> None:
        self.rasa = FakeRasa()
        self.project = project
        super().__init__(world, workshop=workshop(project, world.clinic.texts, self.rasa))
        self.app.state.desk = replace(self.app.state.desk, in_background=lambda work: work())

    def read(self, path: str) -> str:
        return (self.project / path).read_text(encoding="utf-8")

    def newest(self):
        return taught_changes.list_changes(self.world.clinic)[0]


@pytest.fixture
def console(world: World, tmp_path) -> Iterator[TeachingConsole]:
    made = TeachingConsole(world, small_project(tmp_path / "project"))
    yield made
    made.close()


@pytest.fixture
def misunderstood(world) -> str:
    made = Understood("nlu_fallback", 0.2, "faq_hours", 0.2)
    world.dialogue.says = [Reply("utter_not_understood_once", {"choices": "1"}, understood=made)]
    return world.text("Ann", "its ann, toast first thing ok")


def form(**more: str) -> dict[str, str]:
    return {"kind": "examples", "intent": "faq_food", "t1": EXAMPLE, **more}


PAGES = ("/teach", "/teach/lesson", "/teach/changes", "/teach/week")


@pytest.mark.parametrize("path", PAGES)
def test_support_and_clinicians_come_in_and_nobody_else(console, path):
    for name in ("Sam", "Dr Bose"):
        assert console.as_(name).get(path).status_code == 200
    assert console.browser().get(path).status_code == 303


def test_the_queue_shows_what_was_said_and_not_by_whom(console, misunderstood):
    page = console.as_("Sam").get("/teach").text
    assert "its [name], toast first thing ok" in page
    assert "took it for faq_hours" in page
    assert console.audited("view_review_queue")[-1].actor == f"staff:{console.staff_id('Sam')}"


def test_a_text_becomes_an_example_and_leaves_the_queue(console, misunderstood):
    sam = console.as_("Sam")
    lesson = sam.get(f"/teach/lesson?sources={misunderstood}").text
    assert "its [name], toast first thing ok" in lesson
    done = sam.post("/teach/save", **form(sources=misunderstood))
    assert done.status_code == 303
    assert EXAMPLE in console.read("data/faq/food.yml")
    page = sam.get(done.headers["location"]).text
    assert "Saved" in page
    assert "Nothing waits" in sam.get("/teach").text
    assert sam.post(f"/teach/changes/{console.newest().id}/undo").status_code == 303
    assert EXAMPLE not in console.read("data/faq/food.yml")
    assert "toast first thing" in sam.get("/teach").text


def test_a_refusal_keeps_what_was_typed_and_says_why(console, misunderstood):
    refused = console.as_("Sam").post(
        "/teach/save", **form(t1="jessica wants breakfast", t2=EXAMPLE, sources=misunderstood)
    )
    assert refused.status_code == 409
    assert "looks like somebody" in refused.text
    assert EXAMPLE in refused.text
    assert EXAMPLE not in console.read("data/faq/food.yml")


@pytest.mark.parametrize("kind", ["zzz", ""])
def test_a_kind_that_there_is_not_teaches_nothing(console, kind):
    sam = console.as_("Sam")
    refused = sam.post("/teach/save", **form(kind=kind, vouched="x", check=""))
    assert refused.status_code == 409
    assert "Choose what kind of lesson it is" in refused.text
    assert EXAMPLE in refused.text, "what was typed stands in its form"
    assert taught_changes.list_changes(console.world.clinic) == []
    assert EXAMPLE not in console.read("data/faq/food.yml")


def test_thousands_of_lines_are_refused_and_stand_in_the_form(console):
    lines = "\n".join(f"is soup number {number} allowed" for number in range(1_500))
    refused = console.as_("Sam").post("/teach/save", **form(more=lines, check="", vouched="soup"))
    assert refused.status_code == 409
    assert "1501 at once. Teach 20 at most" in refused.text
    assert "is soup number 1499 allowed" in refused.text


def test_advice_comes_while_typing(console):
    sam = console.as_("Sam")
    advice = sam.post("/teach/advice", **form(t1="call jessica in miami"))
    assert advice.status_code == 200
    assert "Must change" in advice.text
    assert "<html" not in advice.text
    good = sam.post("/teach/advice", **form()).text
    assert "It can be taught" in good
    assert "can i eat" in good, "examples of the intent beside it"


def test_a_new_word_is_vouched_for_with_a_tap_and_a_name_is_not(console):
    sam = console.as_("Sam")
    page = sam.post("/teach/advice", **form(t1="jessica has flumserries allowed that morning")).text
    assert 'data-vouch="flumserries"' in page
    assert 'data-vouch="jessica"' not in page
    told = form(t1="are flumserries allowed that morning", vouched="flumserries")
    assert "data-vouch" not in sam.post("/teach/advice", **told).text


def test_an_answer_is_shown_as_on_a_phone_with_its_length_and_grade(console):
    answers = {"answer_en": "You can park behind the house. It is free.", "answer_es": ""}
    page = console.as_("Sam").post("/teach/advice", kind="question", name="parking", **answers).text
    assert "1 text long, reads like grade" in page
    assert "Write the answer in both languages" in page


def question() -> dict[str, str]:
    return {
        "kind": "question",
        "name": "parking",
        "title": "Where can I leave my car?",
        "more": "\n".join(PARKING),
        "answer_en": "You can leave it behind the house. It is free.",
        "answer_es": "Puede dejarlo atrás de la casa. Es gratis.",
        "source": "front desk",
        "clinical": "no",
        "vouched": "car leave dejo dejar coche donde parking puedo there where",
    }


def test_a_question_is_made_by_one_and_approved_by_another(console):
    sam = console.as_("Sam")
    assert sam.post("/teach/save", **question()).status_code == 303
    path = f"/teach/changes/{console.newest().id}"
    assert "I agree to it" not in sam.get(path).text
    assert sam.post(f"{path}/approve").status_code == 409
    bose = console.as_("Dr Bose")
    assert "I agree to it" in bose.get(path).text
    assert bose.post(f"{path}/approve").status_code == 303
    assert "Approved by Dr Bose" in sam.get(path).text
    assert 'approver: "Dr Bose"' in console.read("data/faq/parking.yml")


def test_support_sees_no_crisis_intent_and_cannot_post_one(console):
    sam, bose = console.as_("Sam"), console.as_("Dr Bose")
    assert "crisis_suicide" not in sam.get("/teach/lesson").text
    assert "crisis_suicide" in bose.get("/teach/lesson").text
    typed = form(intent="crisis_suicide", t1="i want to be dead today")
    assert sam.post("/teach/save", **typed).status_code == 409
    assert bose.post("/teach/save", **typed).status_code == 303


def test_an_open_alert_takes_a_text_out_of_an_open_form(console, world, misunderstood):
    sam = console.as_("Sam")
    world.text("Ann", "i want to die")
    assert sam.get(f"/teach/lesson?sources={misunderstood}").status_code == 403
    refused = sam.post("/teach/save", **form(sources=misunderstood))
    assert refused.status_code in (403, 409)
    assert EXAMPLE not in console.read("data/faq/food.yml")


def test_what_rasa_refuses_is_shown_to_who_taught_it(console):
    console.rasa.refuses_with = "Rasa refuses the data: a rule is missing."
    sam = console.as_("Sam")
    done = sam.post("/teach/save", **form())
    page = sam.get(done.headers["location"]).text
    assert "a rule is missing" in page
    assert "Refused by the checks" in page


def test_what_rasa_refuses_is_opened_again_with_every_word(console):
    console.rasa.refuses_with = "Rasa refuses the data: a rule is missing."
    sam, typed = console.as_("Sam"), question()
    done = sam.post("/teach/save", **typed)
    page = sam.get(done.headers["location"]).text
    hidden = dict(re.findall(r'<textarea hidden name="(\w+)">([^<]*)</textarea>', page))
    again = sam.post("/teach/save", **{name: unescape(value) for name, value in hidden.items()})
    assert again.status_code == 200
    for name in ("name", "title", "answer_en", "answer_es", "source"):
        assert typed[name] in unescape(again.text), name
    for example in typed["more"].splitlines():
        assert example in again.text
    for word in typed["vouched"].split():
        assert word in again.text.split('name="vouched"')[1].split(">")[0]
    assert 'value="no" checked' in again.text


def test_nothing_to_teach_can_be_taken_back(console, misunderstood):
    sam = console.as_("Sam")
    done = sam.post("/teach/set-aside", sources=misunderstood)
    assert "Nothing waits" in sam.get("/teach").text
    assert misunderstood in sam.get(done.headers["location"]).text
    sam.post("/teach/bring-back", sources=misunderstood)
    assert "toast first thing" in sam.get("/teach").text


def test_the_texts_come_before_the_filters_until_somebody_narrows_them(console, misunderstood):
    sam = console.as_("Sam")
    assert '<details class="card">' in sam.get("/teach").text
    narrowed = sam.get("/teach?language=es").text
    assert '<details class="card" open>' in narrowed
    assert "Show all" in narrowed


def test_filters_that_make_no_sense_show_everything(console, misunderstood):
    page = console.as_("Sam").get("/teach?reason=x&language=fr&below=x&days=-3&intent=")
    assert "toast first thing" in page.text


def test_marks_in_her_text_are_only_text(console, world):
    made = Understood("nlu_fallback", 0.2)
    world.dialogue.says = [Reply("utter_not_understood_once", {"choices": "1"}, understood=made)]
    world.text("Ann", "can i <b>eat</b> it")
    assert "<b>" not in console.as_("Sam").get("/teach").text
