"""Every text is stored, screened and answered at once, whoever sent it and however it came."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.core.alerts import Disposition, Verdict
from bot.core.messages import OptOutType
from bot.errors import ProviderUnavailable
from bot.services import appointments, check_ins, closing
from bot.storage import care, people
from bot.storage.tables import Alert, ConsentRecord, InboundMessage, OutboundMessage, SupportItem
from tests.engines import SQLITE_ONLY
from tests.world import SUNDAY_2340, World, number_of

pytestmark = SQLITE_ONLY


def count(world, table) -> int:
    with world.clinic.db.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def everything(world) -> tuple[int, ...]:
    return tuple(count(world, table) for table in (InboundMessage, Alert, OutboundMessage))


def mode(world, name: str) -> tuple[str, str | None]:
    with world.clinic.db.reading() as db:
        patient = people.find_patient(db, people.index_of(db, number_of(name)))
        conversation = care.conversation_of(db, patient.id)
        return conversation.mode, conversation.question


def test_the_same_text_delivered_twice_changes_nothing(world):
    first = world.text("Bea", "want to die", provider_id="SM1")
    before = everything(world)
    assert world.text("Bea", "want to die", provider_id="SM1") == first
    assert everything(world) == before


def test_the_same_words_in_another_text_are_another_text(world):
    assert world.text("Ann", "hi", provider_id="SM1") != world.text("Ann", "hi", provider_id="SM2")


def test_her_texts_are_answered_in_the_order_in_which_she_sent_them(world):
    for words in ("one", "two", "three"):
        world.text("Ann", words, settle=False)
    world.settle()
    assert world.dialogue.heard == ["one", "two", "three"]


def test_words_in_two_texts_are_read_together(world):
    world.text("Bea", "i want to")
    world.text("Bea", "die")
    assert world.alert("Bea").category == "suicide"


def test_words_of_an_hour_ago_are_not_read_together(world):
    world.text("Bea", "i want to")
    world.clock.time += timedelta(hours=1)
    world.text("Bea", "die laughing")
    assert world.alert("Bea") is None


# --- danger ---------------------------------------------------------------------------------


def test_danger_pages_and_answers_with_rasa_down(world):
    world.dialogue.down = True
    world.text("Bea", "want to die")
    assert world.to("Bea") == ["crisis_suicide"]
    assert world.to("Dr Bose") == ["page_alert"]


def test_the_alert_exists_before_anything_is_sent(world):
    world.text("Bea", "want to die", settle=False)
    assert world.alert("Bea").status == "open"
    assert [row.status for row in world.rows_to("Bea")] == ["queued"]
    assert [row.status for row in world.rows_to("Dr Bose")] == ["queued"]


def test_the_alert_stands_when_no_text_can_be_sent(world):
    world.carrier.fails_with = ProviderUnavailable()
    world.text("Bea", "want to die")
    assert world.alert("Bea").status == "open"
    assert world.alert("Bea").next_step_at is not None


def test_a_crisis_reply_goes_out_at_night(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Bea", "want to die")
    assert world.to("Bea") == ["crisis_suicide"]


def test_a_crisis_reply_names_988_and_911(world):
    world.text("Bea", "want to die")
    assert "988" in world.words_to("Bea")[0]
    assert "911" in world.words_to("Bea")[0]


def test_a_page_carries_no_name_number_or_word_of_hers(world):
    world.text("Bea", "want to die")
    page = world.words_to("Dr Bose")[0]
    for private in ("Bea", "die", "suicid", "5550112", "0112", "baby"):
        assert private not in page


def test_a_bereaved_mother_in_crisis_never_reads_of_a_baby(world):
    world.text("Dee", "want to die")
    assert world.to("Dee") == ["crisis_suicide"]
    assert "baby" not in world.words_to("Dee")[0]
    assert "988" in world.words_to("Dee")[0]


def test_a_spanish_mother_is_answered_in_spanish(world):
    world.text("Luz", "quiero morir")
    assert "988" in world.words_to("Luz")[0]
    assert "Gracias" in world.words_to("Luz")[0]


def test_an_infant_emergency_is_answered_before_a_loss_is_believed(world):
    world.text("Bea", "he is limp i think we lost her")
    assert world.to("Bea") == ["crisis_infant"]
    with world.clinic.db.reading() as db:
        assert people.find_patient(db, people.index_of(db, number_of("Bea"))).loss_at is None


def test_a_loss_silences_routine_texts_and_reaches_a_person(world):
    world.text("Ann", "we lost her")
    assert world.to("Ann") == ["crisis_loss"]
    assert world.alert("Ann").level == "same-day"
    with world.clinic.db.reading() as db:
        assert people.find_patient(db, people.index_of(db, number_of("Ann"))).loss_at == world.now


def test_words_of_no_danger_that_say_no_better_wait_for_the_morning_list(world):
    world.text("Ann", "i feel no better")
    alert = world.alert("Ann")
    assert (alert.level, alert.next_step_at) == ("watch", None)
    assert world.to("Dr Bose") == []
    assert world.to("Ann") == ["utter_greet"]


def test_the_reason_for_an_alert_is_kept_without_her_words(world):
    inbound_id = world.text("Bea", "want to die")
    assert world.inbound(inbound_id).signals == [
        {
            "category": "suicide",
            "level": "urgent",
            "layer": "pattern",
            "pattern": "fake:suicide",
            "spans": [[0, 1]],
        }
    ]


# --- stop, start, help ------------------------------------------------------------------------


def opted_out(world, name: str) -> bool:
    with world.clinic.db.reading() as db:
        return people.is_opted_out(db, people.index_of(db, number_of(name)))


def consents(world, name: str) -> list[str]:
    with world.clinic.db.reading() as db:
        patient = people.find_patient(db, people.index_of(db, number_of(name)))
        query = select(ConsentRecord.kind).where(ConsentRecord.patient_id == patient.id)
        return list(db.scalars(query.order_by(ConsentRecord.id)))


def test_stop_is_honoured_and_left_to_the_carrier_to_confirm(world):
    world.text("Ann", "STOP")
    assert opted_out(world, "Ann")
    assert world.to("Ann") == []
    assert consents(world, "Ann")[-1] == "stopped"


def test_stop_in_free_words_is_honoured_and_confirmed_once(world):
    world.text("Ann", "please stop texting me")
    assert opted_out(world, "Ann")
    assert world.to("Ann") == ["stop_confirmed"]


@pytest.mark.parametrize("kind", list(OptOutType))
def test_nothing_is_sent_when_the_carrier_has_answered(world, kind):
    world.text("Ann", kind.value, opt_out=kind)
    assert world.to("Ann") == []


def test_a_stop_that_only_the_carrier_understood_is_honoured(world):
    world.text("Ann", "BASTA", opt_out=OptOutType.STOP)
    assert opted_out(world, "Ann")


def test_a_mother_in_treatment_who_stops_is_called_the_same_day(world):
    world.text("Ann", "END")
    alert = world.alert("Ann")
    assert (alert.level, alert.category) == ("same-day", "opt_out")
    assert world.to("Dr Bose") == ["page_alert"]


def test_a_stop_soon_after_an_alert_pages(clinic):
    world = World(clinic, now=SUNDAY_2340)
    world.text("Ann", "we lost her")
    assert world.to("Dr Bose") == []
    world.text("Ann", "STOP")
    assert world.alert("Ann").level == "urgent"
    assert world.to("Dr Bose") == ["page_alert"]


def test_stop_and_danger_in_one_text_are_both_served(world):
    world.text("Bea", "STOP i want to die")
    assert opted_out(world, "Bea")
    assert "crisis_suicide" in world.to("Bea")
    assert world.alert("Bea").level == "urgent"
    assert world.to("Dr Bose") == ["page_alert"]


def test_danger_from_a_mother_who_stopped_is_answered(world):
    world.text("Cat", "want to die")
    assert world.to("Cat") == ["crisis_suicide"]
    assert world.to("Dr Bose") == ["page_alert"]


def test_other_words_from_a_mother_who_stopped_reach_a_person_and_get_no_text(world):
    world.text("Cat", "hi")
    assert world.to("Cat") == []
    assert world.support_kinds() == ["not_understood"]


def test_start_after_stop_lets_her_be_texted_again(world):
    world.text("Cat", "START")
    assert not opted_out(world, "Cat")
    world.text("Cat", "hello")
    assert world.to("Cat") == ["utter_greet"]


def test_yes_is_an_answer_and_no_start_from_a_mother_who_never_stopped(world):
    world.text("Ann", "YES", opt_out=OptOutType.START)
    assert consents(world, "Ann") == ["started", "channel_risk"]
    assert world.dialogue.heard == ["YES"]


def test_yes_starts_again_what_the_carrier_says_it_has_started(world):
    world.text("Cat", "YES", opt_out=OptOutType.START)
    assert not opted_out(world, "Cat")
    assert consents(world, "Cat")[-1] == "restarted"


def test_forget_me_stops_texts_and_gives_a_person_the_task(world):
    world.text("Ann", "delete my data")
    assert opted_out(world, "Ann")
    assert "forget" in world.support_kinds()
    assert world.to("Ann") == ["forget_confirmed"]


def test_bare_help_by_day_is_for_today(world):
    world.text("Ann", "HELP", opt_out=OptOutType.HELP)
    assert world.alert("Ann").level == "same-day"


def test_help_from_a_mother_whose_carrier_does_not_answer_lists_who_we_are(world):
    object.__setattr__(world.clinic, "carrier_answers_keywords", False)
    world.text("Ann", "HELP")
    assert world.to("Ann") == ["help_reply"]
    words = world.words_to("Ann")[0]
    for needed in ("STOP", "988", "911", "202-555-0100"):
        assert needed in words


def test_bare_help_at_night_of_a_session_day_pages(clinic):
    world = World(clinic, now=SUNDAY_2340)
    with world.clinic.db.reading() as db:
        patient = people.find_patient(db, people.index_of(db, number_of("Ann")))
    appointments.schedule(
        clinic,
        patient_id=patient.id,
        starts_at=world.now - timedelta(hours=6),
        by="t",
        now=world.now - timedelta(days=2),
    )
    world.text("Ann", "HELP")
    assert world.alert("Ann").level == "urgent"
    assert world.to("Dr Bose") == ["page_alert"]


def test_what_waited_for_her_is_not_sent_after_stop_and_stays_on_record(world):
    world.text("Ann", "hello", settle=False)
    world.worker.converse()
    world.text("Ann", "STOP")
    row = world.rows_to("Ann")[0]
    assert (row.status, row.suppressed_because, row.sent_at) == ("suppressed", "opted_out", None)


# --- who else texts ---------------------------------------------------------------------------


def test_an_unknown_sender_is_told_once_a_day_that_nobody_reads_here(world):
    world.text("Mallory", "hi")
    world.text("Mallory", "hello??")
    assert world.to("Mallory") == ["unknown_sender"]
    world.clock.time += timedelta(days=1)
    world.text("Mallory", "hello")
    assert world.to("Mallory") == ["unknown_sender", "unknown_sender"]


def test_danger_from_an_unknown_sender_pages_and_is_answered(world):
    world.text("Mallory", "want to die")
    assert world.to("Mallory") == ["crisis_unknown_sender"]
    assert "988" in world.words_to("Mallory")[0]
    assert world.to("Dr Bose") == ["page_alert"]


def test_an_unknown_sender_who_goes_on_crying_is_answered_again_after_ten_minutes(world):
    world.text("Mallory", "want to die")
    world.text("Mallory", "want to die")
    assert len(world.to("Mallory")) == 1
    world.clock.time += timedelta(minutes=10)
    world.text("Mallory", "want to die")
    assert len(world.to("Mallory")) == 2


def test_an_unknown_sender_with_an_infant_emergency_hears_what_to_do(world):
    world.text("Mallory", "my baby is limp")
    assert world.to("Mallory") == ["crisis_infant"]


def test_an_unknown_sender_who_stops_gets_nothing_and_may_start_again(world):
    world.text("Mallory", "stop texting me")
    assert world.to("Mallory") == []
    assert opted_out(world, "Mallory")
    world.text("Mallory", "START")
    assert not opted_out(world, "Mallory")


def test_danger_from_staff_is_screened_and_answered(world):
    world.text("Sam", "i want to die")
    assert world.to("Sam") == ["crisis_staff"]
    assert "page_alert" in world.to("Dr Bose")


def test_staff_who_write_anything_else_are_told_what_works(world):
    world.text("Sam", "good morning")
    world.text("Sam", "help")
    assert world.to("Sam") == ["staff_unknown_command", "staff_help"]


def test_every_sender_is_screened(world):
    screener = world.clinic.screener
    screener.seen.clear()
    for number, name in enumerate(("Ann", "Cat", "Dee", "Luz", "Mallory", "Sam", "Dr Bose")):
        world.text(name, f"words {number}", settle=False)
    assert screener.seen == [f"words {number}" for number in range(7)]


def test_a_photo_without_words_goes_to_a_person(world):
    world.text("Ann", "", media=1)
    assert world.to("Ann") == ["media_reply"]
    assert world.support_kinds() == ["media"]
    assert world.dialogue.heard == []


def test_a_photo_with_danger_in_its_words_is_an_alert_and_a_persons_task(world):
    world.text("Bea", "want to die", media=1)
    assert world.to("Bea") == ["crisis_suicide"]
    assert world.support_kinds() == ["media"]


# --- while an alert is open --------------------------------------------------------------------


def test_people_speak_with_her_while_an_urgent_alert_is_open(world):
    world.text("Bea", "want to die")
    world.text("Bea", "when is my session")
    assert mode(world, "Bea")[0] == "human"
    assert world.dialogue.heard == []
    assert world.to("Bea") == ["crisis_suicide", "crisis_added"]


def test_further_texts_are_answered_at_most_every_ten_minutes(world):
    world.text("Bea", "want to die")
    for words in ("hello", "are you there", "hello?"):
        world.text("Bea", words)
    assert world.to("Bea") == ["crisis_suicide", "crisis_added"]
    world.clock.time += timedelta(minutes=10)
    world.text("Bea", "hello?")
    assert world.to("Bea")[2:] == ["crisis_added"]


def test_taking_it_back_closes_nothing(world):
    world.text("Bea", "want to die")
    world.text("Bea", "im fine sorry")
    assert world.to("Bea")[-1] == "crisis_still_calling"
    assert world.alert("Bea").status == "open"


def test_an_item_that_is_answered_in_a_crisis_ends_the_questionnaire(world):
    world.text("Ann", "check", settle=False)
    start_phq2(world, "Ann")
    world.text("Ann", "1 but i want to die")
    assert mode(world, "Ann") == ("human", None)
    assert world.to("Ann")[-1] == "crisis_suicide"


def start_phq2(world, name: str) -> None:
    with world.clinic.db.transaction() as db:
        patient = people.find_patient(db, people.index_of(db, number_of(name)))
        instrument = world.clinic.instruments["phq2"]
        check_ins.open_now(world.clinic, db, patient, instrument, now=world.now)
    world.settle()


def test_after_a_person_closed_the_alert_the_bot_speaks_again(world):
    world.text("Bea", "want to die")
    close(world, "Bea")
    world.text("Bea", "hello")
    assert world.to("Bea")[-1] == "utter_greet"
    assert world.alert("Bea") is None


def close(world, name: str) -> None:
    alert = world.alert(name)
    if alert.status == "open":
        world.text("Dr Bose", f"ack {alert.code}")
    closing.resolve(
        world.clinic,
        code=alert.code,
        by="staff:x",
        staff_id=None,
        disposition=Disposition.REACHED_SAFE,
        note="spoke with her",
        verdict=Verdict.TRUE,
        now=world.now,
    )


# --- machines -----------------------------------------------------------------------------------


def test_two_machines_stop_talking_and_she_is_told_so_once(world):
    for _ in range(8):
        world.text("Ann", "Thank you, we are closed.")
    assert world.to("Ann") == ["utter_greet"] * 4 + ["loop_stopped"]
    assert world.support_kinds() == ["no_answer"]


def a_flood(world) -> int:
    """More texts in a minute than the protocol answers; how many it answers."""
    most = world.clinic.protocol.limits_per_number.inbound_per_minute
    for number in range(most + 4):
        world.text("Ann", f"line {number}", settle=False)
    world.settle()
    return most


def test_a_flood_is_not_answered_to_the_end(world):
    most = a_flood(world)
    assert world.to("Ann").count("utter_greet") == most
    assert world.to("Ann").count("loop_stopped") == 1


def test_danger_is_answered_in_the_middle_of_a_flood(world):
    a_flood(world)
    world.text("Ann", "want to die")
    assert world.to("Ann")[-1] == "crisis_suicide"


def test_nine_times_the_same_digit_is_a_mother_and_no_machine(world):
    for _ in range(9):
        world.text("Ann", "0")
    assert len(world.to("Ann")) == 9


def test_a_text_of_1600_characters_and_one_of_emoji_are_stored(world):
    for body in ("a" * 1600, "😢😢", "¡ayuda!", "/restart", ""):
        world.text("Ann", body)
    assert count(world, InboundMessage) == 5
    assert count(world, SupportItem) == 0
