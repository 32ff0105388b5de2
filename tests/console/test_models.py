"""Models in the console: what a support worker sees of a candidate, and what stops her."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.core.gates import Gate
from bot.core.training_jobs import JobStatus, Stage
from bot.services import model_proof, promotion, shadow, training_jobs
from bot.training import beside
from bot.training.reader import Seen
from tests.console.browser import Console
from tests.engines import SQLITE_ONLY
from tests.services.test_promotion import NEW, OLD, FakeRasas, change

# Doors, words and forms: the services behind them are tested on both engines.
pytestmark = SQLITE_ONLY

PROOF = {
    "sentence": "As good as the live model, and as safe; 1 tested text is understood otherwise.",
    "areas": [
        {
            "name": "cross-validated",
            "texts": 900,
            "before": 0.9,
            "after": 0.91,
            "noise": 0.004,
            "verdict": "better",
        },
    ],
    "intents": [
        {
            "intent": "faq_cost",
            "texts": 40,
            "before": 0.9,
            "after": 0.7,
            "verdict": "worse",
            "changed": [],
        },
        {
            "intent": "greet",
            "texts": 40,
            "before": 0.9,
            "after": 0.9,
            "verdict": "same",
            "changed": [],
        },
    ],
    "changed": 1,
    "changed_texts": [
        {
            "text": "<b>how much</b>",
            "area": "noisy",
            "expected": "faq_cost",
            "before": "faq_cost",
            "after": "greet",
        },
    ],
    "confusions": [{"expected": "faq_cost", "found": "greet", "after": 3, "before": 1}],
    "goldens": {"before": [], "after": [], "played": 24},
    "safety_texts": 1492,
    "latency_ms": {"before": {"p50": 30.0, "p95": 60.0}, "after": {"p50": 31.0, "p95": 61.0}},
    "size_mb": [0.75, 0.76],
}


SAFE = Gate("safety", True, "All is safe.")


def prove(world, console, *, gates=(SAFE,), by="Sam"):
    promotion.adopt(world.clinic, OLD, now=world.now)
    found = {
        "model": NEW,
        "facts": {"fingerprint": "f" * 64, "intents": 89, "examples": 16000},
        "compared_with": OLD,
        "proof": PROOF,
        "gates": [gate.as_dict() for gate in gates],
        "changes": [change()],
    }
    by = f"staff:{console.staff_id(by)}"
    model_proof.keep(world.clinic, found, by=by, now=world.now)


def test_a_support_worker_trains_and_sees_how_far_it_is(console, world):
    sam = console.as_("Sam")
    assert sam.post("/models/train").status_code == 303
    assert "Waits for the worker" in sam.get("/models").text
    job_id = training_jobs.claim(world.clinic, worker="w", now=world.now)
    training_jobs.note(
        world.clinic, job_id, stage=Stage.TRAINING, line="Learning the intents", now=world.now
    )
    part = sam.get("/models/progress").text
    assert "Learning the intents" in part
    assert "min left" in part
    assert "<html" not in part
    assert sam.post("/models/train").status_code == 409


def test_a_job_is_cancelled_with_one_press(console, world):
    sam = console.as_("Sam")
    sam.post("/models/train")
    job = training_jobs.list_seen(world.clinic, most=1, now=world.now)[0]
    sam.post(f"/models/jobs/{job.id}/cancel")
    after = training_jobs.look_at(world.clinic, job.id, now=world.now)
    assert after.status is JobStatus.CANCELLED


def test_what_stopped_a_training_is_said_with_its_lines(console, world):
    sam = console.as_("Sam")
    sam.post("/models/train")
    job_id = training_jobs.claim(world.clinic, worker="w", now=world.now)
    for line in ("Checking", "“i want to disappear” under greet: suicide"):
        training_jobs.note(world.clinic, job_id, stage=None, line=line, now=world.now)
    training_jobs.finish(
        world.clinic,
        job_id,
        JobStatus.FAILED,
        problem="1 example sounds like danger.",
        now=world.now,
    )
    page = sam.get("/models").text
    assert "1 example sounds like danger." in page
    assert "i want to disappear" in page


def test_the_proof_page_shows_everything_and_escapes_texts(console, world):
    prove(world, console)
    page = console.as_("Sam").get(f"/models/{NEW}").text
    for words in (
        "As good as the live model",
        "0.900 → 0.910",
        "faq_cost",
        "1492 texts",
        "24 of 24",
        "&lt;b&gt;how much",
        "Behind the building",
        "By chance",
    ):
        assert words in page, words
    assert "<b>how much" not in page
    assert "faq_cost taken for greet: 3 times, 1 with the live model" in page


def test_a_second_person_approves_and_the_model_goes_live(console, world):
    prove(world, console)
    sam, bose = console.as_("Sam"), console.as_("Dr Bose")
    page = sam.get(f"/models/{NEW}").text
    assert "Make it live" not in page
    assert "I approve these changes" not in page, "Sam had it made: it would change nothing"
    assert "Ask a colleague" in page
    assert "You may give it" in bose.get(f"/models/{NEW}").text
    assert sam.post(f"/models/{NEW}/promote").status_code == 409
    bose.post(f"/models/{NEW}/approve")
    assert "Approved by Dr Bose" in sam.get(f"/models/{NEW}").text
    assert sam.post(f"/models/{NEW}/promote").status_code == 303
    assert "just going live" in sam.get(f"/models/{NEW}").text
    assert [event.actor for event in console.audited("promote")] == [
        f"staff:{console.staff_id('Sam')}"
    ]


def test_her_own_approval_changes_nothing(console, world):
    prove(world, console)
    sam = console.as_("Sam")
    sam.post(f"/models/{NEW}/approve")
    answer = sam.post(f"/models/{NEW}/promote")
    assert answer.status_code == 409
    assert "approval of a second person" in answer.text


def test_a_stopped_candidate_has_no_button_and_says_why(console, world):
    prove(world, console, gates=[Gate("danger", False, "It sounds like danger.", ("a line",))])
    page = console.as_("Dr Bose").get(f"/models/{NEW}").text
    assert "Make it live" not in page
    assert "It sounds like danger." in page
    assert "a line" in page


def test_one_press_rolls_back(console, world, tmp_path):
    prove(world, console)
    console.as_("Dr Bose").post(f"/models/{NEW}/approve")
    sam = console.as_("Sam")
    sam.post(f"/models/{NEW}/promote")
    rasas = FakeRasas([OLD])
    promotion.carry_out(world.clinic, rasas, tmp_path, worker="w", now=world.now)
    assert "Go back to it" in sam.get("/models").text
    assert "Go back to it" in sam.get(f"/models/{NEW}").text, "the way back is where one looks"
    assert sam.post("/models/rollback").status_code == 303
    assert 'content="3; url=/models"' in sam.get("/models").text, "it looks again by itself"
    promotion.carry_out(world.clinic, rasas, tmp_path, worker="w", now=world.now)
    assert rasas.loaded == [OLD]
    assert 'content="3; url=/models"' not in sam.get("/models").text


def test_test_questions_are_added_and_removed(console, world):
    sam = console.as_("Sam")
    answer = sam.post("/models/questions", text="may i bring my dog", intent="no_such_intent")
    assert answer.status_code == 409
    assert "may i bring my dog" in answer.text
    assert (
        sam.post(
            "/models/questions", text="may i bring my dog", intent="faq_session_bring"
        ).status_code
        == 303
    )
    question = model_proof.list_questions(world.clinic)[0]
    assert question.text == "may i bring my dog"
    sam.post(f"/models/questions/{question.id}/remove")
    assert model_proof.list_questions(world.clinic) == []


# --- try side by side -----------------------------------------------------------------------


@dataclass
class FakeReader:
    project: Path
    model: Path

    def read(self, text: str) -> Seen:
        return Seen("faq_cost", 0.7, (("faq_cost", 0.7), ("greet", 0.2)))

    def close(self) -> None:
        pass


@pytest.fixture
def trying(world, tmp_path):
    (tmp_path / f"{NEW}.tar.gz").write_bytes(b"m")
    settings = world.app.settings.model_copy(update={"models_dir": tmp_path})
    world.app = replace(world.app, settings=settings, host=FakeRasas([OLD]))
    made = Console(world)
    desk = made.app.state.desk
    desk.__dict__["beside"] = beside.Beside(world.app, FakeReader)
    yield made
    made.close()


def test_a_text_is_tried_with_both_and_nothing_is_kept(trying, world):
    prove(world, trying)
    sam = trying.as_("Sam")
    page = sam.post("/models/try", text="what do i pay", candidate=NEW).text
    for words in ("greet", "90 %", "faq_cost", "70 %", "Both take it for something else"):
        assert words in page, words
    assert world.dialogue.heard == []


def test_trying_words_of_danger_says_what_the_screening_does_first(trying, world):
    page = trying.as_("Sam").post("/models/try", text="i want to die").text
    assert "The screening sees danger first" in page


def test_only_models_on_record_are_opened(trying, world):
    answer = trying.as_("Sam").post("/models/try", text="hello", candidate="../../etc/passwd")
    assert answer.status_code == 409
    assert "Choose a candidate" in answer.text


# --- reading along --------------------------------------------------------------------------


def test_a_candidate_reads_along_and_differences_are_listed(console, world):
    prove(world, console)
    sam = console.as_("Sam")
    sam.post(f"/models/{NEW}/shadow")
    world.text("Ann", "what do i pay")
    world.text("Bea", "i want to die")
    run_id, name = shadow.going(world.clinic, now=world.now)
    assert name == NEW
    unread = shadow.list_unread(world.clinic, run_id)
    assert [one.text for one in unread] == ["what do i pay"]
    both = shadow.BothRead(unread[0].inbound_id, ("greet", 0.6), ("faq_cost", 0.9))
    shadow.keep(world.clinic, run_id, [both], now=world.now)
    page = sam.get(f"/models/{NEW}").text
    assert "what do i pay" in page
    assert "1 text read" in page
    assert console.audited("see_shadow")
    assert shadow.list_unread(world.clinic, run_id) == []


def test_reading_along_ends_after_a_day_and_when_a_model_goes_live(console, world):
    prove(world, console)
    shadow.start(world.clinic, NEW, by="staff:x", now=world.now)
    assert shadow.going(world.clinic, now=world.now + shadow.USUAL) is None
    shadow.start(world.clinic, NEW, by="staff:x", now=world.now)
    console.as_("Dr Bose").post(f"/models/{NEW}/approve")
    console.as_("Sam").post(f"/models/{NEW}/promote")
    assert shadow.going(world.clinic, now=world.now) is None
