"""The rules that a text must keep before a mother can receive it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.languages import Language
from bot.core.text_rules import (
    BLANKS,
    SAMPLE_VALUES,
    Purpose,
    blanks,
    fill,
    lint,
    sentences,
    speaks_of_baby,
    words,
)

EN, ES = Language.ENGLISH, Language.SPANISH
OPT_OUT = frozenset({"STOP", "START", "HELP"})


def rules(text: str, language: Language = EN, purpose: Purpose = Purpose.REPLY) -> set[str]:
    return {finding.rule for finding in lint(text, language=language, purpose=purpose)}


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("It’s here.", EN, "characters"),
        ("Take care – please.", EN, "characters"),
        ("Llame… por favor.", EN, "characters"),
        ("Thank you 🙂", ES, "characters"),
        ("a" * 307, EN, "length"),
        ("í" + "a" * 134, ES, "length"),
        ("We will call {tiem}.", EN, "blanks"),
        ("We will call {time.", EN, "blanks"),
        ("Your ketamine comes soon.", EN, "words"),
        ("About your depression.", EN, "words"),
        ("Signs of postpartum psychosis.", EN, "words"),
        ("Su ketamina llega.", ES, "words"),
        ("La depresión pasa.", ES, "words"),
        ("La depresion pasa.", ES, "words"),
        ("A nurse is watching this line.", EN, "words"),
        ("Alguien está vigilando esto.", ES, "words"),
        ("I can't keep you safe.", EN, "words"),
        ("You qualify for this.", EN, "words"),
        ("Read https://bit.ly/abc first.", EN, "links"),
        ("Lea t.co/abc primero.", ES, "links"),
        ("Reply YES or NO.", EN, "carrier words"),
        ("Please reply yes.", EN, "carrier words"),
        ("Reply A or NO.", EN, "carrier words"),
        ("Text HELP for a person.", EN, "carrier words"),
        ("Reply STOP to end.", EN, "carrier words"),
        ("Responda SÍ para seguir.", ES, "carrier words"),
        ("Responda sí o no.", ES, "carrier words"),
        ("Mande AYUDA.", ES, "carrier words"),
    ],
)
def test_a_text_is_refused_when_it_breaks_a_hard_rule(text, language, rule):
    hard = {f.rule for f in lint(text, language=language, purpose=Purpose.REPLY) if f.hard}
    assert hard == {rule}


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("Just rest.", EN, "words"),
        ("You should rest.", EN, "words"),
        ("Rest at least a bit.", EN, "words"),
        ("Good mothers rest.", EN, "words"),
        ("A person will call you today.", EN, "words"),
        ("Le llamaremos hoy.", ES, "words"),
        ("Tu equipo responde.", ES, "words"),
        ("Su informacion llega.", ES, "words"),
        ("Avise al medico.", ES, "words"),
        ("Como se siente?", ES, "words"),
        ("Welcome!", EN, "characters"),
        ("one two three four five six seven eight nine ten a b c d e f.", EN, "sentence"),
    ],
)
def test_a_text_may_be_used_but_is_marked_when_it_reads_badly(text, language, rule):
    findings = lint(text, language=language, purpose=Purpose.REPLY)
    assert {finding.rule for finding in findings} == {rule}
    assert not any(finding.hard for finding in findings)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Reply A for yes, B for no, or any words. 988 answers.", EN),
        ("Reply 1 start, 2 no texts, 3 call me.", EN),
        ("Reply CALL for a person. STOP ends texts.", EN),
        ("Safe to text? A yes, B no.", EN),
        ("O mande AYUDA al 988.", ES),
        ("Responda A si lo piensa, B si no, o con sus palabras.", ES),
        ("Para volver, responda C.", ES),
        ("Nobody is watching this line all day.", EN),
        ("I adjusted the dose of texts.", EN),
        ("Your unjust shoulder.", EN),
        ("Sus hijos, sus tutores.", ES),
        ("See https://clinic.example/help for more.", EN),
    ],
)
def test_a_text_passes_when_it_only_looks_like_a_breach(text, language):
    assert rules(text, language) == set()


@pytest.mark.parametrize(
    "text", ["Text START to turn texts on.", "Reply STOP to end.", "Text HELP for help."]
)
def test_opt_out_words_may_be_asked_for_when_the_text_is_about_them(text):
    assert lint(text, language=EN, purpose=Purpose.CONSENT, may_ask=OPT_OUT) == ()
    assert rules(text) == {"carrier words"}


@pytest.mark.parametrize("text", ["Call us now.", "Call 9880 or 1911.", "Ring 98."])
def test_a_safety_text_is_refused_when_it_carries_no_emergency_number(text):
    assert rules(text, purpose=Purpose.SAFETY) == {"numbers"}
    assert rules(text) == set()


@pytest.mark.parametrize("text", ["Call 988.", "In danger: 911.", "Llame al 988 y oprima 2."])
def test_a_safety_text_passes_when_it_carries_one(text):
    assert "numbers" not in rules(text, purpose=Purpose.SAFETY)


def test_blanks_are_counted_at_their_longest_when_segments_are_counted():
    text = "a" * 290 + "{practice}"

    assert "length" in rules(text)
    assert "length" not in rules("a" * 290)


def test_validated_items_are_exempt_from_length():
    item = "Moving or speaking so slowly that other people could have noticed " * 6

    assert rules(item + "{item}", purpose=Purpose.ITEM) == set()


def test_hard_findings_come_first():
    findings = lint("You should text YES or reply YES!", language=EN, purpose=Purpose.REPLY)

    assert [finding.hard for finding in findings] == [True, False, False]


def test_every_finding_says_how_to_mend_it():
    bad = "Just reply YES! {tiem} bit.ly 🙂 ketamine " + "a" * 300
    findings = lint(bad, language=EN, purpose=Purpose.SAFETY)

    assert {finding.rule for finding in findings} >= {"blanks", "characters", "length", "links"}
    for finding in findings:
        assert finding.cure.endswith((".", "¿."))
        assert len(finding.cure.split()) > 5


def test_sentences_end_at_stops_and_not_inside_numbers():
    text = "In danger: 911. Call 1-800-222-1222 by 11:30 am. Dr Lund's office?"

    assert len(sentences(text)) == 3
    assert words("Call 1-800-222-1222 {time}.") == ["Call", "1-800-222-1222", "{time}"]


@pytest.mark.parametrize(
    ("text", "language", "speaks"),
    [
        ("Let another adult hold the baby.", EN, True),
        ("Babies wake up.", EN, True),
        ("Your baby's crib.", EN, True),
        ("Pumping milk.", EN, True),
        ("Many mothers have these thoughts.", EN, False),
        ("Su bebé corre peligro.", ES, True),
        ("La leche.", ES, True),
        ("Muchas madres lo sienten.", ES, False),
    ],
)
def test_a_text_speaks_of_a_baby_when_it_takes_one_for_granted(text, language, speaks):
    assert speaks_of_baby(text, language) is speaks


def test_each_language_has_a_sample_for_each_blank():
    for samples in SAMPLE_VALUES.values():
        assert samples.keys() == BLANKS
        assert not any(blanks(value) for value in samples.values())


def test_a_value_is_not_read_again_when_it_holds_braces():
    assert fill("{item} {time}", {"item": "{time}", "time": "by 9 am"}) == "{time} by 9 am"


@given(st.text(max_size=400), st.sampled_from(Language), st.sampled_from(Purpose))
def test_any_text_can_be_linted(text, language, purpose):
    for finding in lint(text, language=language, purpose=purpose):
        assert finding.cure
