"""The instruments that are shipped are as published; a file that is not so does not load."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.content.instruments import load_instrument_pack, load_instruments
from bot.core.answers import Ambiguous, Answered, read_answer
from bot.core.instruments import Instrument, is_alerting, is_positive, prompt, score, with_cut_off
from bot.core.languages import Language
from bot.core.segments import segments
from bot.errors import ConfigError, NotFound

DATA = Path(__file__).parents[2] / "data"
PACK = Path(__file__).parent / "epds_placeholder"
SHIPPED = load_instruments(DATA)

# HL7 US Core (PHQ-9) and HL7 Personal Health Record (GAD-7).
PHQ9_LOINC = [
    *("44250-9", "44255-8", "44259-0", "44254-1", "44251-7"),
    *("44258-2", "44252-5", "44253-3", "44260-8"),
]
GAD7_LOINC = [
    *("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"),
]
ANSWER_LOINC = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of data/instruments that a test may spoil."""
    for path in (DATA / "instruments").rglob("*.yml"):
        copy = tmp_path / path.relative_to(DATA)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def spoil(path: Path, change: Callable[[dict], object]) -> None:  # type: ignore[type-arg]
    yaml = YAML()
    content = yaml.load(path.read_text(encoding="utf-8"))
    change(content)
    with path.open("w", encoding="utf-8") as out:
        yaml.dump(content, out)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_five_free_instruments_are_shipped_and_no_other() -> None:
    assert set(SHIPPED) == {"mood", "phq2", "phq9", "gad2", "gad7"}


def test_every_instrument_names_source_licence_version_and_approver() -> None:
    for instrument in SHIPPED.values():
        assert all((instrument.source, instrument.licence_notice, instrument.version))
        assert instrument.approver == "demo"


def test_phq_and_gad_carry_the_licence_notice() -> None:
    for name in ("phq2", "phq9", "gad2", "gad7"):
        assert "No permission required to reproduce" in SHIPPED[name].licence_notice


def test_spanish_is_marked_unchecked_until_a_clinic_has_compared_it() -> None:
    assert not any(instrument.spanish_checked for instrument in SHIPPED.values())


def test_no_epds_wording_is_in_the_data_folder() -> None:
    for path in DATA.rglob("*.yml"):
        assert "able to laugh" not in path.read_text(encoding="utf-8").lower()


def test_codes_are_those_of_the_published_guides() -> None:
    phq9, gad7 = SHIPPED["phq9"], SHIPPED["gad7"]
    assert [item.loinc for item in phq9.scored_items] == PHQ9_LOINC
    assert [item.loinc for item in gad7.items] == GAD7_LOINC
    assert (phq9.loinc.panel, phq9.loinc.total) == ("44249-1", "44261-6")
    assert (gad7.loinc.panel, gad7.loinc.total) == ("69737-5", "70274-6")
    assert (SHIPPED["phq2"].loinc.panel, SHIPPED["phq2"].loinc.total) == ("55757-9", "55758-7")
    for name in ("phq2", "phq9", "gad2", "gad7"):
        for item in SHIPPED[name].scored_items:
            assert [answer.loinc for answer in item.answers] == ANSWER_LOINC


def test_short_scales_are_the_first_items_of_the_long_ones() -> None:
    assert SHIPPED["phq2"].items == SHIPPED["phq9"].items[:2]
    assert SHIPPED["gad2"].items == SHIPPED["gad7"].items[:2]


def test_item_nine_alerts_from_one_and_nothing_else_alerts() -> None:
    alerting = [
        (name, item.number, item.alerting_from)
        for name, instrument in SHIPPED.items()
        for item in instrument.items
        if item.alerting_from is not None
    ]
    assert alerting == [("phq9", 9, 1)]


def test_difficulty_is_recorded_but_neither_scored_nor_asked() -> None:
    difficulty = SHIPPED["phq9"].item(10)
    assert not difficulty.scored
    assert difficulty.loinc == "69722-7"
    assert len(SHIPPED["phq9"].scored_items) == 9


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_prompt_keeps_its_wording_its_choices_and_its_length(
    name: str, language: Language
) -> None:
    limit = {Language.ENGLISH: 2, Language.SPANISH: 4}[language]
    for item in SHIPPED[name].scored_items:
        text = prompt(SHIPPED[name], item.number, language)
        assert segments(text).count <= limit
        assert item.text.in_language(language) in text
        assert {Language.ENGLISH: "SKIP", Language.SPANISH: "SALTAR"}[language] in text
        for answer in item.answers:
            label = answer.label.in_language(language)
            assert label == str(answer.score) or f"{answer.score} {label}" in text
        if name != "mood":
            assert "2 weeks" in text or "2 semanas" in text


def test_english_prompts_use_the_cheap_alphabet() -> None:
    for instrument in SHIPPED.values():
        for item in instrument.scored_items:
            text = prompt(instrument, item.number, Language.ENGLISH)
            assert segments(text).encoding == "gsm7"


def test_longest_item_fits_two_segments_with_a_shorter_stem() -> None:
    text = prompt(SHIPPED["phq9"], 8, Language.ENGLISH)
    assert text.startswith("8/9 Over the last 2 weeks, how often:\nMoving or speaking so slowly")
    assert text.endswith("3 Nearly every day\nSKIP is fine.")


def test_clinic_may_choose_the_lower_phq2_cut_off() -> None:
    assert not is_positive(SHIPPED["phq2"], 2)
    assert is_positive(with_cut_off(SHIPPED["phq2"], at_or_above=2), 2)


# --- files that do not load ---------------------------------------------------------------------

SPOILED: dict[str, tuple[str, str, str]] = {
    "an example total is wrong": ("phq9.yml", "total: 4, band: minimal", "total: 5, band: minimal"),
    "an example text reads otherwise": (
        "gad7.yml",
        "{text: nah, reads: 0}",
        "{text: nah, reads: 1}",
    ),
    "a band leaves a gap": ("phq9.yml", "low: 5, high: 9", "low: 6, high: 9"),
    "bands overlap": ("gad7.yml", "low: 5, high: 9", "low: 4, high: 9"),
    "the range does not add up": ("phq2.yml", "range: [0, 6]", "range: [0, 9]"),
    "item nine alerts on every answer": ("phq9.yml", "alerting_from: 1", "alerting_from: 0"),
    "item nine alerts on no answer": ("phq9.yml", "alerting_from: 1", "alerting_from: 4"),
    "it leads to nothing": ("phq2.yml", "leads_to: phq9", "leads_to: phq10"),
    "the cut-off is not published": ("phq2.yml", "at_or_above: 3", "at_or_above: 4"),
    "two answers score alike": ("phq2.yml", "{score: 3, label", "{score: 2, label"),
    "two labels are the same": ("phq2.yml", "en: Several days", "en: Nearly every day"),
    "an item is missing": ("phq9.yml", "number: 5", "number: 6"),
    "a phrase file is missing": ("gad2.yml", "phrases: how_often", "phrases: how_often_not"),
    "there is no licence notice": ("phq9.yml", "licence_notice:", "licence_note:"),
    "the id is not the file's name": ("phq9.yml", "id: phq9", "id: phq8"),
    "Spanish lacks for one item": ("gad2.yml", '      es: "No ha sido', '      #: "No ha sido'),
    "a phrase means an impossible score": ("phrases/how_often.yml", "score: 3", "score: 4"),
    "a phrase is moved to another score": ("phrases/how_often.yml", "- most days\n", "- later\n"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_file_does_not_load_when(how: str, data: Path) -> None:
    file, old, new = SPOILED[how]
    replace(data / "instruments" / file, old, new)
    with pytest.raises(ConfigError, match=r"\.yml:\d+: "):
        load_instruments(data)


def test_unspoiled_copy_loads(data: Path) -> None:
    assert load_instruments(data) == SHIPPED


def test_refusal_names_the_line_when_a_total_is_wrong(data: Path) -> None:
    path = data / "instruments" / "phq9.yml"
    replace(path, "total: 4, band: minimal", "total: 5, band: minimal")
    line = path.read_text(encoding="utf-8").splitlines().index("examples:") + 1
    with pytest.raises(ConfigError, match=rf"phq9\.yml:{line}: examples: "):
        load_instruments(data)


def test_epds_is_refused_when_somebody_puts_it_among_the_shipped_ones(data: Path) -> None:
    (data / "instruments" / "epds.yml").write_text((PACK / "epds.yml").read_text(encoding="utf-8"))
    with pytest.raises(ConfigError, match="may not be shipped"):
        load_instruments(data)


# --- the licensed pack --------------------------------------------------------------------------


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "epds.yml"
    path.write_text((PACK / "epds.yml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


@pytest.fixture
def epds() -> Instrument:
    return load_instrument_pack(PACK)


def test_pack_loads_from_its_file_and_from_its_folder(epds: Instrument) -> None:
    assert load_instrument_pack(PACK / "epds.yml") == epds
    assert epds.range == (0, 30)


def test_seven_of_ten_items_are_printed_backwards(epds: Instrument) -> None:
    backwards = [item.number for item in epds.items if item.answers[0].score == 3]
    assert backwards == [3, 5, 6, 7, 8, 9, 10]


def test_number_is_the_score_and_label_is_the_score_whatever_the_printed_place(
    epds: Instrument,
) -> None:
    item = epds.item(10)
    first_printed = item.answers[0]
    assert read_answer(item, "3", Language.ENGLISH) == Answered(3)
    assert read_answer(item, first_printed.label.en, Language.ENGLISH) == Answered(3)
    lines = prompt(epds, 10, Language.ENGLISH).splitlines()
    assert lines[2].startswith("3 Placeholder first")
    assert lines[5].startswith("0 Placeholder fourth")


def test_first_choice_everywhere_is_not_zero(epds: Instrument) -> None:
    responses = {item.number: item.answers[0].score for item in epds.items}
    total = score(epds, responses)
    assert total is not None
    assert total.total == 21


def test_epds_item_ten_alerts_with_a_low_total(epds: Instrument) -> None:
    total = score(epds, {number: int(number == 10) for number in range(1, 11)})
    assert total is not None
    assert total.total == 1
    assert is_alerting(epds.item(10), 1)
    assert not is_alerting(epds.item(10), 0)


def test_bare_no_is_never_scored_on_a_scale_that_runs_both_ways(epds: Instrument) -> None:
    for item in epds.items:
        assert isinstance(read_answer(item, "no", Language.ENGLISH), Ambiguous)


def test_epds_cut_off_is_the_clinics_choice_among_published_ones(epds: Instrument) -> None:
    assert not is_positive(epds, 12)
    assert is_positive(with_cut_off(epds, at_or_above=11), 11)
    with pytest.raises(ConfigError, match="10, 11, 13"):
        with_cut_off(epds, at_or_above=9)


def test_pack_without_spanish_is_not_asked_in_spanish(epds: Instrument) -> None:
    assert epds.languages == (Language.ENGLISH,)
    with pytest.raises(NotFound):
        prompt(epds, 1, Language.SPANISH)


def swap_scores(item: int) -> Callable[[dict], object]:  # type: ignore[type-arg]
    def change(content: dict) -> None:  # type: ignore[type-arg]
        answers = content["items"][item - 1]["answers"]
        for answer in answers:
            answer["score"] = 3 - answer["score"]
        content["examples"]["texts"] = content["examples"]["texts"][-1:]

    return change


@pytest.mark.parametrize("item", range(1, 11))
def test_pack_is_refused_when_an_item_runs_the_wrong_way(item: int, pack: Path) -> None:
    spoil(pack, swap_scores(item))
    with pytest.raises(ConfigError, match=f"item {item}: printed order must score"):
        load_instrument_pack(pack)


def drop_last_item(content: dict) -> None:  # type: ignore[type-arg]
    del content["items"][-1]
    content["range"] = [0, 27]
    content["examples"]["totals"] = [{"given": [0] * 9, "total": 0}]
    content["examples"]["texts"] = content["examples"]["texts"][:1]


BAD_PACKS: dict[str, tuple[Callable[[dict], object], str]] = {  # type: ignore[type-arg]
    "the citation is shortened": (lambda c: c.update(citation="Cox 1987"), "citation"),
    "there is no permission": (lambda c: c.pop("permission"), "permission"),
    "item ten does not alert": (lambda c: c["items"][9].pop("alerting_from"), "item 10|reads as"),
    "another item alerts": (lambda c: c["items"][0].update(alerting_from=1), "item 1: alerting"),
    "an item is missing": (drop_last_item, "expected items 1 to 10"),
    "an item is not scored": (lambda c: c["items"][4].update(scored=False), "add up"),
    "an option is missing": (lambda c: c["items"][4]["answers"].pop(1), "item 5: printed"),
}


@pytest.mark.parametrize("how", BAD_PACKS)
def test_pack_is_refused_when(how: str, pack: Path) -> None:
    change, why = BAD_PACKS[how]
    spoil(pack, change)
    with pytest.raises(ConfigError, match=why):
        load_instrument_pack(pack)


def test_pack_of_an_unknown_scale_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phq9.yml"
    text = (PACK / "epds.yml").read_text(encoding="utf-8")
    path.write_text(text.replace("id: epds", "id: phq9"), encoding="utf-8")
    with pytest.raises(ConfigError, match="no scoring key for phq9"):
        load_instrument_pack(path)


def test_missing_pack_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the file is missing"):
        load_instrument_pack(tmp_path)
