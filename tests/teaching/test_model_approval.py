"""Who approves a candidate approves the lessons in it: one reading, one name, one record."""

import pytest

from bot.core.gates import Change
from bot.errors import NotAllowed
from bot.services import model_approval, model_proof, promotion, taught_changes
from tests.services.test_promotion import NEW, prove, staff_id
from tests.teaching.test_teaching import question, teach


def changes_of(lesson, **more) -> list[dict]:
    """What a candidate made of this lesson alone would show."""
    file, typed = "data/faq/parking.yml", lesson.typed
    examples = Change("examples", lesson.intent, file, False, added=tuple(typed.texts))
    answers = [
        Change("answer", f"utter_{lesson.intent} ({language})", file, False, after=words)
        for language, words in typed.answers.items()
    ]
    return [{**one.as_dict(), **more} for one in (examples, *answers)]


def approve(desk, name: str) -> None:
    clinic, now = desk.world.clinic, desk.world.now
    model_approval.approve(clinic, desk.workshop, NEW, by=desk.visitor(name), now=now)


def waiting(desk) -> list[str]:
    return [one.intent for one in taught_changes.list_unapproved(desk.world.clinic)]


def test_a_lesson_in_an_approved_candidate_waits_for_nobody(desk):
    lesson = teach(desk, question())
    prove(desk.world, changes=changes_of(lesson))
    approve(desk, "Dr Bose")
    assert waiting(desk) == []
    assert desk.read("data/faq/parking.yml").count('approver: "Dr Bose"') == 2
    clinic = desk.world.clinic
    promotion.promote(
        clinic, NEW, by="x", now=desk.world.now, taught=taught_changes.on_record(clinic)
    )


def test_a_lesson_that_was_not_shown_is_not_approved(desk):
    """Taught while the candidate was being made, or worded anew since."""
    lesson = teach(desk, question())
    prove(desk.world, changes=changes_of(lesson, after="Behind the building."))
    approve(desk, "Dr Bose")
    assert waiting(desk) == ["faq_parking"]


def test_a_clinicians_lesson_is_not_approved_by_support(desk):
    lesson = teach(desk, question(clinical=True), by="Dr Bose")
    prove(desk.world, changes=changes_of(lesson), by="Dr Bose")
    approve(desk, "Sam")
    assert waiting(desk) == ["faq_parking"]
    taught = taught_changes.on_record(desk.world.clinic)
    sam = desk.visitor("Sam")
    asked = {"staff_id": sam.staff_id, "role": sam.role, "taught": taught}
    assert not model_proof.would_help(desk.world.clinic, NEW, **asked)
    with pytest.raises(NotAllowed, match="a clinician"):
        promotion.promote(desk.world.clinic, NEW, by="x", now=desk.world.now, taught=taught)


def test_an_author_approves_nothing_though_somebody_else_had_it_trained(desk):
    lesson = teach(desk, question(), by="Sam")
    prove(desk.world, changes=changes_of(lesson), by="Dr Bose")
    approve(desk, "Sam")
    assert waiting(desk) == ["faq_parking"]
    taught = taught_changes.on_record(desk.world.clinic)
    card = model_proof.look_at(desk.world.clinic, NEW, taught=taught)
    assert not card.may_go_live
    assert staff_id(desk.world, "Sam") in taught[0].by
