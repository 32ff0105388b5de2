"""What clinicians do by text: WHO, MINE, BACK, PASS; and what a text may not do."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core.languages import Language
from bot.core.rota import Duty
from bot.core.segments import segments
from bot.services import meant_alerts, rota
from bot.storage.tables import ShiftRecord, Staff
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import all_alerts, audited, pass_time
from tests.services.test_alerts import end_all_shifts, paged, staff_id
from tests.services.test_rota import troubles
from tests.world import SUNDAY_2340

pytestmark = SQLITE_ONLY


def last_to(world, name: str) -> str:
    return world.words_to(name)[-1]


@pytest.mark.parametrize("asked", ["WHO", "who?", "Who is on call"])
@pytest.mark.parametrize("name", ["Sam", "Dr Ruiz"])
def test_who_names_the_one_on_call_and_the_backup(world, asked, name):
    world.text(name, asked)
    assert world.to(name) == ["who_on_call"]
    assert "on call now: Dr Bose. Backup: Dr Ruiz." in last_to(world, name)


def test_who_says_no_one_when_the_rota_is_empty(world):
    end_all_shifts(world)
    world.text("Sam", "who")
    assert "on call now: no one." in last_to(world, "Sam")


def test_mallory_is_not_told_who_is_on_call(world):
    world.text("Mallory", "WHO")
    assert "who_on_call" not in world.to("Mallory")


def name_on_call(world, later: timedelta) -> str:
    with world.clinic.db.reading() as db:
        return rota.name_on_duty(world.clinic, db, Duty.ON_CALL, now=world.now + later)


def test_mine_takes_a_day_of_a_long_shift_and_says_until_when(world):
    world.text("Dr Lund", "MINE")
    assert world.to("Dr Lund") == ["mine_done"]
    assert "until Tue Jan 6 at 10 am" in last_to(world, "Dr Lund")
    assert world.to("Dr Bose") == ["mine_told_back"]
    assert "until Tue Jan 6 at 10 am. Then it is yours again" in last_to(world, "Dr Bose")
    world.text("Bea", "want to die")
    assert paged(world)[-1] == "Dr Lund"
    assert name_on_call(world, timedelta(hours=23, minutes=59)) == "Dr Lund"
    assert name_on_call(world, timedelta(hours=24)) == "Dr Bose"


def test_mine_takes_no_more_than_the_shift_that_runs(world):
    with world.clinic.db.transaction(audited=False) as db:
        for shift in db.query(ShiftRecord).where(ShiftRecord.duty == Duty.ON_CALL):
            shift.ends_at = world.now + timedelta(hours=6)
    world.text("Dr Lund", "MINE")
    assert "on call now, until Mon Jan 5 at 4 pm" in world.words_to("Dr Lund")[0]
    assert world.to("Dr Bose") == ["mine_told"]
    assert name_on_call(world, timedelta(hours=6)) == "no one"


def test_mine_by_the_backup_leaves_nobody_behind_and_says_so(world):
    world.text("Dr Ruiz", "MINE")
    assert world.to("Dr Ruiz") == ["mine_alone"]
    assert "No one is backup from Mon Jan 5 at 10 am on" in last_to(world, "Dr Ruiz")
    assert world.to("Dr Lund") == ["backup_gap"]
    assert "Dr Ruiz took over" in last_to(world, "Dr Lund")
    assert "No one is backup from Mon Jan 5 at 10 am on" in last_to(world, "Dr Lund")
    assert "no_backup_planned" in troubles(world)
    # Said again it is answered again, and the lead is told once.
    world.text("Dr Ruiz", "MINE")
    assert world.to("Dr Ruiz") == ["mine_alone", "mine_alone"]
    assert world.to("Dr Lund") == ["backup_gap"]


def test_mine_said_twice_changes_nothing_more(world):
    for _ in range(2):
        world.text("Dr Lund", "mine")
    assert len(audited(world, "add_shift")) == 2 + 1
    assert world.to("Dr Bose") == ["mine_told_back"]


def test_mine_on_an_empty_rota_lasts_twelve_hours(world):
    end_all_shifts(world)
    world.text("Dr Lund", "mine")
    with world.clinic.db.reading() as db:
        found = rota.find_gaps(world.clinic, db, now=world.now)
    assert found[0].starts_at == world.now + timedelta(hours=12)


def test_support_cannot_take_the_call(world):
    world.text("Sam", "MINE")
    assert world.to("Sam") == ["staff_unknown_command"]


def test_whoever_takes_over_is_paged_about_what_is_open(world):
    world.text("Bea", "want to die")
    world.text("Dr Lund", "mine")
    assert world.to("Dr Lund") == ["mine_done", "mine_open", "page_alert_again"]
    # The ladder keeps its own clock.
    pass_time(world, minutes=15)
    assert paged(world)[-1] == "Dr Ruiz"


@pytest.mark.parametrize("said", ["BACK {code}", "back", "hand back {code}", "PASS {code}"])
def test_handing_back_pages_the_next_person_at_once(world, said):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.text("Dr Bose", said.format(code=world.alert("Bea").code))
    assert world.alert("Bea").status == "open"
    assert "back_done" in world.to("Dr Bose")
    # Not the one who has just handed it back.
    assert world.to("Dr Ruiz") == ["page_alert_again"]


def test_only_the_holder_hands_back(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.text("Dr Ruiz", f"back {world.alert('Bea').code}")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")
    assert world.to("Dr Ruiz") == ["back_not_yours"]
    assert "Dr Bose" in last_to(world, "Dr Ruiz")


@pytest.mark.parametrize("said", ["PASS {code}", "pass", "back {code}"])
def test_passing_on_an_open_alert_pages_the_next_person_at_once(world, said):
    world.text("Bea", "want to die")
    world.text("Dr Bose", said.format(code=world.alert("Bea").code))
    assert "pass_done" in world.to("Dr Bose")
    assert world.to("Dr Ruiz") == ["page_alert_again"]
    assert world.alert("Bea").next_step_at == world.now + timedelta(minutes=15)


@pytest.mark.parametrize("said", ["DONE {code} safe", "done {code}", "Resolved {code}", "done"])
def test_a_text_closes_nothing_and_says_so_kindly(world, said):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.text("Dr Bose", said.format(code=world.alert("Bea").code))
    assert world.alert("Bea").status == "acknowledged"
    assert world.to("Dr Bose")[-1] == "done_needs_login"


def test_a_command_with_an_unknown_code_says_so(world):
    for command in ("BACK", "PASS", "DONE"):
        world.text("Dr Bose", f"{command} Z9")
    assert world.to("Dr Bose") == ["ack_unknown_code"] * 3


@pytest.mark.parametrize("said", ["done with life, i want to die", "DONE K7 i want to die"])
def test_staff_who_write_of_dying_are_heard_and_never_taken_for_a_command(world, said):
    world.text("Dr Ruiz", said)
    [alert] = all_alerts(world)
    assert alert.level == "urgent"
    assert "crisis_staff" in world.to("Dr Ruiz")


def test_a_disabled_colleague_is_nobody_here(world):
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(Staff, staff_id(world, "Dr Lund")).disabled_at = world.now
    world.text("Dr Lund", "mine")
    assert "mine_done" not in world.to("Dr Lund")


WORDS = ["yes i got it on my way", "got it, calling her", "ok im on it"]


@pytest.mark.parametrize("words", WORDS)
def test_plain_words_take_the_one_alert_that_was_paged(world, words):
    world.text("Bea", "want to die")
    world.text("Dr Bose", words)
    alert = world.alert("Bea")
    assert (alert.status, alert.acknowledged_by) == ("acknowledged", staff_id(world, "Dr Bose"))
    assert world.to("Dr Bose")[-1] == "ack_in_words"
    assert f"BACK {alert.code}" in last_to(world, "Dr Bose")
    world.text("Dr Bose", "back")
    assert world.alert("Bea").status == "open"


@pytest.mark.parametrize("words", ["not me", "cant", "who?", "got it but cant take it", "ok", "??"])
def test_unclear_words_take_nothing(world, words):
    world.text("Bea", "want to die")
    world.text("Dr Bose", words)
    assert world.alert("Bea").status == "open"


def test_plain_words_take_nothing_while_two_are_open(world):
    world.text("Bea", "want to die")
    world.text("Ann", "want to die")
    world.text("Dr Bose", "on it")
    assert {alert.status for alert in all_alerts(world)} == {"open"}
    assert world.to("Dr Bose")[-1] == "staff_unknown_open"


def test_plain_words_of_who_has_another_take_nothing(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.text("Ann", "want to die")
    world.text("Dr Bose", "on my way")
    assert world.alert("Ann").status == "open"


def test_plain_words_take_nothing_from_who_was_not_paged(world):
    world.text("Bea", "want to die")
    world.text("Dr Lund", "on it")
    assert world.alert("Bea").status == "open"
    assert world.to("Dr Lund")[-1] == "staff_unknown_open"


def test_plain_words_of_support_take_nothing(world):
    world.text("Bea", "want to die")
    world.text("Sam", "on it")
    assert world.alert("Bea").status == "open"


def test_whoever_has_it_may_say_so_again(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    world.text("Dr Bose", "on my way")
    assert world.to("Dr Bose")[-2:] == ["ack_done", "ack_done"]


# --- several alerts, and what BACK undoes -------------------------------------------------------


def two_open(world) -> tuple[str, str]:
    world.text("Bea", "want to die")
    world.text("Ann", "want to die")
    return world.alert("Bea").code, world.alert("Ann").code


def test_what_is_not_understood_is_answered_with_the_codes_that_are_open(world):
    codes = two_open(world)
    world.text("Dr Bose", "on it calling her")
    assert world.to("Dr Bose")[-1] == "staff_unknown_open"
    assert all(code in last_to(world, "Dr Bose") for code in codes)
    assert {alert.status for alert in all_alerts(world)} == {"open"}


def test_the_codes_say_how_pressing_each_is_the_most_pressing_first(world):
    world.text("Ann", "hits me")
    world.text("Bea", "took all the pills")
    ann, bea = world.alert("Ann").code, world.alert("Bea").code
    for words in ("ACK", "on it calling her"):
        world.text("Dr Bose", words)
        assert f"{bea} emergency, {ann} same-day" in last_to(world, "Dr Bose")


@pytest.mark.parametrize("text_id", ["ack_list", "back_list", "staff_unknown_open", "mine_open"])
@pytest.mark.parametrize("language", list(Language))
def test_as_many_codes_as_are_listed_fit_two_segments(world, text_id, language):
    cut = f" ({meant_alerts.MOST_CODES} of 120)"
    codes = ", ".join(["K777 emergency"] * meant_alerts.MOST_CODES) + cut
    values = {"list": codes, "code": "K777", "count": "120"}
    assert segments(world.clinic.texts.render(text_id, language, values).body).count <= 2


def test_mine_takes_the_call_and_says_that_it_takes_no_alert(world):
    world.text("Ann", "hits me")
    world.text("Bea", "want to die")
    ann, bea = world.alert("Ann").code, world.alert("Bea").code
    world.text("Dr Lund", "MINE")
    assert world.to("Dr Lund")[:2] == ["mine_done", "mine_open"]
    told = world.words_to("Dr Lund")[1]
    assert f"{bea} urgent, {ann} same-day" in told
    assert f"ACK {bea}" in told
    assert {alert.status for alert in all_alerts(world)} == {"open"}


def test_mine_says_nothing_of_alerts_where_none_is_open(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ACK")
    world.text("Dr Lund", "MINE")
    assert "mine_open" not in world.to("Dr Lund")


def test_support_and_a_quiet_line_get_no_codes(world):
    world.text("Dr Bose", "what now")
    assert world.to("Dr Bose")[-1] == "staff_unknown_command"
    two_open(world)
    world.text("Sam", "what now")
    assert world.to("Sam")[-1] == "staff_unknown_command"


def test_a_bare_back_among_several_asks_for_back_and_a_code(world):
    codes = two_open(world)
    world.text("Dr Bose", "BACK")
    assert world.to("Dr Bose")[-1] == "back_list"
    assert all(code in last_to(world, "Dr Bose") for code in codes)


def test_back_after_mine_gives_back_the_call_and_no_alert(world):
    world.text("Bea", "want to die")
    world.text("Dr Lund", f"ACK {world.alert('Bea').code}")
    pass_time(world, minutes=1)
    world.text("Dr Lund", "MINE")
    pass_time(world, minutes=1)
    world.text("Dr Lund", "BACK")
    assert world.to("Dr Lund")[-1] == "mine_undone"
    assert "Dr Bose is on call now" in last_to(world, "Dr Lund")
    assert world.to("Dr Bose")[-1] == "mine_returned"
    assert name_on_call(world, timedelta(minutes=1)) == "Dr Bose"
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Lund")
    pass_time(world, minutes=1)
    world.text("Dr Lund", "BACK")
    assert world.to("Dr Lund")[-1] == "back_done"


def test_back_is_about_the_alert_that_was_taken_since_mine(world):
    world.text("Dr Lund", "MINE")
    pass_time(world, minutes=1)
    world.text("Bea", "want to die")
    world.text("Dr Lund", "ACK")
    world.text("Dr Lund", "BACK")
    assert world.to("Dr Lund")[-1] == "back_done"
    assert name_on_call(world, timedelta(minutes=1)) == "Dr Lund"


def test_the_call_is_not_given_back_to_nobody(world):
    end_all_shifts(world)
    world.text("Dr Lund", "MINE")
    pass_time(world, minutes=1)
    world.text("Dr Lund", "BACK")
    assert world.to("Dr Lund")[-1] == "mine_kept"
    assert name_on_call(world, timedelta(minutes=1)) == "Dr Lund"


# --- only whoever has it, or is paged about it now, moves it on -----------------------------------


@pytest.mark.parametrize("said", ["BACK", "PASS", "back {code}", "PASS {code}"])
def test_whoever_passed_it_on_does_not_push_it_past_the_next_one(world, said):
    world.text("Bea", "want to die")
    code = world.alert("Bea").code
    world.text("Dr Bose", f"BACK {code}")
    next_step_at = world.alert("Bea").next_step_at
    world.text("Dr Bose", said.format(code=code))
    assert "page_alert_again" not in world.to("Dr Lund")
    assert world.alert("Bea").next_step_at == next_step_at
    assert world.to("Dr Bose")[-1] == "back_being_paged"
    assert "Dr Ruiz is being paged" in last_to(world, "Dr Bose")
    world.text("Dr Ruiz", "BACK")
    assert world.to("Dr Lund") == ["page_alert_again"]


def test_back_about_what_a_colleague_has_says_who_has_it(world):
    world.text("Bea", "want to die")
    world.text("Dr Ruiz", "ACK")
    world.text("Dr Lund", "BACK")
    assert world.to("Dr Lund")[-1] == "back_not_yours"
    assert "Dr Ruiz" in last_to(world, "Dr Lund")


def test_back_before_anybody_was_paged_pages_nobody_at_night(world):
    world.clock.time = SUNDAY_2340
    world.text("Ann", "hits me")
    world.text("Dr Bose", f"BACK {world.alert('Ann').code}")
    assert world.to("Dr Bose") == ["back_not_paged"]
    assert paged(world) == ["Dr Bose"]  # that very answer


def test_a_code_with_a_gap_is_handed_back_too(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    code = world.alert("Bea").code
    world.text("Dr Bose", f"back {code[0]} {code[1:]}")
    assert world.alert("Bea").status == "open"


# --- as people type at 4 a.m. ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "akc {code}",
        "ACK {gap}",
        "ACK{code}",
        "ack {code} calling her",
        "ack {code} she is fine now",
    ],
)
def test_a_badly_typed_ack_takes_the_alert_and_closes_nothing(world, said):
    two_open(world)
    code = world.alert("Bea").code
    world.text("Dr Bose", said.format(code=code, gap=f"{code[0]} {code[1:]}"))
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")
    assert world.alert("Bea").status == "acknowledged"
    assert world.alert("Ann").status == "open"
    assert world.to("Dr Bose")[-1] == "ack_done"


def test_two_codes_take_both_and_each_is_answered(world):
    first, second = two_open(world)
    world.text("Dr Bose", f"ack {first} {second}")
    assert {alert.acknowledged_by for alert in all_alerts(world)} == {staff_id(world, "Dr Bose")}
    assert world.to("Dr Bose")[-2:] == ["ack_done", "ack_done"]
    told = " ".join(world.words_to("Dr Bose")[-2:])
    assert first in told
    assert second in told


def test_of_two_codes_the_wrong_one_is_said_to_be_wrong(world):
    world.text("Bea", "want to die")
    right = world.alert("Bea").code
    wrong = "Z8"
    world.text("Dr Bose", f"ack {right} {wrong}")
    assert world.to("Dr Bose")[-2:] == ["ack_done", "ack_unknown_code"]
    assert last_to(world, "Dr Bose").startswith("Not taken. No open alert has the code Z8.")


@pytest.mark.parametrize(
    "said", ["on it", "ok", "got it", "ack", "ack {code}?", "ack {code} no", "ack Z9", "CALL", "?!"]
)
def test_whatever_took_nothing_begins_by_saying_so(world, said):
    two_open(world)
    world.text("Dr Bose", said.format(code=world.alert("Bea").code))
    assert {alert.status for alert in all_alerts(world)} == {"open"}
    if said != "?!":  # that asks for help, and gets it
        assert last_to(world, "Dr Bose").startswith("Not taken.")


def test_who_was_slower_hears_first_that_it_is_not_his(world):
    world.text("Bea", "want to die")
    code = world.alert("Bea").code
    world.text("Dr Bose", f"ack {code}")
    world.text("Dr Ruiz", f"ack {code} calling her")
    assert last_to(world, "Dr Ruiz").startswith("Not taken by you.")
    world.text("Dr Bose", f"ack {code}")
    assert world.to("Dr Bose")[-1] == "ack_done"


def test_an_ack_with_words_of_danger_takes_nothing_says_so_and_is_heard(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", f"ack {world.alert('Bea').code} i want to die")
    assert world.alert("Bea").status == "open"
    assert world.alert("Dr Bose").level == "urgent"
    assert {"crisis_staff", "staff_unknown_open"} <= set(world.to("Dr Bose"))


@pytest.mark.parametrize("name", ["Dr Bose", "Sam"])
def test_call_is_answered_with_what_works(world, name):
    world.text(name, "Call")
    assert world.to(name) == ["staff_call"]
    assert "On call now: Dr Bose" in last_to(world, name)


def test_a_list_that_was_cut_says_so(world):
    ten = [replace(one, code=f"K{n}", level="urgent") for n, one in enumerate([_Named()] * 10)]
    assert meant_alerts.codes(ten).endswith("K7 urgent (8 of 10)")
    assert "of" not in meant_alerts.codes(ten[:8])


@dataclass(frozen=True)
class _Named:
    code: str = "K2"
    level: str = "urgent"
