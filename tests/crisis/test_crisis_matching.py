"""The lines find what they say; on shared ground, exactly what spaCy's Matcher finds."""

from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.crisis.finding import Finder
from bot.crisis.lexicon import Lexicon
from bot.crisis.matching import Hit, LineMatcher
from bot.crisis.pattern_lines import Line, parse
from bot.crisis.rules import CrisisRules
from bot.crisis.word_table import WordTable
from tests.crisis.safety_set import safety_texts

VOCAB = spacy.blank("en").vocab
# Our notation and spaCy's for the same thing. spaCy has no alternatives of several words.
SHARED: dict[str, list[dict[str, Any]]] = {
    "want to die": [{"ORTH": "want"}, {"ORTH": "to"}, {"ORTH": "die"}],
    "(want|need) [to] die": [
        {"ORTH": {"IN": ["want", "need"]}},
        {"ORTH": "to", "OP": "?"},
        {"ORTH": "die"},
    ],
    "want …2 die": [
        {"ORTH": "want"},
        {"ORTH": {"NOT_IN": ["not", "."]}, "OP": "{0,2}"},
        {"ORTH": "die"},
    ],
    "w* [to|and] die": [
        {"ORTH": {"REGEX": "^w"}},
        {"ORTH": {"IN": ["to", "and"]}, "OP": "?"},
        {"ORTH": "die"},
    ],
}


def ours(line: Line, words: list[str]) -> set[int]:
    """Where hits end, with our matcher."""
    lexicon = Lexicon([line], more=["not", "^", "$"])
    matcher = LineMatcher([(("x", 0), line)], lexicon=lexicon, gap_ends=frozenset({"not"}))
    codes = "".join(lexicon.code(word) for word in ["^", *words, "$"])
    return {hit.end - 1 for hit in matcher.find(codes)}


def theirs(pattern: list[dict[str, Any]], words: list[str]) -> set[int]:
    """Where hits end, with spaCy's."""
    matcher = Matcher(VOCAB)
    matcher.add("x", [pattern])
    return {end for _, _, end in matcher(Doc(VOCAB, words=words))} if words else set()


@settings(max_examples=300, deadline=None)
@given(
    notation=st.sampled_from(sorted(SHARED)),
    words=st.lists(
        st.sampled_from(["want", "need", "to", "die", "and", "not", ".", "wish", "x"]), max_size=8
    ),
)
def test_a_line_hits_where_spacy_hits(notation: str, words: list[str]):
    line = parse(notation, sets={}, words=WordTable())

    assert bool(ours(line, words)) == bool(theirs(SHARED[notation], words))
    # Ours does not report hits inside a hit; what it reports, spaCy reports too.
    assert ours(line, words) <= theirs(SHARED[notation], words)


@pytest.mark.parametrize(
    ("notation", "text", "hit"),
    [
        ("(die|be dead)", "i be dead", True),
        ("(die|be dead)", "i be", False),
        ("a [b c] d", "a d", True),
        ("a [b c] d", "a b c d", True),
        ("a [b c] d", "a b d", False),
        ("^ end it $", "end it", True),
        ("^ end it $", "ok . end it .", True),
        ("^ end it $", "to end it now", False),
        ("a … d", "a x . d", False),
        ("a … d", "a not d", False),
        ("<160+>", "165", True),
        ("<160+>", "159", False),
        ("<160+> x <5+>", "200 x 3", False),
        ("@two", "second thing", True),
    ],
)
def test_signs_mean_what_the_table_says(notation: str, text: str, hit: bool):
    line = parse(notation, sets={"two": ["first", "second thing"]}, words=WordTable())

    assert bool(ours(line, text.split())) is hit


def every_line_tried(matcher: LineMatcher, codes: str) -> list[Hit]:
    """What is found without leaving out the lines whose words do not stand there."""
    return [
        Hit(line.key, match.start(), match.end())
        for line in matcher._lines
        for match in line.compiled().finditer(codes)
    ]


@pytest.fixture(scope="module")
def finder(rules: CrisisRules) -> Finder:
    return Finder(rules)


def test_leaving_out_lines_that_cannot_fit_changes_no_hit(finder: Finder):
    code = finder._lexicon.code
    for told in safety_texts():
        words = [token.word for token in finder._normaliser.tokens(told.text)]
        codes = "".join(code(word) for word in ["^", *words, "$"])
        assert finder._matcher.find(codes) == every_line_tried(finder._matcher, codes)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_leaving_out_lines_changes_no_hit_in_any_row_of_known_words(
    finder: Finder, data: st.DataObject
):
    known = sorted(finder._lexicon.words)
    words = data.draw(st.lists(st.sampled_from(known), max_size=12))
    codes = "".join(finder._lexicon.code(word) for word in ["^", *words, "$"])
    assert finder._matcher.find(codes) == every_line_tried(finder._matcher, codes)


def test_a_line_of_which_no_word_is_telling_is_always_tried():
    line = parse("(^ | oh) [well]", sets={}, words=WordTable())
    assert ours(line, ["x"]) == {0}
