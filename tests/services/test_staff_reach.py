"""A colleague's phone that said STOP: one urgent task by name, and another way to page."""

from sqlalchemy import select

from bot.core.alerts import SupportKind, SupportStatus
from bot.core.messages import OptOutType
from bot.errors import OptedOut
from bot.services import reach
from bot.storage.tables import SupportItem
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited, pages
from tests.services.test_alerts import staff_id
from tests.world import World, number_of

pytestmark = SQLITE_ONLY


def open_troubles(world: World) -> list[SupportItem]:
    query = select(SupportItem).where(
        SupportItem.kind == SupportKind.STAFF, SupportItem.status == SupportStatus.OPEN
    )
    with world.clinic.db.reading() as db:
        return list(db.scalars(query))


def stop(world: World, name: str) -> None:
    """The phone says STOP; the carrier refuses it from then on."""
    world.carrier.refuses[number_of(name)] = OptedOut()
    world.text(name, "STOP", opt_out=OptOutType.STOP)


def test_the_lead_hears_at_once_and_there_is_one_task_by_name(world):
    stop(world, "Dr Bose")
    assert world.to("Dr Lund") == ["page_staff_stopped"]
    assert "Dr Bose" in world.words_to("Dr Lund")[0]
    assert "START" in world.words_to("Dr Lund")[0]
    [task] = open_troubles(world)
    assert (task.reason, task.staff_id) == ("opted_out", staff_id(world, "Dr Bose"))
    assert task.due_at == world.now
    assert [one.name for one in reach.list_unreachable(world.clinic)] == ["Dr Bose"]


def test_it_stays_one_task_however_many_pages_are_refused(world):
    stop(world, "Dr Bose")
    for name in ("Ann", "Bea"):
        world.text(name, "want to die")
        world.wait(minutes=40)
    stop(world, "Dr Bose")
    assert [task.reason for task in open_troubles(world)] == ["opted_out"]
    assert world.to("Dr Lund").count("page_staff_stopped") == 1
    assert len(audited(world, "staff_opt_out")) == 1


def test_what_the_carrier_refuses_tells_the_same_as_the_word_itself(world):
    world.carrier.refuses[number_of("Dr Bose")] = OptedOut()
    world.text("Bea", "want to die")
    assert "page_staff_stopped" in world.to("Dr Lund")
    assert [task.reason for task in open_troubles(world)] == ["opted_out"]


def test_pages_ring_instead_and_a_pressed_key_takes_the_alert(world):
    stop(world, "Dr Bose")
    world.text("Bea", "want to die")
    assert [call.to_number for call in world.voice.sent] == [number_of("Dr Bose")]
    assert {page.channel for page in pages(world, "Bea") if page.recipient == "on_call"} == {
        "sms",
        "voice",
    }
    world.press("Dr Bose", "1")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


def test_when_the_call_is_not_heard_either_the_next_person_is_paged_at_once(world):
    stop(world, "Dr Bose")
    world.text("Bea", "want to die")
    world.press("Dr Bose", answered="machine")
    assert "page_alert_again" in world.to("Dr Ruiz")


def test_start_closes_the_task_and_texts_go_again(world):
    stop(world, "Dr Bose")
    del world.carrier.refuses[number_of("Dr Bose")]
    world.text("Dr Bose", "START", opt_out=OptOutType.START)
    assert open_troubles(world) == []
    assert reach.list_unreachable(world.clinic) == []
    world.text("Bea", "want to die")
    assert "page_alert" in world.to("Dr Bose")
    assert world.voice.sent == []


def test_words_of_danger_from_a_colleague_count_beside_the_stop(world):
    world.text("Dr Bose", "stop. i want to die")
    assert world.alert("Dr Bose").level == "urgent"
