"""The classifier adds signals by its two thresholds, takes none away, and is read safely."""

import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis import encoder, model_files
from bot.crisis.model import PART, CrisisModel, Label, Thresholds
from bot.crisis.model_files import ModelUnusable
from bot.crisis.ngrams import ngrams
from bot.crisis.normalise import Token
from bot.crisis.screening import Context, Layer, Screener, Screening
from tests.crisis.small_model import INTRUSIVE, OVERDOSE, SUICIDE, small_model

# Words that no pattern knows: what is raised about them, the classifier raised.
VOTES = {"zorple": (4.0, 4.0), "blimf": (2.0, -4.0), "quax": (-4.0, -4.0)}


def screen(screener: Screener, model: CrisisModel, text: str, *recent: str) -> Screening:
    with_model = Screener.sharing_patterns(screener, model=model)
    return with_model.screen(text, Context(Language.ENGLISH, recent=recent))


@pytest.mark.parametrize(
    ("text", "label", "level", "reply"),
    [
        ("zorple", SUICIDE, Level.URGENT, "crisis_suicide"),
        ("blimf", SUICIDE, Level.SAME_DAY, "crisis_ask"),
        ("quax", SUICIDE, None, None),
        ("zorple", INTRUSIVE, Level.SAME_DAY, "crisis_intrusive"),
        ("zorple", OVERDOSE, Level.EMERGENCY, "crisis_overdose"),
        ("blimf", OVERDOSE, Level.URGENT, "crisis_body"),
    ],
)
def test_it_pages_asks_or_is_silent_by_two_thresholds(
    screener: Screener, text: str, label: Label, level: Level | None, reply: str | None
):
    screening = screen(screener, small_model(VOTES, label=label), text)

    assert (screening.level, screening.reply) == (level, reply)
    assert all(signal.layer == Layer.CLASSIFIER for signal in screening.signals)


def test_it_lowers_nothing_that_a_pattern_found(screener: Screener):
    calm = small_model({"die": (-9.0, -9.0)})

    assert screen(screener, calm, "i want to die").level is Level.URGENT


HALF_SURE = {"disappear": (-9.0, 8.0), "die": (-9.0, 8.0)}  # in a sentence: well below a page
AGREEING = Thresholds(ask=0.5, page=0.9, agree=0.2)


def test_where_a_pattern_asks_and_the_classifier_half_agrees_a_person_is_paged(screener: Screener):
    model = small_model(HALF_SURE, thresholds=AGREEING)
    asked = "i want to disappear"

    assert screener.screen(asked, Context(Language.ENGLISH)).level is Level.SAME_DAY
    assert screen(screener, model, asked).level is Level.URGENT
    assert screen(screener, model, "they made it disappear").quiet


def test_what_she_negated_stays_as_the_clinic_signed_it(screener: Screener):
    model = small_model(HALF_SURE, thresholds=AGREEING)

    assert screen(screener, model, "i do not want to die").level is Level.SAME_DAY


@pytest.mark.parametrize("label", [SUICIDE, INTRUSIVE, OVERDOSE])
def test_a_kind_that_is_only_thought_of_beside_never_keeps_the_text_from_her(
    screener: Screener, label: Label
):
    model = small_model(
        {"zorple": (3.0, -9.0)},
        label=label,
        thresholds=Thresholds(ask=0.5, page=0.9, look=1.0, doubt=5.0),
    )

    found = screen(screener, model, "zorple")

    assert len(found.signals) == 3
    assert found.reply == label.soft_reply


def test_kinds_that_vote_alike_are_all_plausible_and_staff_see_each(screener: Screener):
    unsure = Thresholds(ask=0.5, page=0.9, doubt=1.5)

    found = screen(screener, small_model(VOTES, thresholds=unsure), "zorple").signals

    # The overdose could be the right one: its level counts, and one text fits all.
    assert {signal.category for signal in found} == {
        Category.SUICIDE,
        Category.INTRUSIVE_THOUGHTS,
        Category.OVERDOSE,
    }
    assert found[0].level is Level.EMERGENCY
    assert [signal.reply for signal in found] == ["crisis_suicide", "", ""]


def test_a_sentence_in_two_texts_is_read_as_one(screener: Screener):
    # Each word alone is below the threshold.
    model = small_model({"zorple": (-1.0, -9.0), "blimf": (-1.0, -9.0)})

    alone = screen(screener, model, "blimf")
    after = screen(screener, model, "blimf", "zorple")

    assert alone.quiet
    assert after.level is Level.SAME_DAY


def test_what_was_said_before_is_not_raised_again_by_an_ok(screener: Screener):
    model = small_model({"zorple": (30.0, 30.0), "ok": (-10.0, -10.0)})

    assert screen(screener, model, "zorple").level is Level.URGENT
    assert screen(screener, model, "ok", "zorple").quiet


def test_meaning_is_looked_at_only_when_wording_sees_a_chance():
    tokens = [Token("quax", 0, 4)]
    blind = small_model(VOTES, thresholds=Thresholds(ask=0.5, page=0.9, look=0.99))
    curious = small_model(VOTES, thresholds=Thresholds(ask=0.5, page=0.9, look=0.0))
    for model in (blind, curious):
        model.meaning.bias[0] = 100.0  # the second reader is alarmed by everything

    assert blind.read("quax", tokens).ask < 0.5
    assert curious.read("quax", tokens).ask > 0.5


def test_of_a_long_text_the_meaning_of_the_loudest_part_is_read(screener: Screener, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(encoder, "vectors", lambda texts: encoded(asked, texts))
    model = small_model(VOTES, thresholds=Thresholds(ask=0.5, page=0.9, look=0.0))
    calm = " ".join(["quax"] * 200)

    screen(screener, model, f"{calm} zorple {calm}")
    screen(screener, model, "zorple quax")

    part, short = asked
    assert "zorple" in part
    assert len(part.split()) == PART
    assert short == "zorple quax"


def encoded(asked: list[str], texts: Sequence[str]) -> encoder.Vectors:
    asked.extend(texts)
    return np.zeros((len(texts), encoder.WIDTH), dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("no puedo con esto y no se que hacer", 2.0),
        ("i can not do this and i have no plan", 0.0),
        ("zorple", 0.0),  # no word of either language
        ("the taco truck on la calle was closed today", 0.0),  # a loan or two
    ],
)
def test_a_clearly_spanish_text_counts_more(text: str, more: float):
    model = small_model(VOTES, thresholds=Thresholds(ask=0.5, page=0.9, look=1.0))
    eased = replace(model, trust=replace(model.trust, spanish=2.0))
    tokens = [Token(word, 0, 1) for word in text.split()]

    plain, heard = (log_odds(one.read(text, tokens).ask) for one in (model, eased))

    assert heard - plain == pytest.approx(more, abs=1e-3)


def log_odds(chance: float) -> float:
    return log(chance / (1 - chance))


def test_words_and_letters_each_weigh_the_same():
    _, weights = ngrams("call me tomorrow", [Token("call", 0, 4), Token("me", 5, 7)])

    assert float(np.dot(weights, weights)) == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\n", "🙂", "¿?", "a" * 1600, "i " * 800])
def test_any_text_can_be_read(screener: Screener, text: str):
    thresholds = Thresholds(ask=0.5, page=0.9, look=0.0)

    assert screen(screener, small_model(VOTES, thresholds=thresholds), text).quiet


def test_a_classifier_that_breaks_hides_nothing_that_a_pattern_found(screener: Screener):
    broken = "i want to die \ud800"  # half a character: it has no bytes to be hashed

    assert screen(screener, small_model(VOTES), broken).level is Level.URGENT


def test_an_encoder_that_breaks_does_not_stop_the_process_nor_the_patterns(screener, monkeypatch):
    def broken() -> None:
        raise OSError("no weights")

    monkeypatch.setattr("bot.crisis.screening.encoder.warm_up", broken)
    with_model = Screener.sharing_patterns(screener, model=small_model(VOTES))
    with_model.warm_up()
    assert with_model.screen("i want to die", Context(Language.ENGLISH)).level is Level.URGENT


@pytest.mark.parametrize(("ask", "page"), [(0.0, 0.5), (0.5, 1.1), (0.5, 0.0)])
def test_thresholds_that_mean_always_or_never_are_refused(ask: float, page: float):
    with pytest.raises(ValueError, match="is needed"):
        Thresholds(ask=ask, page=page)


# --- on disk ---------------------------------------------------------------------------------


def saved(folder: Path) -> Path:
    return model_files.save(small_model(VOTES), folder, about={"seconds": 1.0})


def test_a_saved_model_reads_as_before(screener: Screener, tmp_path: Path):
    model = model_files.load(saved(tmp_path))

    assert screen(screener, model, "zorple").category is Category.SUICIDE
    assert screen(screener, model, "quax").quiet


def test_numbers_that_were_changed_are_refused(tmp_path: Path):
    card = saved(tmp_path)
    numbers = card.with_suffix(".npz")
    numbers.write_bytes(numbers.read_bytes()[:-1] + b"x")

    with pytest.raises(ModelUnusable, match="not the file that its card describes"):
        model_files.load(card)


@pytest.mark.parametrize(
    "broken",
    [
        {"texts": np.array([2], dtype=np.uint32), "weights": np.ones(1, dtype=np.float16)},
        {"texts": np.array([0], dtype=np.uint32)},
        {"starts": np.zeros(3, dtype=np.uint32)},
    ],
)
def test_an_index_that_names_texts_there_are_not_is_refused(tmp_path: Path, broken):
    card = saved(tmp_path)
    numbers = card.with_suffix(".npz")
    with np.load(numbers) as arrays:
        kept = dict(arrays)
    if "weights" in broken:
        kept["starts"][1:] = 1
    with numbers.open("wb") as file:
        np.savez(file, **{**kept, **broken})
    content = json.loads(card.read_text())
    card.write_text(json.dumps({**content, "sha256": model_files._sha256(numbers)}))

    with pytest.raises(ModelUnusable, match="not readable"):
        model_files.load(card)


def test_a_file_that_carries_code_is_not_run(tmp_path: Path):
    card = saved(tmp_path)
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (marker,)  # type: ignore[return-value]

    numbers = card.with_suffix(".npz")
    with numbers.open("wb") as file:
        np.savez(file, wording=np.array([pickle.dumps(Evil()), Evil()], dtype=object))
    content = json.loads(card.read_text())
    content["sha256"] = model_files._sha256(numbers)
    card.write_text(json.dumps(content))

    with pytest.raises(ModelUnusable, match="not readable"):
        model_files.load(card)
    assert not marker.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"thresholds": {"ask": 2.0, "page": 0.5, "look": 0.0}},
        {"labels": []},
        {"thresholds": None},
    ],
)
def test_a_card_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, object]):
    card = saved(tmp_path)
    card.write_text(json.dumps({**json.loads(card.read_text()), **change}))

    with pytest.raises(ModelUnusable, match="tend train crisis"):
        model_files.load(card)


def test_the_newest_card_is_the_one_that_is_loaded(tmp_path: Path):
    assert model_files.newest(tmp_path) is None
    card = saved(tmp_path)

    assert model_files.newest(tmp_path) == card
