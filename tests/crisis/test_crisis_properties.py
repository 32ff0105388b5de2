"""Whatever arrives, the screening answers, and noise around her words hides nothing."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.levels import Level
from bot.crisis.rules import CrisisRules
from bot.crisis.word_table import fold_character
from tests.crisis.conftest import Screen

KEEP_FIXTURES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Words that mean nothing here and negate nothing; signs people put around their words.
NOISE = st.lists(
    st.sampled_from(["ok", "hi", "umm", "today", "tbh", "the", "baby", "😭", "...", "lol", "doc"]),
    max_size=12,
).map(" ".join)
TYPED = st.text(max_size=300) | st.text(
    alphabet="iI wantodekl1!*.0 ’'ñá\u0301\u200b😭🔫m y s\n", max_size=200
)


@KEEP_FIXTURES
@given(text=TYPED, recent=st.lists(TYPED, max_size=3))
@example(text="", recent=[])
@example(text="\ud800", recent=["\x00"])
@example(text="ﷺİß㎏½Ⅷ٣", recent=["…"])
def test_no_text_breaks_the_screening_and_spans_lie_inside(
    screen: Screen, text: str, recent: list[str]
):
    for signal in screen(text, *recent).signals:
        assert signal.spans
        assert all(0 <= start < end <= len(text) for start, end in signal.spans)


@KEEP_FIXTURES
@given(before=NOISE, after=NOISE)
def test_noise_around_hides_nothing(screen: Screen, before: str, after: str):
    text = f"{before} i want to kill myself {after}"

    screening = screen(text)

    assert screening.level is not None
    assert screening.level.at_least(Level.URGENT)
    found = [text[a:b] for s in screening.signals for a, b in s.spans]
    assert any("kill myself" in piece for piece in found)


@KEEP_FIXTURES
@given(text=TYPED)
def test_the_same_text_gives_the_same_screening(screen: Screen, text: str):
    assert screen(text) == screen(text)


@given(character=st.characters())
def test_folding_twice_changes_nothing_more(character: str):
    once = fold_character(character)

    assert "".join(map(fold_character, once)) == once


@KEEP_FIXTURES
@given(data=st.data())
def test_a_dot_and_capitals_never_silence_a_pattern(
    screen: Screen, rules: CrisisRules, data: st.DataObject
):
    pattern = data.draw(st.sampled_from(rules.patterns))
    text = data.draw(st.sampled_from(pattern.must_match))

    ids = {signal.pattern_id for signal in screen(text.upper() + ".").signals}

    assert pattern.id in ids
