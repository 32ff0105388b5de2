"""What the dialogue may ask of the clinic: each verb told twice has one effect and one answer."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.conversations import cast
from bot.core.languages import Language
from bot.errors import NotFound
from bot.services import turns
from bot.services.turns import Turn
from bot.storage.tables import (
    Alert,
    AlertSignal,
    ConsentRecord,
    ItemResponse,
    OutboundMessage,
    SupportItem,
)
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import (
    all_alerts,
    appointment,
    conversation_of,
    enrolment_of,
    open_instrument,
    patient_of,
    schedule,
)
from tests.world import SUNDAY_2340, World

pytestmark = SQLITE_ONLY

# Rows that a second telling must not add to.
COUNTED = (Alert, AlertSignal, ConsentRecord, ItemResponse, OutboundMessage, SupportItem)


def turn(world, words: str = "hello", *, name: str = "Ann", intent: str = "", inbound: str = ""):
    """Her words as the dialogue brings them."""
    key = conversation_of(world, name).key
    return Turn(key, inbound or world.text(name, words, settle=False), words, intent)


def run(world, verb: str, told: Turn):
    return turns.run(world.clinic, verb, told, now=world.now)


def said(result) -> list[str]:
    return [reply.text_id for reply in result.replies]


def counts(world) -> list[int]:
    with world.clinic.db.reading() as db:
        return [db.scalar(select(func.count()).select_from(table)) or 0 for table in COUNTED]


@pytest.mark.parametrize(
    ("verb", "intent"),
    [
        *((verb, "") for verb in sorted(turns._VERBS)),
        ("screen", "crisis_suicide"),
        ("report", "report_loss"),
        ("report", "complaint"),
    ],
)
def test_every_verb_told_twice_answers_the_same_and_acts_once(world, verb, intent):
    schedule(world, "Ann", world.now + timedelta(days=2))
    open_instrument(world, "Ann", "phq2")
    told = turn(world, "1", intent=intent)
    first = run(world, verb, told)
    after_first = counts(world)
    world.clock.time += timedelta(seconds=40)
    second = run(world, verb, told)
    assert counts(world) == after_first
    assert asdict(second) == asdict(first) or verb in turns._LOOKING


def test_a_verb_that_does_not_exist_is_refused(world):
    with pytest.raises(NotFound):
        run(world, "delete_everything", turn(world))


def test_every_reply_of_every_verb_is_in_the_catalogue(world):
    for verb in turns._VERBS:
        for reply in run(world, verb, turn(world, "2", intent="request_spanish")).replies:
            patient = patient_of(world, "Ann")
            blanks = {"practice": "p", "practice_phone": "f", "clinician": "c", **reply.values}
            assert world.clinic.texts.render(reply.text_id, Language(patient.language), blanks).body


def test_a_retry_after_a_time_out_does_not_answer_the_next_item(world):
    open_instrument(world, "Ann", "phq2")
    told = turn(world, "1")
    run(world, "answer_question", told)
    run(world, "answer_question", told)
    with world.clinic.db.reading() as db:
        assert [row.item for row in db.scalars(select(ItemResponse))] == [1]


def test_words_that_are_no_answer_are_left_to_other_rules(world):
    open_instrument(world, "Ann", "phq2")
    result = run(world, "answer_question", turn(world, "can i drive after the medicine"))
    assert (result.handled, result.question_open) == (False, True)


def test_nothing_is_asked_when_no_question_is_open(world):
    assert run(world, "ask_question", turn(world)).replies == ()
    assert run(world, "answer_question", turn(world)).handled is False


def test_restore_tells_the_language_and_whether_a_question_waits(world):
    assert run(world, "restore", turn(world, name="Luz")).language == Language.SPANISH
    open_instrument(world, "Ann", "phq2")
    assert run(world, "restore", turn(world)).question_open is True


def test_the_open_item_is_asked_again_when_the_dialogue_forgot_it(world):
    open_instrument(world, "Ann", "phq2")
    result = run(world, "ask_question", turn(world))
    assert said(result) == ["utter_item"]
    assert result.replies[0].item == 1


def test_she_may_start_a_check_in_herself_and_gets_the_open_one_if_there_is_one(world):
    run(world, "start_check_in", turn(world, "check in"))
    world.worker.settle()
    assert "utter_item" in world.to("Ann")
    assert said(run(world, "start_check_in", turn(world, "check in"))) == ["utter_item"]


def test_the_models_suspicion_alone_raises_an_alert_and_asks(world):
    result = run(world, "screen", turn(world, "everything is grey", intent="crisis_suicide"))
    assert said(result) == ["crisis_ask"]
    assert world.alert("Ann").level == "same-day"
    assert world.alert("Ann").answer_due_at == world.now + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("intent", "reply", "level"),
    [
        ("crisis_overdose", "crisis_overdose", "emergency"),
        ("crisis_infant", "crisis_infant", "emergency"),
        ("crisis_violence", "crisis_violence", "same-day"),
        # Nothing about the baby is ever asked in writing.
        ("crisis_harm_baby", "crisis_intrusive", "same-day"),
        ("crisis_psychosis", "crisis_ask", "same-day"),
    ],
)
def test_each_suspicion_has_its_own_words_and_level(world, intent, reply, level):
    assert said(run(world, "screen", turn(world, "words", intent=intent))) == [reply]
    assert world.alert("Ann").level == level


@pytest.mark.parametrize(
    ("intent", "reply"),
    [("crisis_overdose", "crisis_body"), ("crisis_infant", "crisis_infant")],
)
def test_where_minutes_count_an_unsure_suspicion_pages_as_its_text_says(world, intent, reply):
    unsure = Turn(conversation_of(world, "Ann").key, None, "words", intent, confidence=0.6)
    assert said(run(world, "screen", unsure)) == [reply]
    assert "alerting your care team" in world.clinic.texts.get(reply, "en").text
    assert world.alert("Ann").level == "urgent"
    world.worker.settle()
    assert world.to("Dr Bose") != []


def test_a_guess_at_danger_is_asked_about_and_read_in_the_morning(world):
    guess = Turn(conversation_of(world, "Ann").key, None, "words", "crisis_suicide", confidence=0.3)
    assert said(run(world, "screen", guess)) == ["utter_not_understood_once"]
    assert world.alert("Ann").level == "watch"
    assert world.to("Dr Bose") == []


def test_good_to_hear_is_never_said_on_a_guess(world):
    guess = Turn(conversation_of(world, "Ann").key, None, "words", "report_good", confidence=0.4)
    assert said(run(world, "report", guess)) == ["utter_not_understood_once"]


def test_a_suspicion_lowers_nothing(world):
    world.text("Ann", "took all the pills")
    run(world, "screen", turn(world, "words", intent="crisis_suicide"))
    assert world.alert("Ann").level == "emergency"


def test_screening_of_harmless_words_offers_safety_and_raises_nothing(world):
    assert said(run(world, "screen", turn(world, "is this private"))) == ["utter_safety"]
    assert world.alert("Ann") is None


def test_not_understood_once_offers_choices_and_twice_calls_a_person(world):
    assert said(run(world, "not_understood", turn(world))) == ["utter_not_understood_once"]
    assert said(run(world, "not_understood", turn(world))) == ["utter_not_understood_twice"]
    assert world.support_kinds() == ["not_understood"]


def test_being_understood_in_between_starts_the_count_again(world):
    run(world, "not_understood", turn(world))
    run(world, "request_call", turn(world))
    assert said(run(world, "not_understood", turn(world))) == ["utter_not_understood_once"]


def test_a_call_is_promised_for_when_somebody_is_there(clinic):
    world = World(clinic, now=SUNDAY_2340)
    result = run(world, "request_call", turn(world))
    assert said(result) == ["utter_call_requested_off_hours"]
    assert result.replies[0].values["time"] == "by Mon 11 am"
    assert world.support_kinds() == ["call_back"]


def test_a_call_by_day_is_promised_within_two_hours(world):
    result = run(world, "request_call", turn(world))
    assert said(result) == ["utter_call_requested"]
    assert result.replies[0].values["time"] == "by 12 pm"


def test_a_move_is_a_wish_and_confirming_afterwards_does_not_hide_it(world):
    appointment_id = schedule(world, "Ann", world.now + timedelta(days=2))
    assert said(run(world, "request_move", turn(world))) == ["utter_move_requested"]
    assert said(run(world, "confirm_session", turn(world))) == ["utter_move_requested"]
    assert appointment(world, appointment_id).status == "move_requested"


def test_a_move_without_a_session_still_reaches_a_person(world):
    assert said(run(world, "request_move", turn(world))) == ["utter_move_requested"]
    assert world.support_kinds() == ["move_session"]


def test_next_session_and_confirmation(world):
    assert said(run(world, "next_session", turn(world))) == ["utter_no_session"]
    assert said(run(world, "confirm_session", turn(world))) == ["utter_nothing_to_confirm"]
    appointment_id = schedule(world, "Ann", world.now + timedelta(days=2))
    result = run(world, "next_session", turn(world))
    assert result.replies[0].values["when"] == "Wed Jan 7 at 10 am"
    assert said(run(world, "confirm_session", turn(world))) == ["utter_session_confirmed"]
    assert appointment(world, appointment_id).status == "confirmed"


STOPPING = [
    ("stop_texts", "i would rather not hear from you"),
    ("forget", "get rid of all i told you, nothing of mine should stay"),
]


@pytest.mark.parametrize(("verb", "words"), STOPPING)
def test_stopping_in_her_own_words_reaches_her_clinician_the_same_day(world, verb, words):
    run(world, verb, turn(world, words))
    assert (world.alert("Ann").level, world.alert("Ann").category) == ("same-day", "opt_out")
    assert enrolment_of(world, "Ann").status == "ended"


@pytest.mark.parametrize(("verb", "words"), STOPPING)
def test_stopping_soon_after_an_alert_pages(clinic, verb, words):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Ann", "we lost her")
    run(world, verb, turn(world, words))
    assert world.alert("Ann").level == "urgent"


def test_start_texts_takes_her_back(world):
    run(world, "start_texts", turn(world, name="Cat"))
    assert enrolment_of(world, "Cat").status == "active"


@pytest.mark.parametrize(
    ("intent", "language"), [("request_spanish", "es"), ("request_english", "en")]
)
def test_she_changes_the_language(world, intent, language):
    result = run(world, "set_language", turn(world, intent=intent))
    assert result.language == language
    assert patient_of(world, "Ann").language == language


@pytest.mark.parametrize(
    ("words", "intent", "language"),
    [
        ("i dont speak english", "request_english", "es"),
        ("no hablo nada de inglés", "request_english", "es"),
        ("my english is bad", "request_english", "es"),
        ("no entiendo español", "request_spanish", "en"),
        ("cant read spanish", "request_spanish", "en"),
        ("no spanish but english please", "request_english", "en"),
        ("english please", "request_english", "en"),
        ("no, english please", "request_english", "en"),
        ("no in english please", "request_english", "en"),
        ("why are my texts not in english", "request_english", "en"),
        ("i dont want spanish, english", "request_english", "en"),
        ("no ingles", "request_english", "es"),
        ("i can’t read English well", "request_english", "es"),
        ("en español", "request_spanish", "es"),
    ],
)
def test_the_language_that_she_does_not_speak_is_not_the_one_she_wants(
    world, words, intent, language
):
    run(world, "set_language", turn(world, words, intent=intent))
    assert patient_of(world, "Ann").language == language


@pytest.mark.parametrize(
    "words",
    ["not doing well today", "hoy amanecí muy mal", "crying again", "it won’t get any better"],
)
def test_a_bad_day_taken_for_a_good_one_is_seen_by_a_person(world, words):
    result = run(world, "report", turn(world, words, intent="report_good"))
    assert said(result) == ["utter_report_good"]
    assert world.alert("Ann").level == "watch"


def test_a_good_day_raises_nothing(world):
    run(world, "report", turn(world, "had a nice day with the baby", intent="report_good"))
    assert world.alert("Ann") is None


@pytest.mark.parametrize(
    ("intent", "level"),
    [
        ("report_low", "watch"),
        ("report_side_effect", "same-day"),
        ("report_medicine_problem", "same-day"),
        ("report_loss", "same-day"),
        ("report_pain_or_bleeding", "emergency"),
    ],
)
def test_a_report_reaches_a_person_at_its_level(world, intent, level):
    run(world, "report", turn(world, "words", intent=intent))
    assert world.alert("Ann").level == level


def test_a_loss_that_only_the_model_saw_silences_baby_texts(world):
    run(world, "report", turn(world, "words", intent="report_loss"))
    assert patient_of(world, "Ann").loss_at == world.now


def test_an_emergency_report_hands_her_to_people(world):
    run(world, "report", turn(world, "words", intent="report_pain_or_bleeding"))
    assert conversation_of(world, "Ann").mode == "human"


def test_a_good_report_alerts_nobody_and_an_unknown_one_is_not_understood(world):
    assert said(run(world, "report", turn(world, intent="report_good"))) == ["utter_report_good"]
    assert said(run(world, "report", turn(world, intent="report_else"))) == [
        "utter_not_understood_once"
    ]
    assert all_alerts(world) == []


def test_a_complaint_reaches_a_person(world):
    run(world, "report", turn(world, intent="complaint"))
    assert world.support_kinds() == ["complaint"]


def test_danger_in_rasas_own_shell_is_escalated(world):
    shell = Turn("default", None, "i want to die", "")
    assert said(run(world, "screen", shell)) == ["utter_safety"]
    assert all_alerts(world)[0].level == "urgent"
    assert all_alerts(world)[0].patient_id is None


def test_the_models_suspicion_in_the_shell_is_escalated(world):
    run(world, "not_understood", Turn("default", None, "words", "crisis_overdose"))
    assert all_alerts(world)[0].level == "emergency"


def test_no_verb_writes_anything_about_anybody_from_the_shell(world):
    before = counts(world)
    for verb in turns._VERBS:
        run(world, verb, Turn("default", None, "hello", ""))
    assert counts(world) == before


def test_eva_who_has_not_agreed_is_never_brought_to_the_dialogue(world):
    cast.invite_eva(world.clinic, now=world.now)
    world.text("Eva", "hello")
    assert world.dialogue.heard == []


# --- whose death ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["my dog died", "my mom died 3 years ago", "se murió mi abuela"])
def test_grief_for_another_is_answered_and_is_no_loss(world, words):
    told = turn(world, words, name="Bea", intent="report_loss")
    assert said(run(world, "report", told)) == ["utter_grief"]
    assert patient_of(world, "Bea").loss_at is None
    assert (world.alert("Bea").level, world.alert("Bea").category) == ("watch", "distress")


def test_a_babys_death_stays_a_loss_whoever_else_is_named(world):
    told = turn(world, "my mom held him when he died", name="Bea", intent="report_loss")
    assert said(run(world, "report", told)) == ["utter_loss"]
    assert patient_of(world, "Bea").loss_at is not None
