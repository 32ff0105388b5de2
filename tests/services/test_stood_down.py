"""Once somebody has an alert, those who were paged about it too hear who has it, once."""

from bot.core.messages import Lane, OptOutType
from bot.services import alert_acts
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pass_time, rows_of
from tests.services.test_alerts import staff_id

pytestmark = SQLITE_ONLY

STOOD_DOWN = "page_stood_down"


def told(world) -> dict[str, int]:
    names = ("Dr Bose", "Dr Ruiz", "Dr Lund", "Sam")
    return {name: count for name in names if (count := world.to(name).count(STOOD_DOWN))}


def test_whoever_was_paged_before_hears_who_has_it(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=15)
    code = world.alert("Bea").code
    world.text("Dr Ruiz", f"ACK {code}")
    assert told(world) == {"Dr Bose": 1}
    assert world.words_to("Dr Bose")[-1] == f"Tend: {code}: Dr Ruiz has it."
    assert rows_of(world, "Dr Bose", STOOD_DOWN)[0].lane == Lane.REPLY, "it delays no page"


def test_nobody_hears_it_who_was_not_paged_or_has_it(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ACK")
    assert told(world) == {}


def test_it_is_said_of_a_click_in_the_console_too(world):
    world.text("Bea", "want to die")
    lund = staff_id(world, "Dr Lund")
    alert_acts.acknowledge(world.clinic, world.alert("Bea").id, staff_id=lund, now=world.now)
    world.settle()
    assert told(world) == {"Dr Bose": 1}


def test_never_twice_about_one_alert(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=15)
    for _ in range(3):
        code = world.alert("Bea").code
        world.text("Dr Ruiz", f"ACK {code}")
        pass_time(world, minutes=1)
        world.text("Dr Ruiz", f"BACK {code}")
        pass_time(world, minutes=20)
    assert told(world)["Dr Bose"] == 1


def test_a_phone_that_said_stop_is_neither_texted_nor_rung_for_it(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=15)
    world.text("Dr Bose", "STOP", opt_out=OptOutType.STOP)
    rung = len(world.voice.sent)
    world.text("Dr Ruiz", f"ACK {world.alert('Bea').code}")
    assert rows_of(world, "Dr Bose", STOOD_DOWN) == []
    assert len(world.voice.sent) == rung


def test_only_the_round_that_ended_counts(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ACK")
    pass_time(world, minutes=5)
    world.text("Dr Bose", "BACK")
    pass_time(world, minutes=1)
    world.text("Dr Ruiz", "ACK")
    assert told(world) == {}, "Dr Bose was paged before he handed it back"


def test_it_is_not_said_when_it_may_be_true_no_more(world):
    world.text("Bea", "want to die")
    pass_time(world, minutes=15)
    world.text("Dr Ruiz", f"ACK {world.alert('Bea').code}", settle=False)
    pass_time(world, minutes=20)
    assert told(world) == {}
    assert [row.status for row in rows_of(world, "Dr Bose", STOOD_DOWN)] == ["suppressed"]
