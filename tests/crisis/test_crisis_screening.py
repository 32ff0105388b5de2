"""Who, whether and when: what the screening makes of a text, and how its parts are told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis.rules import CrisisRules
from bot.crisis.screening import Context, Screener
from tests.crisis.conftest import Screen

ENGLISH = Context(Language.ENGLISH)


@pytest.mark.parametrize(
    ("text", "level", "reply"),
    [
        ("i want to die", Level.URGENT, "crisis_suicide"),
        ("im not suicidal", Level.SAME_DAY, "crisis_ask"),
        ("I dont want to die", Level.SAME_DAY, "crisis_ask"),
        ("no me quiero morir", Level.SAME_DAY, "crisis_ask"),
        ("i tried to kill myself years ago in college", Level.SAME_DAY, "crisis_ask"),
        ("i tried to kill myself years ago and again last night", Level.URGENT, "crisis_suicide"),
        ("my sister killed herself", Level.SAME_DAY, "crisis_ask"),
        ("END IT", Level.SAME_DAY, "crisis_ask"),
        ("I want it to stop.", Level.SAME_DAY, "crisis_ask"),
        ("this is her husband, she took all her pills", Level.EMERGENCY, "crisis_overdose"),
        ("i would never hurt my baby", Level.SAME_DAY, "crisis_intrusive"),
        ("i dont want to hurt my baby", Level.SAME_DAY, "crisis_intrusive"),
        ("no chest pain, no headache", None, None),
        ("i cry all day", Level.WATCH, None),
    ],
)
def test_level_and_reply_fit_who_whether_and_when(
    screen: Screen, text: str, level: Level | None, reply: str | None
):
    screening = screen(text)

    assert (screening.level, screening.reply) == (level, reply)


@pytest.mark.parametrize(
    ("text", "level", "reply"),
    [
        ("he has a gun in the truck", Level.URGENT, "crisis_violence"),
        ("he has a gun and hes drunk", Level.EMERGENCY, "crisis_violence"),
        ("tiene una pistola", Level.URGENT, "crisis_violence"),
        ("i have a gun in the truck", Level.SAME_DAY, "crisis_ask"),
        ("tengo una pistola en la troca", Level.SAME_DAY, "crisis_ask"),
        ("hes at the door", Level.SAME_DAY, "crisis_violence"),
        ("he found me", Level.SAME_DAY, "crisis_violence"),
        ("hes at the door banging and yelling", Level.EMERGENCY, "crisis_violence"),
        ("está en la puerta", Level.SAME_DAY, "crisis_violence"),
        ("está en la puerta golpeando", Level.EMERGENCY, "crisis_violence"),
        ("perdónenme todos", Level.SAME_DAY, "crisis_ask"),
        ("ya me despedí", Level.SAME_DAY, "crisis_ask"),
        (
            "baby wont stop crying, im afraid of what i might do",
            Level.URGENT,
            "crisis_intrusive",
        ),
        (
            "el bebe no para de llorar y tengo miedo de lo q pueda hacer",
            Level.URGENT,
            "crisis_intrusive",
        ),
        ("i had to leave him in the car", Level.EMERGENCY, "crisis_infant_left"),
        ("tuve que dejarlo en el carro", Level.EMERGENCY, "crisis_infant_left"),
        ("we left him in the car seat", None, None),
        ("labeled the bottles so he knows what to do", Level.SAME_DAY, "crisis_ask"),
        ("asleep with him under my arm", None, None),
        ("asleep with him under my arm and he wont wake up", Level.EMERGENCY, "crisis_infant"),
        ("🔪👶", Level.SAME_DAY, "crisis_intrusive"),
        ("💊💊💊👶", Level.URGENT, "crisis_infant"),
        ("💊💊💊 me", Level.SAME_DAY, "crisis_ask"),
        ("no1 wud miss me", Level.URGENT, "crisis_suicide"),
        ("me muero de sueño y de risa", None, None),
    ],
)
def test_who_is_in_danger_decides_what_she_is_asked(
    screen: Screen, text: str, level: Level | None, reply: str | None
):
    screening = screen(text)

    assert (screening.level, screening.reply) == (level, reply)


@pytest.mark.parametrize(
    "text",
    [
        "i cant stop thinking about killing myself",
        "why not kill myself",
        "i cant take it i want to die",
        "no puedo mas quiero morirme",
        "i dont know what to do, want to die",
    ],
)
def test_a_not_that_denies_nothing_softens_nothing(screen: Screen, text: str):
    assert screen(text).level is Level.URGENT


def test_wanting_beside_an_unwanted_thought_takes_the_firm_text(screen: Screen):
    soft = screen("i keep having scary thoughts about hurting my baby")
    firm = screen("i keep having scary thoughts about hurting my baby and i want to hurt my baby")

    assert (soft.level, soft.reply) == (Level.SAME_DAY, "crisis_intrusive")
    assert (firm.level, firm.reply) == (Level.URGENT, "crisis_baby")


def test_a_dead_baby_that_may_still_be_saved_is_no_loss_first(screen: Screen):
    assert screen("my baby is dead in the crib").reply == "crisis_infant"
    assert screen("my baby just died hes not breathing").reply == "crisis_infant"
    assert screen("my baby died").reply == "crisis_loss"


@pytest.mark.parametrize(
    "text",
    [
        "i shook her a little",
        "I shook the baby just once",
        "i gave him a little shake for a second",
        "lo sacudí tantito",
        "le di una sacudida al bebé nada más",
    ],
)
def test_a_shaken_baby_must_be_seen_however_small_she_makes_it(screen: Screen, text: str):
    screening = screen(text)

    assert (screening.level, screening.reply) == (Level.EMERGENCY, "crisis_shaken")


@pytest.mark.parametrize("text", ["cant talk hes here", "no puedo hablar, él está aquí"])
def test_a_phone_that_he_may_read_is_asked_nothing_and_a_person_is_paged(screen: Screen, text: str):
    screening = screen(text)

    assert (screening.level, screening.category) == (Level.URGENT, Category.VIOLENCE)
    assert screening.reply == "crisis_violence_unsafe"


@pytest.mark.parametrize(
    "text", ["he hit me while i held the baby", "me pegó con el bebé en brazos"]
)
def test_violence_against_a_mother_who_holds_the_baby_is_paged(screen: Screen, text: str):
    screening = screen(text)

    assert (screening.level, screening.category) == (Level.URGENT, Category.VIOLENCE)
    assert screening.reply == "crisis_violence"


def test_a_text_split_in_two_is_found_with_the_second_half(screen: Screen):
    assert screen("i want").quiet
    assert screen("to die").quiet

    screening = screen("to die", "hi", "i want")

    assert screening.category is Category.SUICIDE
    assert screening.signals[0].spans == ((0, 6),)


@pytest.mark.parametrize(
    "texts",
    [
        ("i want to k", "ill myself"),
        ("i want to kil", "l myself"),
        ("i want to ki ", " ll", "myself"),
        ("im going to overd", "ose on them tonight"),
        ("im suic", "idal"),
        ("me quiero mat", "ar"),
    ],
)
def test_a_word_cut_in_two_by_two_texts_is_read_whole(screen: Screen, texts: tuple[str, ...]):
    *before, last = texts

    found = screen(last, *before)

    assert found.level is not None
    assert found.level.at_least(Level.URGENT)
    assert found.category is Category.SUICIDE or found.category is Category.OVERDOSE
    assert all(0 <= start < end <= len(last) for start, end in found.signals[0].spans)


@pytest.mark.parametrize(
    "texts",
    [
        ("see you at 5", "thanks so much"),
        ("she is so over", "tired today"),
        ("i had to skip", "my nap"),
        ("ok", "ill do it"),
        ("i want to die", "what time is my session"),
    ],
)
def test_two_harmless_texts_do_not_make_a_dangerous_word(screen: Screen, texts: tuple[str, str]):
    before, last = texts

    assert screen(last, before).signals == screen(last).signals


def test_an_earlier_text_alone_raises_nothing_again(screen: Screen):
    assert screen("what time is my session", "i want to die").quiet


def test_an_earlier_text_takes_nothing_away(screen: Screen):
    assert screen("i want to die", "i do not", "lol").level is Level.URGENT


def test_an_idiom_hides_only_its_own_words(screen: Screen):
    assert screen("dying for a nap").quiet
    assert screen("dying for a nap and i want to die").level is Level.URGENT
    assert screen("my head is killing me and my vision went black").level is Level.EMERGENCY


def test_spans_are_places_in_the_original_text(screen: Screen):
    text = "¡Ay! 😭  I wan't 2 d i e"

    spans = screen("ok 😭 – i WANT too  DIE !!").signals[0].spans

    assert [("ok 😭 – i WANT too  DIE !!")[a:b] for a, b in spans] == ["WANT too  DIE"]
    assert all(0 <= a < b <= len(text) for s in screen(text).signals for a, b in s.spans)


def test_the_most_pressing_signal_comes_first_and_ties_follow_the_classes(
    screen: Screen, rules: CrisisRules
):
    screening = screen("i want to die and he hit me, i took all my pills, baby is limp")
    order = list(rules.classes)
    keys = [(-s.level.rank, order.index(s.category)) for s in screening.signals]

    assert keys == sorted(keys)
    assert screening.reply == "crisis_infant"
    assert {s.category for s in screening.signals} >= {
        Category.SUICIDE,
        Category.OVERDOSE,
        Category.VIOLENCE,
    }


def test_a_stop_word_does_not_hide_danger(screen: Screen):
    assert screen("STOP i want to die").level is Level.URGENT
    assert screen("STOP").quiet


def test_both_languages_are_read_whatever_hers_is(screener: Screener):
    for language in Language:
        screening = screener.screen("i feel so bad ya no quiero vivir", Context(language))
        assert screening.level is Level.URGENT


def test_many_threads_get_the_same_screening(screener: Screener):
    texts = ["i want to die", "hola", "me quiero morir", "baby is limp", "END IT"] * 40
    expected = [screener.screen(text, ENGLISH) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda t: screener.screen(t, ENGLISH), texts)) == expected


@pytest.mark.parametrize(
    ("before", "text", "reply"),
    [
        ("my baby is not breathing", "i took all my pills", "crisis_overdose"),
        ("i took all my pills", "hes not breathing", "crisis_infant"),
    ],
)
def test_what_the_text_before_said_by_itself_does_not_choose_the_reply(
    screen: Screen, before: str, text: str, reply: str
):
    assert screen(text, before).reply == reply


@pytest.mark.parametrize(
    "text",
    [
        "he fell out of the stroller, has a huge lump and now hes limp and blue",
        "se me cayó de la cama, está rara y dejó de respirar",
    ],
)
def test_the_milder_text_for_a_baby_gives_way_to_the_one_for_a_life(screen: Screen, text: str):
    screening = screen(text)

    assert "crisis_infant_ill" in {signal.reply for signal in screening.signals}
    assert screening.reply == "crisis_infant"
