"""A model goes live only through every gate, on every Rasa, and can be taken back at once."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.content.live_model import live_model, live_name, point_to
from bot.core.gates import Gate
from bot.core.rota import StaffRole
from bot.errors import DialogueUnavailable, NotAllowed
from bot.services import model_proof, promotion
from bot.storage import people, sealing

OLD, NEW = "tend-old", "tend-new"


class Killed(BaseException):
    """The process was killed at this point."""


@dataclass
class FakeRasas:
    """Some Rasas that load what they are told; each may refuse, or the worker may be killed."""

    loaded: list[str]
    refuses: set[tuple[int, str]] = field(default_factory=set)
    killed_at: str = ""

    def load_everywhere(self, model: Path) -> None:
        for number in range(len(self.loaded)):
            self._load(number, model)
        if self.killed_at == "after loading":
            raise Killed

    def load_where_missing(self, model: Path) -> bool:
        name = model.name.removesuffix(".tar.gz")
        missing = [number for number, has in enumerate(self.loaded) if has != name]
        for number in missing:
            self._load(number, model)
        return bool(missing)

    def point_to(self, models_dir: Path, name: str) -> None:
        point_to(models_dir, name)
        if self.killed_at == "after pointing":
            raise Killed

    def parse(self, text: str) -> dict:
        return {"intent": {"name": "greet", "confidence": 0.9}, "intent_ranking": []}

    def _load(self, number: int, model: Path) -> None:
        name = model.name.removesuffix(".tar.gz")
        if self.killed_at == f"before {number}":
            raise Killed
        if (number, name) in self.refuses:
            raise DialogueUnavailable("status 500")
        self.loaded[number] = name


@pytest.fixture
def models(tmp_path) -> Path:
    for name in (OLD, NEW):
        (tmp_path / f"{name}.tar.gz").write_bytes(b"m")
    point_to(tmp_path, OLD)
    return tmp_path


@pytest.fixture
def rasas() -> FakeRasas:
    return FakeRasas([OLD, OLD])


def change(*, clinical: bool = False) -> dict:
    return {
        "kind": "answer",
        "what": "utter_faq_parking (en)",
        "file": "data/faq/parking.yml",
        "clinical": clinical,
        "before": "",
        "after": "Behind the building.",
        "added": [],
        "removed": [],
    }


def staff_id(world, name: str) -> str:
    with world.clinic.db.reading() as db:
        return next(p.id for p in people.list_staff(db) if sealing.get(db, p, "name") == name)


SAFE = Gate("safety", True, "Safe.")


def prove(world, *, gates=(SAFE,), changes=None, by="Sam") -> None:
    promotion.adopt(world.clinic, OLD, now=world.now)
    found = {
        "model": NEW,
        "facts": {"fingerprint": "f" * 64},
        "compared_with": OLD,
        "proof": {"sentence": "As good."},
        "gates": [gate.as_dict() for gate in gates],
        "changes": [change()] if changes is None else changes,
    }
    model_proof.keep(world.clinic, found, by=f"staff:{staff_id(world, by)}", now=world.now)


def approve(world, name: str) -> None:
    model_proof.approve(world.clinic, NEW, staff_id=staff_id(world, name), now=world.now)


def promote(world, **given) -> None:
    promotion.promote(world.clinic, NEW, by="staff:sam", now=world.now, **given)


def carry_out(world, rasas, models, worker="w1") -> bool:
    return promotion.carry_out(world.clinic, rasas, models, worker=worker, now=world.now)


@pytest.fixture
def ready(world):
    prove(world)
    approve(world, "Dr Bose")
    return world


def test_an_approved_candidate_goes_live_on_every_rasa(ready, rasas, models):
    promote(ready)
    assert carry_out(ready, rasas, models)
    assert rasas.loaded == [NEW, NEW]
    assert live_model(models).name == f"{NEW}.tar.gz"
    assert promotion.look_at(ready.clinic).model == NEW


def test_one_press_goes_back(ready, rasas, models):
    promote(ready)
    carry_out(ready, rasas, models)
    assert promotion.roll_back(ready.clinic, by="staff:sam", now=ready.now) == OLD
    carry_out(ready, rasas, models)
    assert rasas.loaded == [OLD, OLD]
    assert live_name(models) == OLD
    assert promotion.look_at(ready.clinic).previous == NEW


def test_there_is_no_way_back_before_the_first_promotion(world):
    promotion.adopt(world.clinic, OLD, now=world.now)
    with pytest.raises(NotAllowed, match="No other model"):
        promotion.roll_back(world.clinic, by="staff:sam", now=world.now)


# --- gates ----------------------------------------------------------------------------------


def test_a_gate_that_stops_says_its_sentence(world):
    prove(world, gates=[Gate("safety", False, "1 text would be taken less seriously.")])
    approve(world, "Dr Bose")
    with pytest.raises(NotAllowed, match="taken less seriously"):
        promote(world)


def test_nobody_approves_their_own_change(world):
    prove(world, by="Dr Bose")
    approve(world, "Dr Bose")
    with pytest.raises(NotAllowed, match="approval of a second person"):
        promote(world)
    approve(world, "Sam")
    promote(world)


def test_what_is_clinical_needs_a_clinician(world):
    prove(world, changes=[change(clinical=True)], by="Dr Bose")
    approve(world, "Sam")
    with pytest.raises(NotAllowed, match="approval of a clinician"):
        promote(world)
    approve(world, "Dr Lund")
    promote(world)


def test_an_approval_is_of_what_was_read_and_of_nothing_else(world):
    prove(world)
    approve(world, "Dr Bose")
    prove(world, changes=[change(), {**change(), "what": "utter_faq_parking (es)"}])
    with pytest.raises(NotAllowed, match="wait for the approval"):
        promote(world)


ANSWER = "Behind the building."


@dataclass
class Taught:
    """An act of teaching on record; support teaches and agrees unless it says otherwise."""

    by: str
    approved_by: str | None = None
    approved_as: StaffRole | None = StaffRole.SUPPORT
    words: tuple[str, ...] = (ANSWER,)
    files: tuple[str, ...] = ("data/faq/parking.yml",)
    intent: str = "faq_parking"
    clinical: bool = False


@pytest.mark.parametrize(
    ("taught", "goes"),
    [
        ([Taught("staff:a", "staff:b")], True),
        ([Taught("staff:a", "staff:b", words=("Behind the\nbuilding.",))], True),
        ([Taught("staff:a", "staff:a")], False),
        ([Taught("staff:a")], False),
        ([Taught("staff:a", "staff:b", words=("In front.",)), Taught("staff:c")], False),
        ([Taught("staff:a", "staff:b", words=("In front.",))], False),
        ([Taught("staff:a", "staff:b", clinical=True)], False),
        ([Taught("staff:a", "staff:b", StaffRole.CLINICIAN, clinical=True)], True),
        (
            [Taught("staff:a", "staff:b", files=("data/faq/other.yml",), intent="faq_other")],
            False,
        ),
    ],
    ids=[
        "second person",
        "line break",
        "own",
        "nobody",
        "one of two",
        "other words",
        "ticked as health",
        "ticked and a clinician",
        "another file",
    ],
)
def test_approvals_of_what_was_taught_count(world, taught, goes):
    prove(world)
    if goes:
        promote(world, taught=taught)
    else:
        with pytest.raises(NotAllowed, match="approval"):
            promote(world, taught=taught)


def test_a_support_workers_approval_of_clinical_teaching_does_not_count(world):
    prove(world, changes=[change(clinical=True)])
    support = Taught("staff:a", approved_by="staff:b", approved_as=StaffRole.SUPPORT)
    clinician = Taught("staff:a", approved_by="staff:b", approved_as=StaffRole.CLINICIAN)
    with pytest.raises(NotAllowed, match="clinician"):
        promote(world, taught=[support])
    promote(world, taught=[clinician])


def new_intent(**more) -> dict:
    """What the desk's own file of intents changes: named as if it stood among small talk."""
    named = {"kind": "examples", "what": "report_pump_broken", "file": "data/nlu/reports.yml"}
    return {**change(clinical=True), **named, "after": "", "added": ["my pump broke"], **more}


def test_the_author_of_a_new_intent_is_no_second_person_whoever_has_it_trained(world):
    """Dr Bose teaches an alert, Sam presses the button: another clinician has to agree."""
    prove(world, changes=[new_intent(), new_intent(kind="rule", added=[], after="action_x")])
    bose = Taught(
        f"staff:{staff_id(world, 'Dr Bose')}",
        words=("my pump broke",),
        files=("data/nlu/taught.yml", "data/rules/taught.yml"),
        intent="report_pump_broken",
        clinical=True,
    )
    approve(world, "Dr Bose")
    with pytest.raises(NotAllowed, match="2 changes wait for the approval of a clinician"):
        promote(world, taught=[bose])
    approve(world, "Dr Lund")
    promote(world, taught=[bose])


def test_who_ticked_health_is_taken_at_their_word(world):
    prove(world, changes=[change(clinical=False)])
    approve(world, "Dr Lund")
    ticked = [Taught(f"staff:{staff_id(world, 'Dr Lund')}", clinical=True)]
    approve(world, "Sam")
    with pytest.raises(NotAllowed, match="approval of a clinician"):
        promote(world, taught=ticked)
    approve(world, "Dr Bose")
    promote(world, taught=ticked)


def test_what_somebody_taught_long_ago_makes_nobody_the_author_of_what_is_new(world):
    prove(world, by="Sam")
    bose, sam = (f"staff:{staff_id(world, name)}" for name in ("Dr Bose", "Sam"))
    taught = [Taught(bose, words=("an old example",)), Taught(sam)]
    approve(world, "Dr Bose")
    promote(world, taught=taught)


def test_an_approval_of_old_words_does_not_cover_a_removal(world):
    prove(world, changes=[{**change(), "removed": ["where do i park"]}])
    with pytest.raises(NotAllowed, match="approval"):
        promote(world, taught=[Taught("staff:a", "staff:b")])


def test_a_proof_against_a_model_that_is_not_live_any_more_proves_nothing(ready, rasas, models):
    promote(ready)
    carry_out(ready, rasas, models)
    promotion.roll_back(ready.clinic, by="staff:sam", now=ready.now)
    carry_out(ready, rasas, models)
    promote(ready)  # compared with OLD, which is live again
    carry_out(ready, rasas, models)
    found = {
        "model": "tend-third",
        "facts": {},
        "compared_with": OLD,
        "proof": {},
        "gates": [Gate("safety", True, "Safe.").as_dict()],
        "changes": [],
    }
    model_proof.keep(ready.clinic, found, by="staff:x", now=ready.now)
    with pytest.raises(NotAllowed, match="Train and prove again"):
        promotion.promote(ready.clinic, "tend-third", by="staff:sam", now=ready.now)


def test_a_model_that_was_never_proved_does_not_go_live(world):
    prove(world, gates=[])
    with pytest.raises(NotAllowed, match="not been proved"):
        promote(world)


def test_two_cannot_change_models_at_once(ready):
    promote(ready)
    with pytest.raises(NotAllowed, match="just being made live"):
        promote(ready)


# --- killed on the way ----------------------------------------------------------------------


@pytest.mark.parametrize("point", ["before 0", "before 1", "after loading", "after pointing"])
def test_a_worker_killed_at_any_point_leaves_a_swap_that_another_finishes(
    ready, rasas, models, point
):
    promote(ready)
    rasas.killed_at = point
    with pytest.raises(Killed):
        carry_out(ready, rasas, models)
    rasas.killed_at = ""
    # A Rasa that starts now loads what every Rasa is known to be able to load.
    assert live_name(models) == (NEW if point == "after pointing" else OLD)
    assert not carry_out(ready, rasas, models, worker="w2")  # it may still be at it
    assert promotion.look_at(ready.clinic).model == OLD
    ready.clock.time += promotion.LEASE + timedelta(seconds=1)
    assert carry_out(ready, rasas, models, worker="w2")
    assert rasas.loaded == [NEW, NEW]
    assert live_name(models) == NEW
    assert promotion.look_at(ready.clinic).model == NEW


@pytest.mark.parametrize("number", [0, 1])
def test_a_rasa_that_does_not_load_it_takes_everything_back(ready, rasas, models, number):
    rasas.refuses = {(number, NEW)}
    promote(ready)
    carry_out(ready, rasas, models)
    assert rasas.loaded == [OLD, OLD]
    assert live_name(models) == OLD
    seen = promotion.look_at(ready.clinic)
    assert (seen.model, seen.swapping) == (OLD, None)
    assert "The model that was live still is" in seen.problem


def test_a_rasa_that_comes_back_with_another_model_follows(ready, rasas, models):
    promote(ready)
    carry_out(ready, rasas, models)
    rasas.loaded[1] = OLD
    assert promotion.follow(ready.clinic, rasas, models)
    assert rasas.loaded == [NEW, NEW]
    assert not promotion.follow(ready.clinic, rasas, models)


def test_a_pointer_that_was_lost_is_written_again(ready, rasas, models):
    promote(ready)
    carry_out(ready, rasas, models)
    (models / "live.json").unlink()
    promotion.follow(ready.clinic, rasas, models)
    assert live_name(models) == NEW


# --- no lost text ---------------------------------------------------------------------------


def test_texts_wait_while_models_change_and_are_answered_afterwards(ready, rasas, models):
    promote(ready)
    ready.text("Ann", "hello", settle=False)
    assert not ready.worker.converse_with_all()
    assert ready.dialogue.heard == []
    carry_out(ready, rasas, models)
    ready.settle()
    assert ready.to("Ann") == ["utter_greet"]


def test_texts_do_not_wait_for_ever(ready):
    promote(ready)
    assert promotion.must_wait(ready.clinic, now=ready.now)
    assert not promotion.must_wait(ready.clinic, now=ready.now + promotion.PAUSE)


def test_danger_does_not_wait_for_a_model(ready):
    promote(ready)
    ready.text("Bea", "want to die", settle=False)
    ready.worker.send_urgent()
    assert ready.alert("Bea") is not None
