"""While her alert tells of violence, his return is news: it pages, and is answered discreetly."""

import pytest

from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited, pages, pass_time
from tests.world import SUNDAY_2340

pytestmark = SQLITE_ONLY

NEUTRAL = "crisis_violence_unsafe"


@pytest.mark.parametrize("words", ["he is home at 6", "vuelve a las 6", "he'll be back in an hour"])
def test_his_return_pages_at_night_where_violence_waited_for_the_morning(world, words):
    world.clock.time = SUNDAY_2340
    world.text("Bea", "my husband hits me")
    assert pages(world, "Bea") == []
    pass_time(world, minutes=5)
    world.text("Bea", words)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]
    assert world.alert("Bea").level == "urgent"
    assert set(world.to("Bea")[1:]) == {NEUTRAL}


def test_whoever_has_the_alert_hears_of_each_return_at_once(world):
    world.text("Bea", "my husband hits me")
    world.text("Dr Bose", "ack")
    world.text("Bea", "my sister is coming")
    before = world.to("Dr Bose").count("page_new_words")
    world.text("Bea", "he is home at 6")
    world.text("Bea", "hes here")
    assert world.to("Dr Bose").count("page_new_words") == before + 2
    assert world.alert("Bea").status == "acknowledged"


def test_the_next_person_is_paged_while_nobody_has_it(world):
    world.text("Bea", "my husband hits me")
    world.text("Bea", "he is home at 6")
    before = len(pages(world, "Bea"))
    world.text("Bea", "he is home at 6")
    assert len(pages(world, "Bea")) == before
    pass_time(world, minutes=3)
    world.text("Bea", "he just pulled up")
    assert [page.recipient for page in pages(world, "Bea")][before:] == ["backup"]


def test_his_return_means_nothing_where_no_violence_is_known(world):
    world.text("Bea", "cant do this")
    pass_time(world, minutes=1)
    world.text("Bea", "B")
    world.text("Bea", "he is home at 6")
    assert world.alert("Bea").level == "same-day"


@pytest.mark.parametrize("taken", [False, True])
def test_a_plain_question_meanwhile_is_with_the_alert_and_met_discreetly(world, taken):
    world.text("Bea", "my husband hits me")
    world.text("Bea", "he is home at 6")
    if taken:
        world.text("Dr Bose", "ack")
    pass_time(world, minutes=2)
    asked = world.text("Bea", "can i take ibuprofen with the medicine?")
    pass_time(world, minutes=1)
    assert asked in {event.details["inbound"] for event in audited(world, "add_to_alert")}
    assert world.to("Bea")[-1] == NEUTRAL
    assert ("page_new_words" in world.to("Dr Bose")) is taken


def test_a_question_instead_of_a_or_b_is_with_the_alert_too(world):
    world.text("Bea", "my husband hits me")
    asked = world.text("Bea", "can i take ibuprofen with the medicine")
    assert asked in {event.details["inbound"] for event in audited(world, "add_to_alert")}
    assert world.to("Bea")[-1] == NEUTRAL


@pytest.mark.parametrize(
    "words",
    [
        "he is loading it",
        "gun",
        "he says hell shoot me if i leave",
        "tiene una pistola",
        "he got his gun out and the police wont come",
        "he doesnt have a job but he has a rifle",
    ],
)
def test_a_weapon_makes_known_violence_an_emergency(world, words):
    world.text("Bea", "my husband hits me")
    world.text("Bea", "A")
    pass_time(world, minutes=4)
    world.text("Bea", words)
    assert world.alert("Bea").level == "emergency"
    assert world.to("Bea")[-1] == "crisis_violence_danger"


@pytest.mark.parametrize("words", ["he doesnt have a gun", "there are no guns in the house"])
def test_no_weapon_is_none(world, words):
    world.text("Bea", "my husband hits me")
    world.text("Bea", "A")
    pass_time(world, minutes=4)
    world.text("Bea", words)
    assert world.alert("Bea").level == "same-day"
