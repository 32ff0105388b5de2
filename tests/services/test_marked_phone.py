"""No alert is open, but he may read her phone: nothing betrays her, and a person hears of it."""

import pytest

from bot.services import patient_care
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pages, pass_time, patient_of, resolve
from tests.services.test_alerts import staff_id
from tests.world import SUNDAY_2340

pytestmark = SQLITE_ONLY

NEUTRAL = "crisis_violence_unsafe"


@pytest.fixture
def marked(world):
    """The alert of a violent night is closed; nobody has said that her phone is safe."""
    world.text("Bea", "my husband hits me")
    world.text("Bea", "B")
    resolve(world, "Bea")
    pass_time(world, hours=1)
    return world


@pytest.mark.parametrize(
    "words", ["can i take ibuprofen with it", "\U0001f60a", "hi", "when is my next session", "C"]
)
def test_an_everyday_text_is_met_discreetly_and_a_person_reads_it(marked, words):
    before = len(marked.support_kinds())
    marked.text("Bea", words)
    assert marked.to("Bea")[-1] == NEUTRAL
    assert marked.dialogue.heard == []
    assert len(marked.support_kinds()) == before + 1


@pytest.mark.parametrize("words", ["CALL", "call me please", "HELP"])
def test_a_call_that_nothing_may_confirm_is_an_alert_again(marked, words):
    marked.text("Bea", words)
    assert marked.to("Bea")[-1] == NEUTRAL
    assert "help_reply" not in marked.to("Bea")
    assert (marked.alert("Bea").level, marked.alert("Bea").category) == ("same-day", "violence")
    assert pages(marked, "Bea")[-1].recipient == "on_call"


def test_that_he_is_back_or_armed_is_heard_there(marked):
    marked.text("Bea", "hes here")
    assert marked.alert("Bea").level == "same-day"
    pass_time(marked, minutes=1)
    marked.text("Bea", "he has a gun")
    assert marked.alert("Bea").level == "emergency"
    assert marked.to("Bea")[-2:] == [NEUTRAL, "crisis_violence_danger"]


def test_a_phone_that_she_called_safe_is_answered_as_ever(world):
    world.text("Bea", "my husband hits me")
    world.text("Bea", "A")
    resolve(world, "Bea")
    pass_time(world, hours=1)
    world.text("Bea", "can i take ibuprofen with it")
    assert world.to("Bea")[-1] == "utter_greet"


def test_a_clinician_who_takes_the_mark_back_lets_her_be_answered(marked):
    bose = staff_id(marked, "Dr Bose")
    patient_care.phone_is_hers(
        marked.clinic, patient_of(marked, "Bea").id, staff_id=bose, now=marked.now
    )
    marked.text("Bea", "can i take ibuprofen with it")
    assert marked.to("Bea")[-1] == "utter_greet"


def test_danger_on_a_marked_phone_brings_its_numbers(marked):
    marked.clock.time = SUNDAY_2340
    marked.text("Bea", "took all the pills")
    assert marked.to("Bea")[-1] == "crisis_overdose"
