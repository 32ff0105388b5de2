"""While she may be in danger no later hour stands where "now" has to stand."""

import re
from datetime import timedelta

import pytest

from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pass_time
from tests.services.test_check_ins import to_item_nine
from tests.world import SUNDAY_2340, World

pytestmark = SQLITE_ONLY

LATER = re.compile(r"\b(?:by|antes) ")


def words_about_her_alert(world: World, name: str) -> list[str]:
    return [words for words in world.words_to(name) if "988" in words]


def test_at_night_nobody_who_waits_is_told_an_hour_of_tomorrow(world):
    world.clock.time = SUNDAY_2340
    world.text("Bea", "want to die")
    pass_time(world, minutes=30)
    assert world.to("Bea")[-1] == "crisis_unacknowledged_now"
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    pass_time(world, hours=3)
    said = words_about_her_alert(world, "Bea")
    assert len(said) > 1
    assert [words for words in said if LATER.search(words)] == []
    assert all("911" in words for words in said)


@pytest.mark.parametrize(
    ("danger", "first"),
    [("he is limp", "911"), ("took all the pills", "911"), ("want to die", "988")],
)
def test_whom_to_call_first_fits_what_is_in_danger(world, danger, first):
    world.text("Bea", danger)
    pass_time(world, minutes=1)
    world.text("Bea", "in bed now")
    pass_time(world, minutes=1)
    world.text("Bea", "hello??")
    pass_time(world, minutes=30)
    assert "crisis_unacknowledged" in world.to("Bea")[-1]
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    pass_time(world, minutes=1)
    world.text("Bea", "in bed now")
    for words in world.words_to("Bea")[1:]:
        assert "988" in words
        assert "911" in words
        assert min("988", "911", key=words.index) == first


def test_an_acknowledgement_that_went_stale_at_night_promises_no_hour(world):
    world.clock.time = SUNDAY_2340
    world.text("Bea", "want to die")
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    pass_time(world, hours=1)
    assert world.to("Bea")[-1] == "crisis_waits_again_now"


def test_in_an_emergency_no_hour_is_promised_by_day_either(world):
    world.text("Bea", "took all the pills")
    pass_time(world, minutes=11)
    assert world.alert("Bea").level == "emergency"
    assert world.to("Bea")[-1] == "crisis_unacknowledged_now"


@pytest.mark.parametrize(
    ("at_night", "text_id"), [(True, "crisis_alerting_item_now"), (False, "crisis_alerting_item")]
)
def test_an_alerting_answer_is_promised_a_call_only_while_somebody_is_there(
    world, at_night, text_id
):
    to_item_nine(world, "Ann")
    if at_night:
        world.clock.time += timedelta(hours=13)
    world.text("Ann", "1")
    assert world.to("Ann")[-1] == text_id


def test_what_is_not_urgent_keeps_its_hour_at_night(world):
    world.clock.time = SUNDAY_2340
    world.text("Dee", "i lost her")
    assert world.to("Dee") == ["crisis_loss"]
    assert LATER.search(world.words_to("Dee")[0])
