"""What people can receive: the catalogue as it stands in data/, and how it is loaded."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from bot.content.domain import BEGIN, END, domain_is_fresh, responses_block, write_domain
from bot.content.protocol import load_protocol, say_when
from bot.content.texts import STAND_IN, Catalogue, load_catalogue
from bot.core.languages import Language
from bot.core.segments import segments
from bot.core.text_rules import SAMPLE_VALUES, Purpose, sentences, speaks_of_baby, words
from bot.errors import ConfigError, NotFound

DATA = Path(__file__).parents[2] / "data"
EN, ES = Language.ENGLISH, Language.SPANISH

WANTED = re.findall(
    r"\w+",
    """
    crisis_suicide crisis_self_harm crisis_baby crisis_intrusive crisis_others crisis_psychosis
    crisis_infant crisis_infant_ill crisis_infant_left crisis_shaken crisis_overdose
    crisis_medical crisis_violence crisis_misuse
    crisis_loss crisis_ask crisis_unknown_sender crisis_alerting_item crisis_added
    crisis_still_calling crisis_unacknowledged crisis_answer_a crisis_answer_b crisis_violence_safe
    crisis_violence_unsafe invite invite_privacy invite_emergency invite_when consent_declined
    consent_call consent_again stop_confirmed start_confirmed help_reply forget_confirmed
    loss_reply welcome_done holding_reply unknown_sender media_reply loop_stopped utter_greet
    utter_thank utter_goodbye utter_affirm_nothing utter_joke utter_help
    utter_not_understood_once utter_not_understood_twice utter_call_requested
    utter_call_requested_off_hours utter_move_requested utter_next_session utter_no_session
    utter_session_confirmed utter_nothing_to_confirm utter_report_good utter_report_low
    utter_side_effect_noted utter_medicine_problem utter_complaint utter_language_changed
    utter_stop_confirmed utter_start_confirmed utter_forget_confirmed utter_loss utter_safety
    utter_out_of_scope utter_check_in_declined utter_no_check_in utter_recovered utter_item
    utter_item_again utter_check_in_done utter_check_in_skipped utter_offer_phq9
    utter_offer_declined check_in_intro check_in_missed reminder_day_before reminder_two_hours
    session_moved session_cancelled day_after_check_in page_alert page_alert_again
    page_new_words page_level_raised ack_done ack_taken ack_list ack_unknown_code
    ack_nothing_open staff_help page_opt_out page_undelivered page_help_keyword
    staff_unknown_command page_no_one_on_call
    """,
)

# Only 911, or only 988, and why: neutral at home, an infant or body in danger, grief.
ONE_NUMBER = {
    "crisis_violence",
    "crisis_violence_danger",
    "crisis_violence_safe",
    "crisis_violence_unsafe",
    "crisis_infant",
    "crisis_shaken",
    "crisis_infant_ill",
    "crisis_infant_left",
    "crisis_medical",
    "crisis_misuse",
    "crisis_after_session",
    "crisis_loss",
}
KNOWN_NUMBERS = {"1-833-852-6262", "1-800-222-1222", "1-800-799-7233", "1-800-944-4773"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DATA)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the texts that a test may spoil, with one FAQ."""
    shutil.copytree(DATA / "texts", tmp_path / "texts")
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "cost.yml").write_text(FAQ, encoding="utf-8")
    return tmp_path


FAQ = """
version: "3.1"
nlu:
- intent: faq_cost
  examples: |
    - how much is it
responses:
  utter_faq_cost:
  - condition:
    - type: slot
      name: language
      value: es
    text: "Su equipo le dice el precio antes."
    metadata: {version: 3, approver: demo, source: "invented"}
  - text: "Your care team tells you the price before you decide."
    metadata: {version: 2, approver: demo, source: "invented"}
rules:
- rule: answer faq_cost
  steps:
  - intent: faq_cost
  - action: utter_faq_cost
"""


def spoil(path: Path, before: str, after: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after, 1), encoding="utf-8")


def line_of(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def own(catalogue: Catalogue) -> list[str]:
    return [text_id for text_id in catalogue.ids if not text_id.startswith("utter_faq_")]


# --- what stands in data/texts


def test_every_text_that_the_services_ask_for_is_there(catalogue):
    assert set(WANTED) <= set(catalogue.ids)


def test_no_text_of_ours_breaks_any_rule(catalogue):
    broken = [
        (text.place, text.language, finding.cure)
        for text in catalogue
        if text.id in own(catalogue)
        for finding in text.findings()
    ]
    assert broken == []


def test_crisis_texts_carry_both_numbers_unless_listed(catalogue):
    for text in catalogue:
        if text.purpose is Purpose.SAFETY:
            has = {number for number in ("988", "911") if number in text.text}
            assert (len(has) == 1) == (text.id in ONE_NUMBER), text.id


@pytest.mark.parametrize(
    "text_id",
    ["crisis_suicide", "crisis_self_harm", "crisis_others", "crisis_ask", "crisis_answer_a"],
)
@pytest.mark.parametrize("language", list(Language))
def test_988_comes_before_911_when_she_may_want_to_die(catalogue, text_id, language):
    text = catalogue.get(text_id, language).text
    assert text.index("988") < text.index("911")


@pytest.mark.parametrize("text_id", ["crisis_baby", "crisis_psychosis", "crisis_overdose"])
@pytest.mark.parametrize("language", list(Language))
def test_911_comes_before_988_when_a_life_is_at_risk_now(catalogue, text_id, language):
    text = catalogue.get(text_id, language).text
    assert text.index("911") < text.index("988")


def test_988_is_reached_in_spanish_when_the_text_says_to_call_it(catalogue):
    for text in catalogue:
        if text.language is ES and re.search(r"llam\w+ (ahora )?al 988", text.text, re.IGNORECASE):
            assert "oprim" in text.text, text.id


def test_only_known_hotlines_are_named(catalogue):
    for text in catalogue:
        assert set(re.findall(r"\d-\d{3}-\d{3}-\d{4}", text.text)) <= KNOWN_NUMBERS, text.id


def test_the_violence_hotline_is_named_only_after_she_said_that_it_is_safe(catalogue):
    naming = {text.id for text in catalogue if "799-7233" in text.text}
    assert naming == {"crisis_violence_safe"}


def test_safety_texts_ask_only_the_two_questions_of_the_clinic_rules(catalogue):
    asking = {text.id for text in catalogue if text.purpose is Purpose.SAFETY and "?" in text.text}
    assert asking == {"crisis_ask", "crisis_violence"}


def test_pages_have_only_blanks_that_tell_nothing_of_her(catalogue):
    for text in catalogue:
        if text.purpose is Purpose.PAGE:
            told = {"code", "spelled_code", "level", "name", "count", "list", "when", "link"}
            assert text.blanks <= told, text.id


def test_no_text_says_today_or_tomorrow_about_what_people_will_do(catalogue):
    for text_id in own(catalogue):
        assert not re.search(r"\b(today|tonight|tomorrow)\b", catalogue.get(text_id, EN).text)
        assert not re.search(r"\b(hoy|mañana)\b", catalogue.get(text_id, ES).text)


@pytest.mark.parametrize("language", list(Language))
def test_dee_never_gets_a_text_about_a_baby(catalogue, language):
    for text_id in catalogue.ids:
        values = SAMPLE_VALUES[language] | {"choices": "1 a, 2 b"}
        said = catalogue.render(text_id, language, values, bereaved=True)
        assert not speaks_of_baby(said.body, language), text_id


def test_texts_fit_two_segments_on_every_day_of_the_year(catalogue):
    protocol, zone = load_protocol(DATA / "protocol" / "demo.yml"), ZoneInfo("America/New_York")
    for day in range(0, 365, 3):
        now = datetime(2026, 1, 1, 4, 40, tzinfo=UTC) + timedelta(days=day, hours=day % 24)
        for language in Language:
            values = SAMPLE_VALUES[language] | protocol.values(
                now=now, zone=zone, language=language
            )
            values["when"] = say_when(now, zone=zone, language=language)
            for text_id in own(catalogue):
                if catalogue.get(text_id, language).purpose is not Purpose.ITEM:
                    body = catalogue.render(text_id, language, values).body
                    assert segments(body).count <= 2, body


@pytest.mark.parametrize("language", list(Language))
def test_the_catalogue_reads_at_sixth_grade_or_lower(catalogue, language):
    texts = [catalogue.get(text_id, language) for text_id in own(catalogue)]
    body = " ".join(text.text for text in texts if text.purpose is not Purpose.PAGE)
    assert reading_grade(body, language) <= 6.0


def reading_grade(body: str, language: Language) -> float:
    """School grade: Flesch-Kincaid (1975) in English, Crawford (1989) in Spanish."""
    said = [[w for w in words(s) if w.isalpha()] for s in sentences(body)]
    all_words = [word for sentence in said for word in sentence]
    lines, count = len([s for s in said if s]), len(all_words)
    vowels = r"[aeiouy]+" if language is EN else r"[iu]?[aeoáéíóú][iu]?|[iuíúü]"
    syllables = sum(
        max(1, len(re.findall(vowels, re.sub(r"e$", "", w.lower()) if language is EN else w)))
        for w in all_words
    )
    if language is EN:
        return 0.39 * count / lines + 11.8 * syllables / count - 15.59
    return -0.205 * 100 * lines / count + 0.049 * 100 * syllables / count - 3.407


@pytest.mark.parametrize("language", list(Language))
def test_rasa_does_not_take_the_file_for_its_own(language):
    content = (DATA / "texts" / f"{language}.yml").read_text(encoding="utf-8")
    assert not re.search(r"^(nlu|responses|stories|rules|version|forms):", content, re.MULTILINE)


# --- rendering


def test_a_text_is_rendered_with_its_version_when_all_blanks_are_filled(catalogue):
    said = catalogue.render("crisis_alerting_item", EN, {"time": "by Mon 11 am", "unused": "x"})

    assert "We will call by Mon 11 am." in said.body
    assert (said.text_id, said.version, said.language) == ("crisis_alerting_item", 2, EN)


def test_a_missing_value_is_named_when_a_text_is_rendered_without_it(catalogue):
    with pytest.raises(ConfigError, match=r"en\.yml:\d+: crisis_loss .* clinician\b"):
        catalogue.render("crisis_loss", EN, {"time": "by 9 am"})


def test_an_id_that_is_not_in_the_catalogue_cannot_be_said(catalogue):
    with pytest.raises(NotFound, match="utter_poem"):
        catalogue.render("utter_poem", EN)
    assert "utter_poem" not in catalogue
    assert "utter_greet" in catalogue


def test_dee_gets_the_variant_for_loss_when_a_text_has_one(catalogue):
    assert "your baby" in catalogue.render("crisis_suicide", EN).body
    assert (
        "If you are in danger, call 911."
        in catalogue.render("crisis_suicide", EN, bereaved=True).body
    )


def test_dee_is_offered_a_person_when_an_answer_about_a_baby_has_no_variant(data):
    spoil(data / "faq" / "cost.yml", "the price before", "the baby price before")

    said = load_catalogue(data).render("utter_faq_cost", EN, bereaved=True)
    assert said.text_id == STAND_IN


# --- loading


def test_faq_answers_are_part_of_the_catalogue_in_both_languages(data):
    catalogue = load_catalogue(data)

    assert catalogue.render("utter_faq_cost", EN).version == 2
    assert catalogue.render("utter_faq_cost", ES).body == "Su equipo le dice el precio antes."


def test_the_place_of_a_text_is_the_line_that_staff_have_to_mend(data):
    text = load_catalogue(data).get("crisis_loss", ES)

    path = data / "texts" / "es.yml"
    assert text.place == f"{path}:{line_of(path, 'crisis_loss:')}"


@pytest.mark.parametrize(
    ("file", "before", "after", "complaint"),
    [
        ("texts/es.yml", "crisis_loss:", "crisis_grief:", r"\d+: crisis_loss has no text in 'es'"),
        ("texts/en.yml", "call {time}", "call soon", r"\d+: \w+: only one language has time"),
        ("texts/en.yml", "call {time}", "call {tiem}", r"en\.yml:\d+: .*no blank \{tiem\}"),
        ("texts/en.yml", "Thank you", "It’s ok", r"en\.yml:\d+: .*cost double"),
        ("texts/en.yml", "version: 1", "version: none", r"en\.yml:\d+: crisis_suicide\.version"),
        ("texts/en.yml", "purpose: safety", "purpose: fun", r"en\.yml:\d+: crisis_suicide\.pur"),
        ("texts/en.yml", "purpose: reply", "purpose: page", r"\d+: holding_reply has two purposes"),
        ("texts/en.yml", "approver: demo", "approved: demo", r"en\.yml:\d+: crisis_suicide\.app"),
        ("texts/en.yml", "invite_when:", "invite:", r"en\.yml:\d+: not readable as YAML"),
        ("texts/en.yml", "If you are in", "If your baby is in", r"loss_text of crisis_suicide"),
        ("texts/es.yml", "Si corre peligro", "Si {time} corre", r"blanks of its own"),
        ("faq/cost.yml", "Your care team", "Ketamine", r"cost\.yml:\d+: .*names the drug"),
        ("faq/cost.yml", "value: es", "value: fr", r"cost\.yml:\d+: .*"),
        ("faq/cost.yml", "value: es", "value: en", r"utter_faq_cost is there twice"),
        ("faq/cost.yml", "utter_faq_cost:", "utter_cost:", r"must hold utter_faq_cost"),
        ("faq/cost.yml", "source:", "from:", r"cost\.yml:\d+: utter_faq_cost.*"),
    ],
)
def test_a_file_is_refused_with_place_and_cure_when_it_is_wrong(
    data, file, before, after, complaint
):
    spoil(data / file, before, after)

    with pytest.raises(ConfigError, match=complaint):
        load_catalogue(data)


def test_a_faq_is_refused_when_one_language_is_missing(data):
    path = data / "faq" / "cost.yml"
    content = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"  - condition:.*?(?=  - text)", "", content, flags=re.DOTALL), encoding="utf-8"
    )

    with pytest.raises(ConfigError, match=r"utter_faq_cost has no text in 'es'"):
        load_catalogue(data)


def test_production_refuses_texts_that_no_clinic_has_approved(data):
    load_catalogue(data).approved(production=False)
    with pytest.raises(ConfigError, match=r"crisis_suicide .*approver 'demo'"):
        load_catalogue(data).approved(production=True)


def test_production_accepts_texts_when_a_person_stands_behind_each(data):
    for path in (*(data / "texts").iterdir(), data / "faq" / "cost.yml"):
        content = path.read_text(encoding="utf-8")
        path.write_text(content.replace("approver: demo", "approver: Dr Lund"), encoding="utf-8")

    load_catalogue(data).approved(production=True)


# --- Rasa's domain


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    path = tmp_path / "domain.yml"
    path.write_text(f"intents: [greet]\n{BEGIN}\nresponses: {{}}\n{END}\nactions: []\n")
    return path


def test_the_domain_says_what_the_catalogue_says_after_it_was_written(catalogue, domain):
    assert not domain_is_fresh(domain, catalogue)
    assert write_domain(domain, catalogue)

    assert domain_is_fresh(domain, catalogue)
    assert not write_domain(domain, catalogue)
    content = YAML(typ="safe").load(domain)
    spanish, english = content["responses"]["utter_greet"]
    assert spanish["condition"] == [{"type": "slot", "name": "language", "value": "es"}]
    assert spanish["text"] == catalogue.get("utter_greet", ES).text
    assert english == {"text": catalogue.get("utter_greet", EN).text}
    assert content["intents"] == ["greet"]
    assert content["actions"] == []


def test_only_utterances_that_have_no_faq_file_go_into_the_domain(catalogue):
    ids = YAML(typ="safe").load(responses_block(catalogue))["responses"].keys()

    assert ids == {text_id for text_id in own(catalogue) if text_id.startswith("utter_")}


@pytest.mark.parametrize("marker", [BEGIN, END])
def test_a_domain_without_its_markers_is_left_alone(catalogue, domain, marker):
    domain.write_text(domain.read_text().replace(marker, "# gone"))
    before = domain.read_text()

    with pytest.raises(ConfigError, match=r"domain\.yml:1: .*Put it back"):
        write_domain(domain, catalogue)
    assert domain.read_text() == before
