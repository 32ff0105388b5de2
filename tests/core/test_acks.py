"""Which texts of a clinician take an alert, however they are typed, and which never do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.acks import Ack, read_ack
from bot.core.plain_words import plain

R8 = """ack r8|ACK R8|akc r8|cak r8|ac r8|ak r8|ck r8|ackk r8|aack r8|acck r8|ACK R 8|ack  r  8
    |ACKR8|akcr8|ackkr8|Ack: R8.|ack #R8!|ACK-R8|ack_r8|acknowledge r8|acknowledged r8
    |r8|R8.|ack r8 👍
    |ack r8 calling her|ack r8 she is fine now, talked to her|ack r8 thank you so much
    |ack r8 just woke up, calling|yes ack r8|ok, ack r8 thanks|on it r8|r8 on it|r8 calling her now
    |ack r8 sorry was asleep|ack r8 will call her back in 5 minutes|ack r8 yo la llamo|ack r8 r8"""
BOTH = "ack a5 r8|ACK A5, R8|ack a5 and r8|ack a5 & r8 on it|ack a 5 r 8|a5 r8|ack a5 y r8"
BARE = "ack|ACK!|akc|ac|ackk|acknowledge|ok ack|ack on it|ack, calling her|ack thanks"
NEVER = """|ok|got it|yes|back r8|pass r8|r8?|ack r8?|ack?|ack r8 not me|ack r8 cant|ack r8 can't
    |ack r8 who?|ack r8 who is this|ack r8 no|no ack r8|cant ack r8|dont ack r8|ack r8 no puedo
    |ack r8 dr ruiz is calling her|ack r8 ruiz has it|ack r8 someone else take it|ack r8 later
    |ack r8 can you call her|ack r8 wrong person|ack r8 by mistake|ack r8 back|ack r8 pass
    |ack r8 you take it|please ack r8|ack 8|ack8|akr8|acr8|sack r8|hack r8|pack r8|ck r8 on her
    |ack r8 calling her, a5 is yours|ack a5 r8 is with ruiz|ok r8|got it r8|thanks r8|r8 ok
    |r8 is fine|what is r8|ack call me|ack she is fine|tack|ak|ck|akkc r8|ack r8 👎|ack r8 ❌
    |ack r8 im off tonight|ack r8 que alguien la llame|ack rr8|ack r88888|is it r8|i ack nothing"""


def split(words: str) -> list[str]:
    return [one.strip() for one in words.split("|")]


@pytest.mark.parametrize("text", split(R8))
def test_a_tired_thumb_takes_the_alert_that_it_names(text):
    found = read_ack(text)
    assert found is not None
    assert found.codes == ("R8",)


@pytest.mark.parametrize("text", split(BOTH))
def test_two_codes_are_both_taken(text):
    assert read_ack(text) == Ack(("A5", "R8"))


@pytest.mark.parametrize("text", split(BARE))
def test_an_ack_alone_names_no_code(text):
    assert read_ack(text) == Ack()


@pytest.mark.parametrize("text", split(NEVER))
def test_anything_unclear_is_no_ack(text):
    assert read_ack(text) is None


@pytest.mark.parametrize("text", ["ack r8 talked to her", "ack r8 she took pills, sent 911"])
def test_words_of_any_kind_beside_it_are_marked_to_be_screened_first(text):
    assert read_ack(text) == Ack(("R8",), more=True)


_ACK_LIKE = re.compile(r"(?:a+c+k*|a+k+c*|cak|ck)(?![a-z])|(?:ack|akc|cak|aack|acck|ackk)[a-z]\d")
_ACK_WORD = re.compile(r"\back(?:nowledged?|ing)\b")
_CODE_LIKE = re.compile(r"(?<![a-z0-9])[a-z]\d{1,4}(?![a-z0-9])")
_WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        """ack akc ac ackk r8 a5 r 8 on it ok got calling her now no not cant who ? back pass she
        is fine yes thanks i have taking mine done call and""",
    )
)


@given(st.one_of(st.text(max_size=40), st.lists(_WORDS, max_size=6).map(" ".join)))
def test_no_text_without_an_ack_like_word_or_a_code_ever_acknowledges(text):
    words = plain(text).replace("_", " ")
    looks_like_it = _ACK_LIKE.search(words) or _ACK_WORD.search(words) or _CODE_LIKE.search(words)
    if not looks_like_it:
        assert read_ack(text) is None


@given(st.lists(_WORDS, max_size=6), st.sampled_from(["not me", "cant", "who", "no", "?"]))
def test_whatever_is_acknowledged_is_not_with_a_denial_or_a_question_behind_it(words, doubt):
    assert read_ack(" ".join([*words, doubt])) is None


@given(st.lists(_WORDS, max_size=8))
def test_only_codes_that_stand_there_are_taken(words):
    text = " ".join(words)
    found = read_ack(text)
    if found is not None:
        letters = re.sub(r"\W", "", text).upper()
        assert all(code in letters for code in found.codes)
