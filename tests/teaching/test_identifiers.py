"""Nothing that says who somebody is gets through: not to staff's eyes, not into the examples."""

import random

import pytest

from bot.content.examples import load_project
from bot.content.identifiers import load_identifiers
from bot.content.texts import load_catalogue
from bot.teaching.advice import Lesson, remarks
from bot.teaching.example_book import ExampleBook
from bot.teaching.identifiers import Kind, Known, find, masked
from bot.teaching.words import cleaned, fold, vocabulary
from tests.conftest import DATA, ROOT
from tests.teaching.desk import fake_vectors

# Names that stand in none of our lists, beside some that do: what is tested is the whole.
NAMES = """
    Brunhilde Jayleen Xochitl Yaretzi Kaydence Maelys Tavish Oluwaseun Nguyet Zephyrine Aoife
    Siobhan Jazlyn Braxton Kashton Itzel Citlali Anahi Maribeth Thaddeus Maria Jessica Mateo Liam
    Sofia Carlos Ashley Noah Emma Guadalupe
"""
SURNAMES = """
    Wojciechowski Okonkwo Featherington Zavala-Quiroz Szymanski Abernathy Delacroix Garcia Smith
    Lopez Vandermeer O'Malley Papadopoulos Iturbide
"""
PLACES = """
    Kissimmee Okeechobee Hackensack Parsippany Miami Orlando Newark Wimauma Zolfo Manalapan Hialeah
    Trenton Piscataway
"""
# {..} is what must not be seen afterwards; words that stay are outside.
TEMPLATES = (
    "my name is {name} and i cant sleep",
    "hi its {name} {surname} from {place}",
    "my baby {name} is {age} and wont eat",
    "mi bebé {name} tiene {age} y no duerme",
    "me llamo {name} {surname} y vivo en {place}",
    "can you call me at {phone} after the session",
    "llámeme al {phone} por favor",
    "my session was on {date} and i still feel sick",
    "mi cita es el {date} verdad",
    "i live at {number} {surname} street in {place}",
    "my husband {name} lost the lockbox key",
    "dr {surname} said i can drive",
    "la doctora {surname} me dijo que si",
    "email me at {email} with the bill",
    "{name} is crying all night what do i do",
    "my insurance id is {ident} is that covered",
    "i was born {date} and gave birth {date}",
    "im {name} btw, is the food thing real",
    "soy {name} de {place}, a que hora abren",
    "my sister {name} {surname} will be the adult that day",
    "she was born at {place} hospital, can i nurse",
    "my zip is {zip} do you come here",
    "{surname} here, {phone}, can i eat before",
    "my son {name}'s pediatrician is dr {surname}",
    "look at {url} is this about the treatment",
)


def samples(count: int) -> list[tuple[str, list[str]]]:
    """Texts and what is in them, always the same ones."""
    chance = random.Random(20260105)
    made = []
    for number in range(count):
        parts: list[str] = []

        def pick(kind: str, parts: list[str] = parts) -> str:
            value = str(MAKERS[kind](chance))
            if chance.random() < 0.5 and kind in ("name", "surname", "place"):
                value = value.lower()
            parts.append(value)
            return value

        text = TEMPLATES[number % len(TEMPLATES)]
        while "{" in text:
            start, end = text.index("{"), text.index("}")
            text = text[:start] + pick(text[start + 1 : end]) + text[end + 1 :]
        made.append((text.upper() if chance.random() < 0.1 else text, parts))
    return made


AGES = ("3 months old", "6 weeks", "tres meses", "9mo", "two years", "11 días")
MONTHS = ("march", "Oct.", "june", "de enero", "Sept")


def phone(c: random.Random) -> str:
    last = c.randrange(10, 99)
    spoken = "two oh two five five five oh one one four"
    shapes = (f"202-555-01{last}", f"(202) 555 01{last}", f"+1202555 01{last}")
    return c.choice((*shapes, f"2 0 2 5 5 5 0 1 {last % 10} 4", spoken))


def date(c: random.Random) -> str:
    day, month = c.randrange(10, 28), c.choice(MONTHS)
    shapes = (f"{c.randrange(1, 12)}/{day}/2025", f"{month} {day}", f"{day} de octubre")
    return c.choice((*shapes, "march fifth", f"2025-1{c.randrange(0, 2)}-14", "May 3rd"))


MAKERS = {
    "name": lambda c: c.choice(NAMES.split()),
    "surname": lambda c: c.choice(SURNAMES.split()),
    "place": lambda c: c.choice(PLACES.split()),
    "age": lambda c: c.choice(AGES),
    "phone": phone,
    "date": date,
    "number": lambda c: c.randrange(100, 9999),
    "zip": lambda c: f"0{c.randrange(7000, 8999)}",
    "email": lambda c: f"{c.choice(NAMES.split()).lower()}{c.randrange(99)}@example.org",
    "ident": lambda c: f"XK{c.randrange(10_000, 99_999)}-{c.choice('ABC')}",
    "url": lambda c: f"www.{c.choice(SURNAMES.split()).lower()}.example.com/me",
}
SAMPLES = samples(200)


@pytest.fixture(scope="module")
def known() -> Known:
    words = load_identifiers(DATA)
    spoken = [example.text for example in load_project(ROOT)]
    spoken += [text.text for text in load_catalogue(DATA)]
    without = words.names | words.places | words.months | words.holidays
    return Known(words, vocabulary(spoken, without=without, also=words.ordinary))


def lesson(known: Known, text: str, **more: object) -> list[str]:
    made = Lesson("greet", [text], fake_vectors([text]), known, **more)  # type: ignore[arg-type]
    return [r.rule for r in remarks(made, ExampleBook([], fake_vectors([]))) if r.hard]


def tokens(text: str) -> set[str]:
    """The telling pieces: every word and digit run of an identifier."""
    return {
        word for word in fold(text).replace("-", " ").replace("/", " ").split() if len(word) > 1
    }


HARMLESS = tokens("old months weeks meses days dias years two tres de is at one fifth") | {
    "com",
    "me",
}


def test_of_two_hundred_texts_full_of_identifiers_none_is_seen(known):
    seen = []
    for text, parts in SAMPLES:
        left = tokens(masked(text, known))
        for part in parts:
            seen += [(text, word) for word in tokens(part) - HARMLESS if word in left]
    assert seen == []


def test_of_two_hundred_texts_full_of_identifiers_none_can_be_taught(known):
    taught = [text for text, _ in SAMPLES if not lesson(known, text)]
    assert taught == []


def test_vouching_for_words_lets_no_name_number_date_or_place_through(known):
    """Even somebody who ticks everything off teaches none of the listed ones."""
    listed = ("Maria", "Jessica", "Garcia", "Miami", "Orlando")
    for text, parts in SAMPLES:
        if any(part.title() in listed or any(c.isdigit() for c in part) for part in parts):
            every = frozenset(fold(text).split())
            assert lesson(known, text, vouched=every), text


def test_what_a_mother_asks_stays_readable(known):
    for text in (
        "can i take a bath after the session",
        "i hope it helps, will i feel better",
        "may i drive the day after",
        "puedo comer antes de la sesión",
        "is it ok if my sister stays with me",
        "I cried all night. Is that normal?",
    ):
        assert masked(text, known) == text


def test_nearly_every_example_that_is_there_would_be_let_through(known):
    """Rules that cry wolf at everything teach people to tick everything off."""
    examples = load_project(ROOT)[::10]
    stopped = [example.text for example in examples if find(example.text, known)]
    assert len(stopped) < len(examples) * 0.03


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my name is grace", Kind.NAME),
        ("hope is crying again", Kind.NAME),
        ("my son hunter is sick", Kind.NAME),
        ("j a y d e n is sick", Kind.NAME),
        ("dr k said ok", Kind.NAME),
        ("turned one today", Kind.AGE),
        ("born in may", Kind.DATE),
        ("on the fifteenth", Kind.DATE),
        ("i live on elm street", Kind.PLACE),
        ("vivo en la calle ocho", Kind.PLACE),
        ("jo at mail dot com", Kind.ADDRESS),
        ("text @jo_m please", Kind.ADDRESS),
    ],
)
def test_the_sentence_says_what_a_word_is(known, text, kind):
    assert kind in {hit.kind for hit in find(text, known)}


def test_the_names_in_the_records_are_names_wherever_they_stand(known):
    hers = Known(known.words, known.vocabulary, hers=frozenset({"will"}))
    assert "will" not in masked("will is what they call me", hers)
    others = Known(known.words, known.vocabulary, names=frozenset({"quilla"}))
    assert masked("quilla is my nurse", others) == "[name] is my nurse"


@pytest.mark.parametrize("trick", ["M\u0430ria is sad", "Ma\u200bria is sad", "m.a.r.i.a is sad"])
def test_disguised_names_do_not_get_through(known, trick):
    assert lesson(known, cleaned(trick)) != []
