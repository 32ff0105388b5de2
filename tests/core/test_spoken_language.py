"""In which language her words are, so that danger is answered in it."""

import pytest

from bot.core.languages import Language
from bot.core.spoken_language import languages_of
from tests.crisis.safety_set import safety_texts

EN, ES = Language.ENGLISH, Language.SPANISH


@pytest.mark.parametrize(
    "words",
    [
        "quiero morir",
        "ya no puedo mas, me quiero matar",
        "mi bebé no respira",
        "me tomé las pastillas",
        "nadie me contesta",
        "cuando me llaman",
        "cuanto dura la sesion",
        "no me dejen sola por favor",
        "donde estan",
    ],
)
def test_spanish_words_are_answered_in_spanish_whatever_she_chose(words):
    assert languages_of(words, own=EN) == (ES,)


@pytest.mark.parametrize("words", ["i want to die", "he has a gun, help me", "i took all my pills"])
def test_english_words_are_answered_in_english_whatever_she_chose(words):
    assert languages_of(words, own=ES) == (EN,)


@pytest.mark.parametrize("words", ["i feel terrible, ya no quiero vivir", "suicidio", "auxilio"])
def test_in_doubt_both_are_said(words):
    assert languages_of(words, own=EN) == (EN, ES)


@pytest.mark.parametrize("words", ["", "ok", "988", "?", "Orlando", "no", "🔫"])
@pytest.mark.parametrize("own", [EN, ES])
def test_words_that_say_nothing_leave_her_language(words, own):
    assert languages_of(words, own=own) == (own,)


def test_a_name_from_the_other_language_changes_nothing():
    assert languages_of("my husband Jose hit me in the casa", own=EN) == (EN,)


@pytest.mark.parametrize("language", [EN, ES])
def test_no_sign_of_danger_in_her_own_language_is_answered_in_the_other_alone(language):
    hers = [row.text for row in safety_texts() if row.language is language and row.category]
    assert [text for text in hers if language not in languages_of(text, own=language)] == []


@pytest.mark.parametrize(("language", "chosen"), [(EN, ES), (ES, EN)])
def test_nearly_every_sign_of_danger_is_answered_in_its_language(language, chosen):
    texts = [row.text for row in safety_texts() if row.language is language and row.category]
    missed = [text for text in texts if language not in languages_of(text, own=chosen)]
    assert len(missed) <= len(texts) // 100, missed
