"""What comes into the review queue and why, and what must never come into it."""

from datetime import timedelta

import pytest

from bot.core.alerts import SupportKind
from bot.core.languages import Language
from bot.core.reviews import Reason
from bot.errors import NotAllowed, NotFound
from bot.ports import Reply, Understood
from bot.services import alert_acts, form_keys, patient_care, review_queue, understandings
from bot.services.review_queue import Filters, alike
from bot.storage.tables import TurnRecord, Understanding
from tests.engines import SQLITE_ONLY
from tests.teaching.desk import fake_vectors

pytestmark = SQLITE_ONLY


def says(world, intent="faq_food", confidence=0.9, text="utter_faq_food"):
    """From now on the dialogue takes everything for this."""
    world.dialogue.says = [Reply(text, understood=Understood(intent, confidence, "greet", 0.1))]


def queue(desk, **filters):
    world = desk.world
    return review_queue.look_at(
        world.clinic,
        desk.workshop,
        desk.directory.entries(),
        Filters(**filters),
        by="staff:x",
        now=world.now,
    )


def shown(desk, **filters):
    return [text.shown for group in queue(desk, **filters) for text in group.texts]


def reasons(desk):
    return {r for group in queue(desk) for r in group.reasons}


def test_what_was_understood_well_is_not_there(desk):
    says(desk.world)
    desk.world.text("Ann", "can i eat before the session")
    assert queue(desk) == []


@pytest.mark.parametrize(
    ("intent", "confidence", "reason"),
    [
        ("nlu_fallback", 0.3, Reason.FELL_BACK),
        ("faq_food", 0.45, Reason.LOW_CONFIDENCE),
    ],
)
def test_what_the_bot_was_not_sure_of_is_there(desk, intent, confidence, reason):
    says(desk.world, intent, confidence)
    desk.world.text("Ann", "can i eat before the session")
    assert reasons(desk) == {reason}


def test_a_text_that_got_no_answer_is_there(desk):
    desk.world.dialogue.down = True
    desk.world.text("Ann", "can i eat before the session")
    assert reasons(desk) == {Reason.NO_ANSWER}


def test_a_text_that_a_person_corrected_is_there(desk):
    world = desk.world
    says(world)
    world.text("Ann", "can i eat before the session")
    world.wait(minutes=10)
    ann = next(e.id for e in desk.directory.entries().values() if e.name == "Ann")
    sam = desk.visitor("Sam").staff_id
    patient_care.write_text(
        world.clinic,
        ann,
        "The rule is in your letter.",
        key=form_keys.give(world.clinic, sam),
        by=patient_care.WrittenBy(sam),
        now=world.now,
    )
    assert reasons(desk) == {Reason.CORRECTED}


def test_a_text_followed_by_a_protest_is_there(desk):
    world = desk.world
    says(world)
    world.text("Ann", "can i eat before the session")
    world.wait(minutes=1)
    world.text("Ann", "no thats not what i meant")
    assert shown(desk) == ["can i eat before the session"]
    assert reasons(desk) == {Reason.NOT_MEANT}


def test_silence_counts_only_where_the_bot_was_not_quite_sure(desk):
    world = desk.world
    says(world, confidence=0.95)
    world.text("Ann", "can i eat before the session")
    says(world, confidence=0.7)
    world.text("Luz", "puedo comer antes de la sesion")
    assert queue(desk) == []
    world.clock.time += timedelta(hours=25)
    assert reasons(desk) == {Reason.SILENCE}
    assert len(shown(desk)) == 1


def test_like_texts_are_one_decision(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.2)
    for words in ("can i take a bath", "can i take a bath now", "hello you"):
        world.text("Ann", words)
    sizes = [len(group.texts) for group in queue(desk)]
    assert sizes == [2, 1]
    assert alike(fake_vectors(["a b c d", "x y z w", "a b c d"])) == [[0, 2], [1]]


def test_staff_never_see_who_wrote(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.2)
    world.text("Ann", "its ann, my baby is 3 months, call 202-555-0111")
    assert shown(desk) == ["its [name], my baby is [age], call [number]"]


def test_a_mother_with_an_open_alert_is_not_there_nor_what_she_wrote_before(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.2)
    before = world.text("Bea", "can i eat before the session")
    assert len(queue(desk)) == 1
    world.text("Bea", "i want to die")
    assert world.alert("Bea") is not None
    assert queue(desk) == []
    with pytest.raises(NotFound):
        look(desk, [before])
    with pytest.raises(NotAllowed):
        review_queue.originals(world.clinic, [before])


def test_an_acknowledged_alert_is_still_open_for_the_desk(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.2)
    world.text("Bea", "can i eat before the session")
    world.text("Bea", "i want to die")
    bose = desk.visitor("Dr Bose").staff_id
    alert_acts.acknowledge(world.clinic, world.alert("Bea").id, staff_id=bose, now=world.now)
    assert queue(desk) == []


def look(desk, ids):
    world = desk.world
    return review_queue.look_at_group(
        world.clinic, desk.workshop, desk.directory.entries(), ids, by="staff:x", now=world.now
    )


def test_the_queue_can_be_narrowed(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.2)
    world.text("Ann", "can i eat before the session")
    says(world, "faq_hours", 0.5)
    world.text("Luz", "puedo comer antes de la sesion hoy")
    assert len(shown(desk)) == 2
    assert len(shown(desk, reason=Reason.FELL_BACK)) == 1
    assert len(shown(desk, language=Language.SPANISH)) == 1
    assert len(shown(desk, intent="faq_hours")) == 1
    assert len(shown(desk, below=0.4)) == 1
    world.clock.time += timedelta(days=8)
    assert shown(desk, days=7) == []


def test_what_was_set_aside_is_gone_until_it_is_brought_back(desk):
    world = desk.world
    says(world, "nlu_fallback", 0.2)
    one = world.text("Ann", "can i eat before the session")
    sam = desk.visitor("Sam").staff_id
    review_queue.set_aside(world.clinic, [one], staff_id=sam, now=world.now)
    assert queue(desk) == []
    review_queue.bring_back(world.clinic, [one], staff_id=sam, now=world.now)
    assert len(queue(desk)) == 1


@pytest.mark.parametrize(("words", "counted"), [("3", 0), ("\U0001f622", 0), ("when is it", 1)])
def test_a_bare_number_or_emoji_does_not_count_as_understood(desk, words, counted):
    world = desk.world
    says(world, "ask_next_session", 0.99)
    world.text("Ann", words)
    with world.clinic.db.reading() as db:
        assert len(db.query(Understanding).all()) == counted


def test_an_answer_to_a_question_of_ours_is_no_lesson(desk):
    world = desk.world
    one = world.text("Ann", "2", settle=False)
    with world.clinic.db.transaction(audited=False) as db:
        db.add(
            TurnRecord(
                inbound_id=one, verb="answer_question", result={"handled": True}, at=world.now
            )
        )
        db.flush()
        made = [Reply("utter_item", understood=Understood("nlu_fallback", 0.1))]
        understandings.note(db, one, made, now=world.now)
    assert queue(desk) == []


@pytest.mark.parametrize(
    "words",
    [
        "3",
        "10",
        "2!",
        "\U0001f622",
        "?!",
        "b",
        "A.",
        "yes",
        "No thanks",
        "sí",
        "SKIP",
        "STOP",
        "call",
        "yes 2",
    ],
)
def test_a_bare_answer_a_sign_or_a_keyword_is_no_question_to_teach(desk, words):
    says(desk.world, "nlu_fallback", 0.2)
    desk.world.text("Ann", words)
    desk.world.text("Luz", words)
    assert queue(desk) == []


@pytest.mark.parametrize("words", ["no milk today", "call the pharmacy", "ok to eat?", "2 bottles"])
def test_a_short_question_still_is_one(desk, words):
    says(desk.world, "nlu_fallback", 0.2)
    desk.world.text("Ann", words)
    assert len(queue(desk)) == 1


def test_what_she_wrote_to_a_person_is_not_the_bots_to_learn(desk):
    """Sam speaks with her: the bot was not asked, so it has misunderstood nothing."""
    world = desk.world
    ann = next(e.id for e in desk.directory.entries().values() if e.name == "Ann")
    sam = desk.visitor("Sam").staff_id
    patient_care.take_over(world.clinic, ann, staff_id=sam, now=world.now)
    for words in ("does the purple one dance", "does the purple one dance today"):
        world.text("Ann", words)
    assert SupportKind.NO_ANSWER in world.support_kinds()
    assert queue(desk) == []
    patient_care.hand_to_bot(world.clinic, ann, staff_id=sam, now=world.now)
    assert queue(desk) == [], "nor afterwards"
    world.clock.time += timedelta(minutes=1)
    world.dialogue.down = True
    world.text("Ann", "does the purple one dance")
    assert len(queue(desk)) == 1, "what the bot is asked again is its own again"
