"""A candidate is made of a copy, proved beside the live model, and stopped by what is harmful."""

import json
from dataclasses import replace

import pytest

from bot.core.training_jobs import STAGES, Stage, progress
from bot.errors import ConfigError
from bot.training.job import ASK, RESULT, Refused, run, work
from tests.training.conftest import COST, CRISIS, HELLO, LIVE, PARKING, faq, nlu


def make(desk, tmp_path, tell=lambda stage, line: None):
    return run(desk.ask(), tmp_path, desk.steps(), tell)


def stopped(found: dict) -> dict:
    return {gate["name"]: gate for gate in found["gates"] if not gate["passed"]}


def refused(desk, tmp_path) -> dict:
    with pytest.raises(Refused) as error:
        make(desk, tmp_path)
    assert desk.trained == []
    return {gate.name: gate for gate in error.value.stopped}


def test_a_new_question_is_trained_proved_and_passes_every_gate(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    heard = []

    found = make(desk, tmp_path, lambda stage, line: heard.append(stage))

    assert stopped(found) == {}
    assert found["compared_with"] == LIVE
    assert [stage for stage in heard if stage] == list(STAGES)
    kinds = {(change["kind"], change["what"]) for change in found["changes"]}
    assert kinds == {
        ("examples", "faq_cost"),
        ("answer", "utter_faq_cost (en)"),
        ("answer", "utter_faq_cost (es)"),
    }
    assert found["proof"]["sentence"].startswith("As good as the live model")


def test_nothing_is_trained_when_nothing_has_changed(desk, tmp_path):
    with pytest.raises(ConfigError, match="Nothing has changed"):
        make(desk, tmp_path)


def test_the_live_model_and_its_files_are_left_as_they_are(desk, tmp_path):
    before = {p: p.read_bytes() for p in desk.models.glob(f"{LIVE}*") if p.is_file()}
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    make(desk, tmp_path)
    assert {p: p.read_bytes() for p in before} == before
    assert not (desk.models / "live.json").exists()


def test_what_somebody_teaches_meanwhile_is_not_in_this_candidate(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))

    def tell(stage, line):
        if stage == Stage.TRAINING:
            desk.write("faq/cost.yml", faq("cost", ["something else entirely here"]))

    found = make(desk, tmp_path, tell)
    added = next(c["added"] for c in found["changes"] if c["kind"] == "examples")
    assert sorted(added) == sorted(COST[5:])


def test_rasa_is_started_once_a_model_to_read_all_sets_and_never_again_for_the_same(desk, tmp_path):
    """Starting it takes longer than reading; a model reads a text the same way every time."""
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    desk.questions = (("where do i put my car", "faq_parking"),)
    steps, read = desk.steps(), []

    def counted(project, model, examples):
        read.append((model.name.removesuffix(".tar.gz"), len(examples)))
        return steps.read(project, model, examples)

    counting = replace(steps, read=counted)
    first = run(desk.ask(), tmp_path / "one", counting, lambda stage, line: None)
    assert read == [(LIVE, 3), (first["model"], 3)]
    desk.write("faq/cost.yml", faq("cost", COST[6:]))
    desk.questions = (*desk.questions, ("how much is it", "faq_cost"))
    second = run(desk.ask(), tmp_path / "two", counting, lambda stage, line: None)
    assert read[2:] == [(LIVE, 1), (second["model"], 4)]


def test_a_candidate_that_went_live_is_not_cross_validated_again(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    steps, sizes = desk.steps(), []

    def counted(project, examples):
        sizes.append(len(examples))
        return steps.cross_validate(project, examples)

    counting = replace(steps, cross_validate=counted)
    first = run(desk.ask(), tmp_path / "one", counting, lambda stage, line: None)
    assert len(sizes) == 2  # the candidate, and the live model, of which nothing was known
    desk.write("faq/cost.yml", faq("cost", COST[6:]))
    second = run(
        replace(desk.ask(), live=first["model"]),
        tmp_path / "two",
        counting,
        lambda stage, line: None,
    )
    assert len(sizes) == 3
    assert second["proof"]["sentence"].startswith("As good as the live model")


def test_a_blind_line_that_was_taught_long_ago_proves_nothing(desk, tmp_path):
    blind = desk.project / "tests" / "nlu" / "held_out.yml"
    blind.write_text(nlu(faq_parking=[PARKING[0], "is there a car park nearby"], greet=HELLO[:1]))
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    areas = make(desk, tmp_path)["proof"]["areas"]
    assert {one["name"]: one["texts"] for one in areas if one["name"] != "cross-validated"} == {
        "held_out": 1
    }


# --- harmful edits --------------------------------------------------------------------------


def test_words_of_danger_taught_to_small_talk_are_stopped(desk, tmp_path):
    desk.write("nlu/smalltalk.yml", nlu(greet=[*HELLO, "i want to disappear"]))
    gate = refused(desk, tmp_path)["danger"]
    assert "in danger" in gate.sentence
    assert "small talk" in gate.sentence
    assert "i want to disappear" in gate.lines[0]


def test_the_same_words_under_a_question_need_a_clinician(desk, tmp_path):
    desk.write("faq/parking.yml", faq("parking", [*PARKING, "i could disappear in that lot"]))
    found = make(desk, tmp_path)
    assert [c["clinical"] for c in found["changes"]] == [True]


def test_an_answer_that_loses_its_number_is_stopped(desk, tmp_path):
    desk.write("faq/emergencies.yml", faq("emergencies", COST[:5], "Ask a person."))
    gate = refused(desk, tmp_path)["answers"]
    assert "lost a number that helps in danger" in gate.sentence
    assert any("no longer names 911" in line for line in gate.lines)


def test_an_emptied_answer_is_stopped(desk, tmp_path):
    desk.write("faq/emergencies.yml", faq("emergencies", COST[:5], ""))
    gate = refused(desk, tmp_path)["answers"]
    assert "cannot be used as it is" in gate.sentence
    assert "data/faq/emergencies.yml" in gate.sentence
    assert str(tmp_path) not in gate.sentence


def test_an_emptied_safety_text_is_stopped(desk, tmp_path):
    path = desk.project / "data" / "texts" / "en.yml"
    lines = path.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("crisis_suicide:"))
    text = next(n for n in range(at, at + 9) if lines[n].startswith("  text:"))
    lines[text] = '  text: ""\n'
    path.write_text("".join(lines))
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    assert "answers" in refused(desk, tmp_path)


def test_a_question_without_its_file_loses_its_help_number(desk, tmp_path):
    (desk.project / "data" / "faq" / "emergencies.yml").unlink()
    assert any("gone or empty" in line for line in refused(desk, tmp_path)["answers"].lines)


def test_fifty_examples_pasted_into_another_intent_are_stopped(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", [*COST[5:], *PARKING]))
    gate = refused(desk, tmp_path)["pasted"]
    assert gate.sentence.startswith("30 new examples of faq_cost also stand under faq_parking")
    assert gate.lines[-1] == "and 10 more"


def test_examples_cut_from_one_intent_and_pasted_into_another_are_stopped(desk, tmp_path):
    desk.write("faq/parking.yml", faq("parking", PARKING[10:]))
    desk.write("faq/cost.yml", faq("cost", [*COST[5:], *PARKING[:10]]))
    gate = refused(desk, tmp_path)["moved"]
    assert gate.sentence.startswith("10 new examples of faq_cost taught faq_parking until now")
    assert len(gate.lines) == 10


def test_a_few_examples_may_be_put_where_they_belong(desk, tmp_path):
    desk.write("faq/parking.yml", faq("parking", PARKING[3:]))
    desk.write("faq/cost.yml", faq("cost", [*COST[5:], *PARKING[:3]]))
    assert "moved" not in stopped(make(desk, tmp_path))


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("Is there a CAR PARK, nearby?", "the blind set held_out"),
        ("everyone is better off without me", "the safety set"),
        ("how long do i wait for you", "the rehearsed conversations"),
        ("may i bring my dog along", "your test questions"),
    ],
)
def test_test_lines_in_training_are_stopped(desk, tmp_path, line, where):
    desk.questions = (("may i bring my dog along", "faq_parking"),)
    desk.write("faq/parking.yml", faq("parking", [*PARKING, line]))
    gate = refused(desk, tmp_path)["test_lines"]
    assert "proves nothing" in gate.sentence
    assert where in gate.lines[0]


def test_a_crisis_intent_that_loses_its_examples_is_stopped(desk, tmp_path):
    desk.write("nlu/safety.yml", nlu(crisis_suicide=CRISIS[:15]))
    assert "lost 5 of its 20" in refused(desk, tmp_path)["wiring"].lines[0]


def test_a_crisis_intent_that_no_longer_leads_to_the_screening_is_stopped(desk, tmp_path):
    path = desk.project / "data" / "rules" / "safety.yml"
    path.write_text(path.read_text().replace("action_screen", "utter_greet", 1))
    lines = refused(desk, tmp_path)["wiring"].lines
    assert any("crisis_suicide no longer leads to the screening" in line for line in lines)


def test_a_text_that_is_not_understood_still_reaches_a_person(desk, tmp_path):
    for path in sorted((desk.project / "data" / "rules").glob("*.yml")):
        path.write_text(path.read_text().replace("action_not_understood", "utter_greet"))
    lines = refused(desk, tmp_path)["wiring"].lines
    assert "nlu_fallback no longer leads to action_not_understood" in lines


def test_a_question_that_is_taught_without_an_answer_is_stopped(desk, tmp_path):
    desk.write("nlu/smalltalk.yml", nlu(greet=HELLO, faq_snow=["what if it snows that day"]))
    lines = refused(desk, tmp_path)["answers"].lines
    assert [line for line in lines if "faq_snow" in line] == [
        "faq_snow has no answer (en)",
        "faq_snow has no answer (es)",
    ]


def test_one_safety_text_taken_less_seriously_stops_the_candidate(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    seen = {"text": "i want to die", "level": "watch", "categories": ["suicide"]}
    desk.rehearsed["candidate"] = {"safety": [seen]}
    found = make(desk, tmp_path)
    assert "less seriously than today" in stopped(found)["safety"]["sentence"]
    assert found["proof"]["sentence"].startswith("This model cannot go live.")


def test_a_text_that_stands_there_twice_is_compared_with_itself(desk, tmp_path):
    """Some stand in both languages' sets, under classes of their own."""
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    twice = [
        {"text": "no puedo mas", "level": "watch", "categories": ["distress"]},
        {"text": "no puedo mas", "level": "urgent", "categories": ["suicide"]},
    ]
    for which in ("live", "candidate"):
        desk.rehearsed[which] = {"safety": twice}
    assert stopped(make(desk, tmp_path)) == {}


def test_one_safety_text_taken_for_something_else_stops_the_candidate(desk, tmp_path):
    """As urgent as before, but whoever is paged would not read what she said."""
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    seen = {"text": "i want to die", "level": "urgent", "categories": ["violence"]}
    desk.rehearsed["candidate"] = {"safety": [seen]}
    gate = stopped(make(desk, tmp_path))["safety"]
    assert gate["lines"] == ["“i want to die”: no longer seen as suicide"]


def test_a_safety_text_that_was_not_tried_stops_it_too(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    desk.rehearsed["candidate"] = {"safety": []}
    assert "safety" in stopped(make(desk, tmp_path))


def test_a_rehearsed_conversation_that_breaks_stops_it(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    desk.rehearsed["candidate"] = {"goldens": {"faq": "expected something else"}}
    assert stopped(make(desk, tmp_path))["goldens"]["lines"] == ["faq"]


def test_a_conversation_that_is_broken_today_is_not_held_against_it(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    for which in ("live", "candidate"):
        desk.rehearsed[which] = {"goldens": {"faq": "expected something else"}}
    assert stopped(make(desk, tmp_path)) == {}


def test_an_intent_that_is_given_up_stops_it(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    desk.wrong["crossed-candidate"] = set(PARKING[:20])
    found = stopped(make(desk, tmp_path))
    assert {"macro_f1", "intents"} <= found.keys()
    assert found["intents"]["lines"][0].startswith("faq_parking")


def test_one_text_more_misread_is_within_chance(desk, tmp_path):
    desk.write("faq/cost.yml", faq("cost", COST[5:]))
    desk.wrong["crossed-candidate"] = {PARKING[0]}
    found = make(desk, tmp_path)
    assert stopped(found) == {}
    assert found["proof"]["changed_texts"][0]["after"] == "greet"


# --- as a process ---------------------------------------------------------------------------


def test_what_is_refused_is_written_down_with_its_lines(desk, tmp_path):
    desk.write("nlu/smalltalk.yml", nlu(greet=[*HELLO, "i want to disappear"]))
    asked = {
        "project": str(desk.project),
        "models": str(desk.models),
        "live": LIVE,
        "questions": [],
    }
    (tmp_path / ASK).write_text(json.dumps(asked))
    work(tmp_path, desk.steps(), lambda stage, line: None)
    result = json.loads((tmp_path / RESULT).read_text())
    assert result["gates"][0]["name"] == "danger"
    assert "small talk" in result["refused"]


def test_progress_goes_on_and_never_says_done_too_early():
    usual = {"training": 100.0, "checking": 10.0}
    early = progress(Stage.CHECKING, seconds=1, usual=usual)
    late = progress(Stage.JUDGING, seconds=500, usual=usual)
    assert 0 <= early.percent < late.percent <= 99
    assert early.left > late.left >= type(late.left)(0)
