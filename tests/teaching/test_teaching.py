"""From a lesson to the files and back: what is saved, what is refused, who may."""

import itertools
import subprocess
import threading

import pytest
from sqlalchemy import select

from bot.core.languages import Language
from bot.core.rota import StaffRole
from bot.core.taught import Approval, LeadsTo, TaughtKind, TaughtStatus
from bot.errors import NotAllowed
from bot.ports import Reply, Understood
from bot.services import review_queue, taught_changes, teaching
from bot.services.review_queue import Filters
from bot.storage.tables import AuditEvent
from bot.teaching import files, saving
from bot.teaching.lessons import Typed
from tests.engines import SQLITE_ONLY

pytestmark = SQLITE_ONLY

FOOD = "data/faq/food.yml"
EXAMPLE = "is breakfast allowed on that day"


def examples(*texts, intent="faq_food", **more):
    return Typed(TaughtKind.EXAMPLES, intent, texts, **more)


PARKING = [
    *("where do i leave my car", "can i leave my car there", "is there parking"),
    *("donde dejo el coche", "puedo dejar el coche"),
]


def question(**more):
    given = {
        "kind": TaughtKind.QUESTION,
        "intent": "faq_parking",
        "texts": PARKING,
        "title": "Where can I leave my car?",
        "answers": {
            Language.ENGLISH: "You can leave it behind the house. It is free.",
            Language.SPANISH: "Puede dejarlo atrás de la casa. Es gratis.",
        },
        "source": "front desk",
        "clinical": False,
        "vouched": [
            "car",
            "leave",
            "dejo",
            "dejar",
            "coche",
            "donde",
            "parking",
            "puedo",
            "there",
            "where",
        ],
    }
    return Typed(**given | more)


def teach(desk, typed, by="Sam", *, carry_out=True):
    world, visitor = desk.world, desk.visitor(by)
    change_id = teaching.teach(
        world.clinic, desk.workshop, desk.directory.entries(), typed, by=visitor, now=world.now
    )
    if carry_out:
        teaching.carry_out(world.clinic, desk.workshop, change_id, by=visitor, now=world.now)
    return taught_changes.get_change(world.clinic, change_id)


def undo(desk, change, by="Sam"):
    world = desk.world
    teaching.undo(world.clinic, desk.workshop, change.id, by=desk.visitor(by), now=world.now)


def approve(desk, change, by):
    world = desk.world
    taught_changes.approve(
        world.clinic, desk.workshop, change.id, by=desk.visitor(by), now=world.now
    )


def refusals(desk, typed, by="Sam"):
    world = desk.world
    return teaching.read(
        world.clinic, desk.workshop, desk.directory.entries(), typed, by=desk.visitor(by)
    ).refusals


def falls_back(world):
    made = Understood("nlu_fallback", 0.2)
    world.dialogue.says = [Reply("utter_not_understood_once", {"choices": "1"}, understood=made)]


def verbs(desk):
    with desk.world.clinic.db.reading() as db:
        return list(db.scalars(select(AuditEvent.verb)))


# --- examples --------------------------------------------------------------------------------


def test_an_example_is_added_and_every_other_line_stays(desk):
    before = desk.read(FOOD)
    change = teach(desk, examples(EXAMPLE))
    assert change.status is TaughtStatus.SAVED
    after = desk.read(FOOD)
    assert [line for line in after.splitlines() if line.strip() != f"- {EXAMPLE}"] == (
        before.splitlines()
    )
    assert set(change.files) == {FOOD}
    assert {"teach", "save_taught"} <= set(verbs(desk))


def test_taking_it_back_leaves_the_file_as_it_was(desk):
    before = desk.read(FOOD)
    change = teach(desk, examples(EXAMPLE))
    undo(desk, change)
    assert desk.read(FOOD) == before
    assert taught_changes.get_change(desk.world.clinic, change.id).status is TaughtStatus.UNDONE
    with pytest.raises(NotAllowed):
        undo(desk, change)


def test_taking_back_the_first_of_two_keeps_the_second(desk):
    first = teach(desk, examples(EXAMPLE))
    teach(desk, examples("may i drink juice on that day"))
    undo(desk, first)
    assert EXAMPLE not in desk.read(FOOD)
    assert "may i drink juice on that day" in desk.read(FOOD)


def test_two_people_at_once_lose_nothing(desk):
    texts = ["may i drink juice on that day", "is soup allowed on that day", EXAMPLE]
    threads = [
        threading.Thread(target=teach, args=(desk, examples(text, vouched=text.split())))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"    - {text}\n" in desk.read(FOOD) for text in texts)


def test_what_rasa_refuses_changes_nothing_and_the_text_waits_again(desk):
    world = desk.world
    fell_back = Understood("nlu_fallback", 0.2)
    world.dialogue.says = [
        Reply("utter_not_understood_once", {"choices": "1"}, understood=fell_back)
    ]
    source = world.text("Ann", "can i have toast first thing")
    before = desk.read(FOOD)
    desk.rasa.refuses_with = "Rasa refuses the data: it is wrong."
    change = teach(desk, examples(EXAMPLE, sources=[source]))
    assert change.status is TaughtStatus.REFUSED
    assert "it is wrong" in change.said
    assert desk.read(FOOD) == before
    found = review_queue.look_at(
        world.clinic, desk.workshop, desk.directory.entries(), Filters(), by="x", now=world.now
    )
    assert [text.id for group in found for text in group.texts] == [source]


def test_rasa_sees_the_change_before_it_is_saved(desk):
    teach(desk, examples(EXAMPLE))
    assert EXAMPLE in desk.rasa.seen[0][FOOD]


def test_a_check_that_was_cut_off_is_done_once_when_it_is_done_again(desk):
    world = desk.world
    change = teach(desk, examples(EXAMPLE), carry_out=False)
    assert EXAMPLE not in desk.read(FOOD)
    for _ in range(2):
        teaching.try_again(world.clinic, change.id, by=desk.visitor("Sam"), now=world.now)
        teaching.carry_out(
            world.clinic, desk.workshop, change.id, by=desk.visitor("Sam"), now=world.now
        )
    assert desk.read(FOOD).count(EXAMPLE) == 1


def test_it_is_done_once_when_the_process_died_after_writing_the_file(desk):
    world = desk.world
    change = teach(desk, examples(EXAMPLE), carry_out=False)
    saving.write(desk.project, files.add_examples(desk.project, "faq_food", [EXAMPLE]))
    teaching.carry_out(
        world.clinic, desk.workshop, change.id, by=desk.visitor("Sam"), now=world.now
    )
    change = taught_changes.get_change(world.clinic, change.id)
    assert change.status is TaughtStatus.SAVED
    assert desk.read(FOOD).count(EXAMPLE) == 1


def test_a_commit_bears_the_authors_name_and_only_the_change(desk):
    def git(*arguments):
        done = subprocess.run(
            ["git", "-C", str(desk.project), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    identity = ("-c", "user.name=E", "-c", "user.email=e@e.invalid")
    git("init", "-q")
    git("add", "data")
    git(*identity, "commit", "-qm", "all")
    (desk.project / "data" / "faq" / "hours.yml").open("a").write("# half done\n")
    change = teach(desk, examples(EXAMPLE))
    assert git("log", "-1", "--format=%an %H") == f"Sam {change.git_commit}"
    assert git("show", "--name-only", "--format=", "HEAD") == FOOD
    assert git("status", "--short", "data") == "M data/faq/hours.yml"


# --- what is refused -------------------------------------------------------------------------


def test_her_own_text_is_refused_and_its_meaning_is_not(desk):
    world = desk.world
    fell_back = Understood("nlu_fallback", 0.2)
    world.dialogue.says = [
        Reply("utter_not_understood_once", {"choices": "1"}, understood=fell_back)
    ]
    source = world.text("Ann", "may i drink juice before the session on the day")
    copied = examples("may i drink juice before the session on that day", sources=[source])
    assert any("how she wrote it" in refusal for refusal in refusals(desk, copied))
    assert refusals(desk, examples("is breakfast ok that day", sources=[source])) == []


def test_a_name_from_the_records_is_refused(desk):
    assert refusals(desk, examples("ann wants breakfast that day")) != []


@pytest.mark.parametrize("by", ["Sam", "Dr Bose"])
def test_what_sounds_like_danger_is_taught_to_no_harmless_intent(desk, by):
    with pytest.raises(NotAllowed, match="danger"):
        teach(desk, examples("i really want to die now", intent="greet"), by)


def test_what_is_nearest_to_danger_is_not_supports_to_decide(desk):
    """The screening sees nothing in it; its nearest example tells."""
    near = examples("my body is the only relief", intent="greet")
    assert any("means danger" in refusal for refusal in refusals(desk, near))
    assert not any("means danger" in refusal for refusal in refusals(desk, near, "Dr Bose"))


def test_many_examples_of_one_intent_pasted_into_another_are_refused(desk):
    lines = desk.read("data/nlu/requests.yml").splitlines()
    call = [line.strip()[2:] for line in itertools.islice(lines, 6, 34)]
    (too_many,) = refusals(desk, examples(*call, intent="greet"))
    assert "28 at once" in too_many
    found = refusals(desk, examples(*call[:20], intent="greet"))
    assert any("request_call" in refusal for refusal in found)
    few = [f"{text} now please" for text in call[:8]]
    assert any(
        "look like examples of request_call" in r
        for r in refusals(desk, examples(*few, intent="greet"))
    )


def test_what_is_pasted_by_the_thousand_is_refused_before_anything_slow_looks_at_it(desk):
    def never(texts):
        raise AssertionError("no model looks at it")

    desk.workshop.encode = never
    for texts in (["may i eat soup"] * 5_000, [" ".join(["soup"] * 5_000)]):
        (why,) = refusals(desk, examples(*texts))
        assert len(why) < 200


def test_all_lines_are_encoded_at_once_and_only_once(desk):
    asked: list[int] = []
    encode = desk.workshop.encode
    desk.workshop.book()
    desk.workshop.encode = lambda texts: asked.append(len(texts)) or encode(texts)
    typed = examples(EXAMPLE, "is soup allowed on that day", vouched=["soup"])
    assert refusals(desk, typed) == refusals(desk, typed) == []
    assert asked == [2]


@pytest.mark.parametrize("text", ["x", "?", "7", "aaaa", "😭"])
def test_one_letter_is_no_example_whoever_vouches_for_it(desk, text):
    found = refusals(desk, examples(EXAMPLE, text, vouched=[text]))
    assert [why for why in found if "says nothing by itself" in why]


def test_something_new_needs_five_examples(desk):
    (why,) = refusals(desk, question(texts=PARKING[:4]))
    assert "5 examples at least" in why
    assert refusals(desk, question()) == []


def test_a_text_that_the_bot_is_tested_with_is_refused(desk):
    folder = desk.project / "tests" / "nlu"
    folder.mkdir(parents=True)
    (folder / "held_out.yml").write_text(
        f'version: "3.1"\nnlu:\n- intent: faq_food\n  examples: |\n    - {EXAMPLE}\n'
    )
    assert any("tested with" in refusal for refusal in refusals(desk, examples(EXAMPLE)))


@pytest.mark.parametrize("text", ["[x](y) is it", "/restart", "- is it ok", "{time} is ok"])
def test_signs_that_rasa_reads_are_refused(desk, text):
    assert refusals(desk, examples(text)) != []


# --- who may ---------------------------------------------------------------------------------


def test_support_teaches_no_crisis_intent_and_a_clinician_does(desk):
    typed = examples("i want to be gone from here", intent="crisis_suicide")
    with pytest.raises(NotAllowed, match="clinician"):
        teach(desk, typed, "Sam")
    typed = examples("i want to be dead today", intent="crisis_suicide")
    change = teach(desk, typed, "Dr Bose")
    assert change.status is TaughtStatus.SAVED
    assert change.needs is Approval.CLINICIAN
    with pytest.raises(NotAllowed):
        undo(desk, change, "Sam")
    undo(desk, change, "Dr Lund")


def test_an_administrator_teaches_nothing(desk):
    visitor = desk.visitor("Sam", StaffRole.ADMIN)
    world = desk.world
    with pytest.raises(NotAllowed):
        teaching.teach(
            world.clinic,
            desk.workshop,
            desk.directory.entries(),
            examples(EXAMPLE),
            by=visitor,
            now=world.now,
        )


# --- a new question --------------------------------------------------------------------------


def test_a_new_question_is_one_file_and_goes_again(desk):
    change = teach(desk, question())
    assert change.status is TaughtStatus.SAVED, change.said
    assert "approver: waiting" in desk.read("data/faq/parking.yml")
    assert change.needs is Approval.SECOND_PERSON
    undo(desk, change)
    assert not (desk.project / "data/faq/parking.yml").exists()


def test_a_second_person_approves_and_their_name_stands_in_the_file(desk):
    change = teach(desk, question())
    assert [one.id for one in taught_changes.list_unapproved(desk.world.clinic)] == [change.id]
    with pytest.raises(NotAllowed, match="second person"):
        approve(desk, change, "Sam")
    approve(desk, change, "Dr Bose")
    assert taught_changes.list_unapproved(desk.world.clinic) == []
    assert desk.read("data/faq/parking.yml").count('approver: "Dr Bose"') == 2
    undo(desk, taught_changes.get_change(desk.world.clinic, change.id))
    assert not (desk.project / "data/faq/parking.yml").exists()


def test_an_answer_about_health_is_a_clinicians_to_approve_whatever_was_ticked(desk):
    answers = {
        Language.ENGLISH: "You can take the pill with food.",
        Language.SPANISH: "Puede tomar la pastilla con comida.",
    }
    change = teach(desk, question(answers=answers))
    assert change.needs is Approval.CLINICIAN


def test_what_was_changed_since_is_neither_approved_nor_taken_back(desk):
    change = teach(desk, question())
    path = desk.project / "data/faq/parking.yml"
    path.write_text(path.read_text().replace("free", "dear"))
    with pytest.raises(NotAllowed, match="changed"):
        approve(desk, change, "Dr Bose")
    with pytest.raises(NotAllowed, match="changed"):
        undo(desk, change)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "both languages"),
        ("Someone is watching you.", "watching"),
        ("It is about ketamine.", "locked screen"),
        ("Call us at {time}.", "no blanks"),
        ("A word. " * 60, "Shorten"),
    ],
)
def test_an_answer_that_may_not_be_sent_is_refused(desk, answer, why):
    typed = question(answers={**question().answers, Language.ENGLISH: answer})
    assert any(why in refusal for refusal in refusals(desk, typed))


@pytest.mark.parametrize(
    "wrong",
    [
        {"intent": "faq_Waiting Room"},
        {"intent": "faq_food"},
        {"title": ""},
        {"title": "Where does Jessica park?"},
        {"source": ""},
    ],
)
def test_a_question_needs_a_name_a_title_and_a_source(desk, wrong):
    assert refusals(desk, question(**wrong)) != []


# --- a new intent ----------------------------------------------------------------------------


RECEIPT = [
    *("i need a receipt", "can i have a receipt", "receipt please"),
    *("necesito un recibo", "recibo por favor"),
]


def new_intent(leads_to=LeadsTo.SUPPORT, **more):
    return Typed(
        TaughtKind.INTENT,
        teaching.intent_name("receipt", leads_to),
        RECEIPT,
        title="Wants a receipt.",
        vouched=["receipt", "please", "recibo", "necesito", "need", "favor"],
        leads_to=leads_to,
        **more,
    )


def test_a_new_intent_comes_with_its_rule_and_goes_again(desk):
    change = teach(desk, new_intent(), "Sam")
    assert change.status is TaughtStatus.SAVED, change.said
    assert "- intent: request_receipt" in desk.read("data/nlu/taught.yml")
    assert "action: action_pass_on" in desk.read("data/rules/taught.yml")
    assert desk.workshop.titles()["request_receipt"] == "Wants a receipt."
    undo(desk, change)
    assert not (desk.project / "data/nlu/taught.yml").exists()
    assert not (desk.project / "data/rules/taught.yml").exists()


def test_an_intent_that_others_have_added_to_is_not_taken_back_under_them(desk):
    change = teach(desk, new_intent())
    teach(desk, examples("send me the receipt", intent="request_receipt", vouched=["receipt"]))
    with pytest.raises(NotAllowed, match="later changes"):
        undo(desk, change)


@pytest.mark.parametrize("leads_to", [LeadsTo.ALERT_SAME_DAY, LeadsTo.ALERT_WATCH])
def test_an_intent_that_raises_alerts_is_a_clinicians_to_approve(desk, leads_to):
    assert teach(desk, new_intent(leads_to)).needs is Approval.CLINICIAN
