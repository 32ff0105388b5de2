"""A colleague in danger: heard at once, never paged about himself, and never the one who has it."""

import pytest

from bot.core.alerts import Disposition, Outcome, Verdict
from bot.core.languages import Language
from bot.core.segments import segments
from bot.errors import NotAllowed
from bot.services import alert_acts, closing, corrections, holders, own_phone
from bot.storage import alerts as stored
from bot.storage.tables import Alert, Page, Staff
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pages, pass_time
from tests.services.test_alerts import end_all_shifts, staff_id

pytestmark = SQLITE_ONLY

DANGER = "want to die"


def who_was_paged(world, name: str = "Dr Bose") -> list[str | None]:
    names = {staff_id(world, one): one for one in ("Dr Bose", "Dr Ruiz", "Dr Lund")}
    return [names.get(page.staff_id or "") for page in pages(world, name)]


def test_who_is_on_call_and_in_danger_is_not_paged_about_himself_the_next_one_is_at_once(world):
    world.text("Dr Bose", DANGER)
    assert world.to("Dr Bose") == ["crisis_staff"]
    assert who_was_paged(world) == ["Dr Ruiz"]
    pass_time(world, minutes=15)
    assert who_was_paged(world) == ["Dr Ruiz", "Dr Lund"]
    world.wait(hours=3)
    assert "Dr Bose" not in who_was_paged(world)
    assert set(world.to("Dr Bose")) == {"crisis_staff"}


def test_an_emergency_of_his_own_does_not_ring_him_either(world):
    world.text("Dr Bose", "took all the pills")
    world.wait(hours=1)
    assert who_was_paged(world)[:2] == ["Dr Ruiz", "Dr Ruiz"], "by text and by call"
    assert "Dr Bose" not in who_was_paged(world)


def test_a_step_that_means_everybody_leaves_him_out(world):
    end_all_shifts(world)
    world.text("Dr Bose", DANGER)
    assert set(who_was_paged(world)) == {"Dr Ruiz", "Dr Lund"}


def test_where_nobody_else_can_be_paged_the_practice_rings(world):
    with world.clinic.db.transaction(audited=False) as db:
        for name in ("Dr Ruiz", "Dr Lund"):
            db.get_one(Staff, staff_id(world, name)).disabled_at = world.now
    world.text("Dr Bose", DANGER)
    assert [page.recipient for page in pages(world, "Dr Bose")] == ["practice"]


def test_taking_the_call_does_not_bring_him_the_alert_about_himself(world):
    world.text("Dr Lund", DANGER)
    world.text("Dr Lund", "MINE")
    world.settle()
    assert "Dr Lund" not in who_was_paged(world, "Dr Lund")
    assert "mine_open" not in world.to("Dr Lund")


@pytest.mark.parametrize(
    "said", ["ACK {code}", "{code}", "BACK {code}", "PASS {code}", "DONE {code}"]
)
def test_by_text_he_neither_takes_passes_on_nor_closes_it(world, said):
    world.text("Dr Bose", DANGER)
    code, before = world.alert("Dr Bose").code, who_was_paged(world)
    world.text("Dr Bose", said.format(code=code))
    assert world.alert("Dr Bose").status == "open"
    assert world.to("Dr Bose")[-1] == "ack_own_phone"
    assert f"Alert {code} is about your own phone." in world.words_to("Dr Bose")[-1]
    assert who_was_paged(world) == before


@pytest.mark.parametrize("said", ["ACK", "on it", "BACK", "what"])
def test_without_a_code_he_never_means_it(world, said):
    world.text("Dr Bose", DANGER)
    world.text("Dr Bose", said)
    assert world.alert("Dr Bose").status == "open"
    assert world.alert("Dr Bose").code not in world.words_to("Dr Bose")[-1]
    world.text("Dr Ruiz", "ACK")
    assert world.alert("Dr Bose").acknowledged_by == staff_id(world, "Dr Ruiz")


def rung_by_mistake(world) -> None:
    """As if the number had become his after the call was under way."""
    with world.clinic.db.transaction(audited=False) as db:
        alert = stored.find_unresolved(
            db, db.get_one(Staff, staff_id(world, "Dr Bose")).phone_index
        )
        for page in db.query(Page).filter_by(alert_id=alert.id, channel="voice"):
            page.staff_id = staff_id(world, "Dr Bose")


def test_no_key_on_the_phone_takes_it_and_the_next_one_is_paged(world):
    world.text("Dr Bose", "took all the pills")
    rung_by_mistake(world)
    assert "your own phone" in world.press("Dr Ruiz", "1")
    assert world.alert("Dr Bose").status == "open"
    assert who_was_paged(world)[-1] == "Dr Lund"


def acts(world, alert: Alert):
    me = staff_id(world, "Dr Bose")
    rest = {"staff_id": me, "now": world.now}
    clinic, words = world.clinic, "all is well"
    end = {"disposition": Disposition.REACHED_SAFE, "verdict": Verdict.TRUE}
    by_code = {"code": alert.code, "by": f"staff:{me}", "note": words, **rest}
    return [
        lambda: alert_acts.acknowledge(clinic, alert.id, **rest),
        lambda: alert_acts.take_over(clinic, alert.id, **rest),
        lambda: alert_acts.record_contact(clinic, alert.id, words, reached=True, **rest),
        lambda: alert_acts.close(clinic, alert.id, words=words, **end, **rest),
        lambda: alert_acts.record_outcome(
            clinic, alert.id, outcome=Outcome.IN_CARE, words=words, **rest
        ),
        lambda: closing.resolve(clinic, **end, **by_code),
        lambda: closing.record_contact(clinic, reached=True, **by_code),
    ]


def test_in_the_console_he_neither_takes_holds_nor_closes_it_and_hears_why(world):
    world.text("Dr Bose", DANGER)
    world.text("Dr Ruiz", "ACK")
    for act in acts(world, world.alert("Dr Bose")):
        with pytest.raises(NotAllowed, match=own_phone.SENTENCE):
            act()
    assert world.alert("Dr Bose").acknowledged_by == staff_id(world, "Dr Ruiz")


def test_what_a_colleague_closed_he_neither_corrects_nor_opens_for_himself(world):
    world.text("Dr Bose", DANGER)
    world.text("Dr Ruiz", "ACK")
    alert, ruiz, bose = (
        world.alert("Dr Bose"),
        staff_id(world, "Dr Ruiz"),
        staff_id(world, "Dr Bose"),
    )
    end = {"disposition": Disposition.REACHED_SAFE, "verdict": Verdict.TRUE, "words": "spoke"}
    alert_acts.close(world.clinic, alert.id, **end, staff_id=ruiz, now=world.now)
    other = {**end, "disposition": Disposition.FALSE_ALARM, "staff_id": bose, "now": world.now}
    with pytest.raises(NotAllowed, match=own_phone.SENTENCE):
        corrections.correct(world.clinic, alert.id, **other)
    with pytest.raises(NotAllowed, match=own_phone.SENTENCE):
        corrections.reopen(world.clinic, alert.id, "x", staff_id=bose, now=world.now)


def test_nothing_at_all_makes_it_his(world):
    world.text("Dr Bose", DANGER)
    alert_id = world.alert("Dr Bose").id
    bose = staff_id(world, "Dr Bose")
    with world.clinic.db.reading() as db:
        alert = db.get_one(Alert, alert_id)
        with pytest.raises(NotAllowed, match=own_phone.SENTENCE):
            holders.acknowledge(world.clinic, db, alert, staff_id=bose, now=world.now)


def test_whoever_goes_on_writing_of_it_is_answered_again_after_ten_minutes(world):
    for _ in range(3):
        world.text("Dr Bose", DANGER)
    assert world.to("Dr Bose") == ["crisis_staff"]
    world.clock.time += world.clinic.policies["urgent"].steps[0].wait
    world.text("Dr Bose", DANGER)
    assert world.to("Dr Bose") == ["crisis_staff", "crisis_staff"]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("text_id", ["crisis_staff", "ack_own_phone", "staff_call"])
def test_what_he_hears_is_true_and_fits_two_segments(world, language, text_id):
    values = {
        "practice_phone": "+1 202-555-0100",
        "code": "K777",
        "name": "Dr Annemarie Fitzgerald",
    }
    body = world.clinic.texts.render(text_id, language, values).body
    assert segments(body).count <= 2
    assert "does not know" not in body
