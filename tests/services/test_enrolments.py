"""How she is invited, what she agrees to, and that every word of it is on record."""

from datetime import timedelta

import pytest

from bot.conversations import cast
from bot.core.enrolments import EnrolmentStatus
from bot.core.languages import Language
from bot.core.messages import OptOutType
from bot.services import enrolments
from bot.storage import people
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import (
    administrations,
    audited,
    consents,
    conversation_of,
    enrolment_of,
    open_instrument,
    pass_time,
    patient_of,
)
from tests.world import SUNDAY_2340, World

pytestmark = SQLITE_ONLY


@pytest.fixture
def invited(world):
    """Eva has just got her first text."""
    cast.invite_eva(world.clinic, now=world.now)
    world.settle()
    return world


def kinds(world, name: str) -> list[str]:
    return [record.kind for record in consents(world, name)]


def test_the_first_text_goes_by_day_and_its_version_is_on_record(invited):
    assert invited.to("Eva") == ["invite"]
    record = consents(invited, "Eva")[0]
    version = invited.clinic.texts.get("invite", Language.ENGLISH).version
    assert (record.kind, record.source) == ("invited", "staff")
    assert (record.text_id, record.text_version, record.at) == ("invite", version, invited.now)


def test_nobody_is_invited_at_night(clinic):
    world = World(clinic, now=SUNDAY_2340)
    cast.invite_eva(clinic, now=world.now)
    world.settle()
    assert world.to("Eva") == []


@pytest.mark.parametrize("words", ["1", "1.", "1 start", " 1 "])
def test_one_starts_and_she_is_told_the_risks(invited, words):
    invited.text("Eva", words)
    assert invited.to("Eva")[1:] == ["invite_emergency", "invite_privacy"]
    assert enrolment_of(invited, "Eva").status == "active"
    started, risk = consents(invited, "Eva")[1:]
    assert (started.kind, started.source, started.text_id) == ("started", "sms", "invite")
    assert (risk.kind, risk.text_id) == ("channel_risk", "invite_privacy")
    assert started.inbound_id is not None
    assert started.text_version is not None
    assert risk.text_version is not None
    assert "988" in invited.words_to("Eva")[1]


@pytest.mark.parametrize("opt_out", [None, OptOutType.START])
def test_the_word_start_is_her_yes_and_she_is_told_the_risks(invited, opt_out):
    invited.text("Eva", "START", opt_out=opt_out)
    assert kinds(invited, "Eva") == ["invited", "started", "channel_risk"]
    assert conversation_of(invited, "Eva").question == "privacy"


def test_a_carriers_yes_starts_nothing(invited):
    invited.text("Eva", "YES", opt_out=OptOutType.START)
    assert enrolment_of(invited, "Eva").status == "invited"
    assert kinds(invited, "Eva") == ["invited"]
    assert invited.to("Eva")[-1] == "consent_yes"
    assert "To start, reply 1" in invited.words_to("Eva")[-1]


@pytest.mark.parametrize("words", ["yes", "yes please", "ok sure", "YES!!"])
def test_a_yes_is_told_how_to_start_though_something_was_asked_again_before(invited, words):
    invited.text("Eva", "no idea")
    invited.text("Eva", words)
    assert invited.to("Eva")[1:] == ["consent_again", "consent_yes"]


@pytest.mark.parametrize("words", ["si pero en español porfa", "sí", "yes but in spanish please"])
def test_who_answers_in_spanish_is_answered_in_it_from_now_on(invited, words):
    invited.text("Eva", words)
    assert "Para empezar responda 1" in invited.words_to("Eva")[-1]
    assert patient_of(invited, "Eva").language == "es"
    assert audited(invited, "set_language")[-1].details == {"to": "es"}
    invited.text("Eva", "1")
    assert [row.language for row in invited.rows_to("Eva")][-1] == "es"


@pytest.mark.parametrize(
    "words", ["1 en español", "1, pero en español por favor", "1 spanish", "yes 1"]
)
def test_a_choice_with_a_language_is_a_choice(invited, words):
    invited.text("Eva", words)
    assert enrolment_of(invited, "Eva").status == "active"
    assert patient_of(invited, "Eva").language == ("en" if words == "yes 1" else "es")


@pytest.mark.parametrize("words", ["who is this", "ok who is this", "no idea", "hola"])
def test_her_language_stays_where_nothing_says_another(invited, words):
    invited.text("Eva", words)
    assert patient_of(invited, "Eva").language == "en"
    assert invited.to("Eva")[-1] in ("consent_who", "consent_again")


def test_two_declines_and_a_person_hears_of_it(invited):
    invited.text("Eva", "2 no texts")
    assert enrolment_of(invited, "Eva").status == "ended"
    assert kinds(invited, "Eva") == ["invited", "declined"]
    assert invited.to("Eva")[-1] == "consent_declined"
    assert invited.support_kinds() == ["call_back"]


def test_three_asks_for_a_call_and_she_may_still_start(invited):
    invited.text("Eva", "3")
    assert enrolment_of(invited, "Eva").status == "invited"
    assert invited.support_kinds() == ["call_back"]
    invited.text("Eva", "1")
    assert enrolment_of(invited, "Eva").status == "active"


def test_anything_else_is_asked_again_once_an_hour_and_never_reaches_the_dialogue(invited):
    for words in ("no idea", "not sure", "umm"):
        invited.text("Eva", words)
    assert invited.to("Eva") == ["invite", "consent_again"]
    assert invited.dialogue.heard == []
    pass_time(invited, hours=1)
    invited.text("Eva", "hm")
    assert invited.to("Eva").count("consent_again") == 2


def test_danger_before_consent_is_danger(invited):
    invited.text("Eva", "1 but i want to die")
    assert invited.to("Eva")[-1] == "crisis_suicide"
    assert invited.to("Dr Bose") == ["page_alert"]


def test_stop_before_consent_ends_it(invited):
    invited.text("Eva", "STOP")
    assert enrolment_of(invited, "Eva").status == "ended"
    assert invited.alert("Eva") is None


@pytest.mark.parametrize(
    ("words", "route"), [("1", "link"), ("2 phone", "phone"), ("3 text", "text")]
)
def test_she_chooses_how_private_questions_come(invited, words, route):
    invited.dialogue.down = True
    invited.text("Eva", "1")
    invited.text("Eva", words)
    assert enrolment_of(invited, "Eva").question_route == route
    assert kinds(invited, "Eva")[-1] == f"questions_by_{route}"
    assert invited.to("Eva")[-1] == "invite_when"


def test_the_whole_welcome_ends_with_the_first_mood_question_with_rasa_down(invited):
    invited.dialogue.down = True
    for words in ("1", "3", "after ten, nothing about my husband"):
        invited.text("Eva", words)
    assert sorted(invited.to("Eva")[-2:]) == ["utter_item", "welcome_done"]
    assert invited.support_kinds() == ["preferences"]
    assert conversation_of(invited, "Eva").question == "item"


def test_an_unclear_choice_is_left_open(invited):
    invited.dialogue.down = True
    invited.text("Eva", "1")
    invited.text("Eva", "hm what do you mean")
    assert conversation_of(invited, "Eva").question == "privacy"
    assert enrolment_of(invited, "Eva").question_route is None


def test_she_cannot_be_enrolled_in_a_zone_that_does_not_exist(world):
    new = enrolments.NewPatient("Eva", cast.MOTHERS["Eva"].number, Language.ENGLISH, "Mars/Base")
    with pytest.raises(KeyError):
        enrolments.invite(world.clinic, new, by="staff:x", now=world.now)
    with world.clinic.db.reading() as db:
        assert people.find_patient(db, people.index_of(db, new.phone)) is None


def test_stop_and_start_and_stop_are_three_records(world):
    for words in ("STOP", "START", "STOP"):
        world.text("Ann", words)
    assert kinds(world, "Ann")[-3:] == ["stopped", "restarted", "stopped"]
    assert enrolment_of(world, "Ann").status == EnrolmentStatus.ENDED


def test_a_record_of_consent_is_never_changed(world):
    before = [(record.id, record.at) for record in consents(world, "Ann")]
    pass_time(world, days=1)
    world.text("Ann", "STOP")
    assert [(record.id, record.at) for record in consents(world, "Ann")][: len(before)] == before


def test_stop_closes_the_open_question_and_the_check_in(world):
    open_instrument(world, "Ann", "phq2")
    world.text("Ann", "STOP")
    assert conversation_of(world, "Ann").question is None
    assert administrations(world, "Ann")[0].status == "abandoned"


def test_loss_is_no_opt_out_and_screening_goes_on(world):
    world.text("Ann", "we lost her")
    assert enrolment_of(world, "Ann").status == "active"
    world.text("Ann", "want to die")
    assert world.to("Ann")[-1] == "crisis_suicide"
    assert "baby" not in world.words_to("Ann")[-1]


def test_loss_keeps_the_day_on_which_it_was_first_known(world):
    first = patient_of(world, "Dee").loss_at
    world.text("Dee", "we lost her")
    assert patient_of(world, "Dee").loss_at == first == world.now - timedelta(days=30)


def test_a_mistaken_two_at_the_invitation_can_be_taken_back_with_one(world):
    cast.invite_eva(world.clinic, now=world.now)
    world.settle()
    world.text("Eva", "2")
    world.text("Eva", "1")
    assert "invite_privacy" in world.to("Eva")
