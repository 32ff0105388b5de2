"""One long day of the whole clinic, the same on both engines."""

from datetime import timedelta

from bot.conversations import cast
from bot.storage import audit
from tests.services.clinic_day import pass_time, resolve, schedule


def test_a_day_of_the_clinic(world):
    cast.invite_eva(world.clinic, now=world.now)
    schedule(world, "Ann", world.now + timedelta(days=1))
    world.dialogue.down = True
    for words in ("1", "3", "any time"):
        world.text("Eva", words)
    world.dialogue.down = False
    world.text("Ann", "hello")
    world.text("Bea", "cant do this")
    world.text("Mallory", "hi")
    pass_time(world, minutes=15)
    assert world.alert("Bea").level == "urgent"
    pass_time(world, minutes=15)
    world.text("Dr Ruiz", f"ack {world.alert('Bea').code}")
    world.text("Bea", "im fine sorry")
    pass_time(world, minutes=60)
    assert world.alert("Bea").status == "open"
    resolve(world, "Bea")
    world.text("Luz", "stop texting me")
    pass_time(world, hours=20)
    assert world.to("Eva")[:4] == ["invite", "invite_emergency", "invite_privacy", "invite_when"]
    told = ["crisis_ask", "crisis_still_calling", "crisis_waits_again"]
    assert world.to("Bea") == told
    assert world.to("Luz") == ["stop_confirmed"]
    assert world.to("Mallory") == ["unknown_sender"]
    with world.clinic.db.reading() as db:
        assert audit.verify(db).problem is None


def test_a_night_of_an_unanswered_alert(world):
    world.text("Bea", "want to die")
    for _ in range(6):
        pass_time(world, minutes=15)
    alert = world.alert("Bea")
    assert (alert.status, alert.rounds) == ("open", 7)
    assert world.to("Bea") == ["crisis_suicide", "crisis_unacknowledged"]
