"""What the clinic's numbers promise, also on the nights when the clocks change."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import yaml_files
from bot.content.protocol import Protocol, load_protocol, say_by, say_when
from bot.core.languages import Language
from bot.core.levels import Level
from bot.errors import ConfigError

DATA = Path(__file__).parents[2] / "data"
DEMO = DATA / "protocol" / "demo.yml"
NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
EN, ES = Language.ENGLISH, Language.SPANISH
PROTOCOL = load_protocol(DEMO)


def at(wall_clock: str, zone: ZoneInfo = NEW_YORK, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall_clock).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Protocol:
    content = DEMO.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in content
        content = content.replace(before, after)
    path = tmp_path / "clinic.yml"
    path.write_text(content, encoding="utf-8")
    return load_protocol(path)


@pytest.mark.parametrize(
    ("now", "promised", "english", "spanish"),
    [
        # 2026-01-04 is a Sunday.
        ("2026-01-04 23:40", "2026-01-05 11:00", "by Mon 11 am", "antes del lunes a las 11 am"),
        ("2026-01-05 00:10", "2026-01-05 11:00", "by 11 am", "antes de las 11 am"),
        ("2026-01-05 09:00", "2026-01-05 11:00", "by 11 am", "antes de las 11 am"),
        ("2026-01-05 09:17", "2026-01-05 11:30", "by 11:30 am", "antes de las 11:30 am"),
        ("2026-01-05 10:50", "2026-01-05 13:00", "by 1 pm", "antes de la 1 pm"),
        ("2026-01-05 16:10", "2026-01-05 17:00", "by 5 pm", "antes de las 5 pm"),
        ("2026-01-05 16:45", "2026-01-05 17:00", "by 5 pm", "antes de las 5 pm"),
        ("2026-01-05 16:46", "2026-01-06 11:00", "by Tue 11 am", "antes del martes a las 11 am"),
        ("2026-01-05 17:00", "2026-01-06 11:00", "by Tue 11 am", "antes del martes a las 11 am"),
        ("2026-01-09 20:00", "2026-01-12 11:00", "by Mon 11 am", "antes del lunes a las 11 am"),
        # Thanksgiving is closed.
        ("2026-11-25 18:00", "2026-11-27 11:00", "by Fri 11 am", "antes del viernes a las 11 am"),
    ],
)
def test_a_promise_is_kept_by_staffed_hours(now, promised, english, spanish):
    moment = PROTOCOL.promise_time(at(now))

    assert moment == at(promised)
    assert say_by(moment, now=at(now), zone=NEW_YORK, language=EN) == english
    assert say_by(moment, now=at(now), zone=NEW_YORK, language=ES) == spanish


@pytest.mark.parametrize(
    ("now", "promised"),
    [
        ("2026-03-07 23:30", "2026-03-09 11:00"),  # the night before clocks go forward
        ("2026-03-08 03:30", "2026-03-09 11:00"),
        ("2026-10-31 23:30", "2026-11-02 11:00"),  # the night before clocks go back
        ("2026-11-01 01:30", "2026-11-02 11:00"),
    ],
)
def test_eleven_is_eleven_on_the_wall_when_the_clocks_change(now, promised):
    for fold in (0, 1):
        assert PROTOCOL.promise_time(at(now, fold=fold)) == at(promised)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-08 00:30", "by 3:30 am"),  # two hours later the wall says half past three
        ("2026-11-01 00:30", "by 1:30 am"),  # and here half past one, the second time
    ],
)
def test_two_hours_are_two_hours_when_a_night_shift_sees_the_clocks_change(tmp_path, now, said):
    nights = changed(tmp_path, ("sunday: []", 'sunday: ["00:00-08:00"]'))

    moment = nights.promise_time(at(now))
    assert moment - at(now) == timedelta(hours=2)
    assert say_by(moment, now=at(now), zone=NEW_YORK, language=EN) == said


def test_an_opening_in_the_hour_that_does_not_exist_is_still_promised(tmp_path):
    nights = changed(tmp_path, ("sunday: []", 'sunday: ["02:30-08:00"]'))

    assert nights.promise_time(at("2026-03-08 01:00")) == at("2026-03-08 05:30")


def test_the_promise_is_said_in_her_own_zone():
    now = at("2026-01-05 09:17")

    assert PROTOCOL.values(now=now, zone=CHICAGO, language=EN)["time"] == "by 10:30 am"


def test_the_day_is_said_when_it_is_another_day_where_she_is(tmp_path):
    late = changed(tmp_path, ('monday: ["09:00-17:00"]', 'monday: ["22:00-23:59"]'))
    now = at("2026-01-05 22:00")

    assert late.values(now=now, zone=ZoneInfo("America/Halifax"), language=EN)["time"] == (
        "by Tue 12:59 am"
    )


def test_a_closing_in_the_middle_of_the_day_ends_a_promise(tmp_path):
    lunch = changed(tmp_path, ('monday: ["09:00-17:00"]', 'monday: ["13:00-17:00", "09:00-12:00"]'))

    assert lunch.promise_time(at("2026-01-05 11:00")) == at("2026-01-05 12:00")
    assert lunch.promise_time(at("2026-01-05 11:55")) == at("2026-01-05 15:00")


@given(st.integers(min_value=0, max_value=353 * 24 * 60 * 60))
def test_every_promise_is_later_than_now_and_falls_in_staffed_hours(seconds):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    moment = PROTOCOL.promise_time(now)
    local = moment.astimezone(NEW_YORK)

    assert moment > now
    assert local.weekday() < 5
    assert "09:00" < f"{local:%H:%M}" <= "17:00"
    assert f"{local:%Y-%m-%d}" not in {str(day) for day in PROTOCOL.staffed_hours.closed_on}
    for language in Language:
        said = say_by(moment, now=now, zone=NEW_YORK, language=language)
        assert not re.search(r"today|tomorrow|hoy|mañana|[áíóú]", said)


def test_a_far_moment_is_said_with_its_date():
    now, moment = at("2026-01-05 12:00"), at("2026-01-14 11:00")

    assert say_by(moment, now=now, zone=NEW_YORK, language=EN) == "by Wed Jan 14, 11 am"
    assert (
        say_by(moment, now=now, zone=NEW_YORK, language=ES) == "antes del 14 de enero a las 11 am"
    )


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        ("2026-03-10 14:00", "Tue Mar 10 at 2 pm", "el martes 10 de marzo a las 2 pm"),
        ("2026-03-11 09:30", "Wed Mar 11 at 9:30 am", "el miércoles 11 de marzo a las 9:30 am"),
        # "sábado" would double the cost of a text, so the date stands alone.
        ("2026-03-14 13:00", "Sat Mar 14 at 1 pm", "el 14 de marzo a la 1 pm"),
    ],
)
def test_a_session_is_said_with_day_date_and_hour(moment, english, spanish):
    assert say_when(at(moment), zone=NEW_YORK, language=EN) == english
    assert say_when(at(moment), zone=NEW_YORK, language=ES) == spanish


def test_the_standing_values_name_the_practice_in_her_language():
    now = at("2026-01-05 09:00")
    english = PROTOCOL.values(now=now, zone=NEW_YORK, language=EN)
    spanish = PROTOCOL.values(now=now, zone=NEW_YORK, language=ES, clinician="Dr Bose")

    assert english["practice"] == "Dr Lund's office"
    assert english["practice_phone"] == "202-555-0100"
    assert english["clinician"] == "Dr Lund"
    assert spanish["clinician"] == "Dr Bose"
    assert spanish["practice"] == "Consultorio Lund"


def test_the_flows_around_a_session_stay_off_until_every_number_is_signed(tmp_path):
    assert not PROTOCOL.session_flow_signed
    all_set = ("value: null", "value: 1"), ("approver: null", "approver: Dr Lund")

    assert changed(tmp_path, *all_set).session_flow_signed
    assert not changed(tmp_path, all_set[0]).session_flow_signed
    assert not changed(tmp_path, all_set[1]).session_flow_signed


def test_production_refuses_the_demo_and_takes_a_signed_protocol(tmp_path):
    PROTOCOL.approved(production=False)
    with pytest.raises(ConfigError, match="protocol demo: these parts are the demo's: practice"):
        PROTOCOL.approved(production=True)
    changed(tmp_path, ("approver: demo", "approver: Dr Lund")).approved(production=True)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("America/New_York", "Florida", r"clinic\.yml:\d+: staffed_hours\.zone: .*time zone"),
        ('friday: ["09:00-17:00"]', 'friday: ["17:00-09:00"]', r"clinic\.yml:\d+: staffed_hours"),
        ("    sunday: []\n", "", r"clinic\.yml:\d+: staffed_hours: .*every day"),
        ('["09:00-17:00"]', "[]", r"clinic\.yml:\d+: staffed_hours: .*no day is staffed"),
        ('"+12025550100"', '"202-555-0100"', r"clinic\.yml:\d+: practice\.phone"),
        (', es: "Consultorio Lund"', "", r"clinic\.yml:\d+: practice: .*each language"),
        ("phq2_cut_off: 3", "phq2_cut_off: 9", r"clinic\.yml:\d+: check_ins\.phq2_cut_off"),
        ("needs_minutes", "need_minutes", r"clinic\.yml:\d+: call_back"),
    ],
)
def test_a_protocol_is_refused_with_place_and_cure_when_it_is_wrong(
    tmp_path, before, after, complaint
):
    with pytest.raises(ConfigError, match=complaint):
        changed(tmp_path, (before, after))


def test_a_promise_is_refused_when_nobody_is_there_for_months(tmp_path):
    always = '"2026-11-26"'
    days = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(90))
    closed = changed(tmp_path, (always, ", ".join(f'"{day:%Y-%m-%d}"' for day in days)))

    with pytest.raises(ConfigError, match="nobody is there for 60 days"):
        closed.promise_time(at("2026-01-05 09:00"))


def test_she_is_told_of_silence_when_the_escalation_policy_says_so():
    for level, minutes in PROTOCOL.safety.unacknowledged_minutes.items():
        policy = yaml_files.read(DATA / "escalation" / f"{level}.yml")
        assert policy["tell_patient_after_minutes"] == minutes
    assert set(PROTOCOL.safety.unacknowledged_minutes) == {Level.EMERGENCY, Level.URGENT}
