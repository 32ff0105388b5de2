"""The whole way of one lesson, as a support worker goes it: in a real Chromium, with real training.

A text that the bot does not understand is found in the queue, answered in both languages, trained,
proved, approved by a second person and made live; then the bot answers it; then it is taken back.
Minutes, so not part of ``make test``: run by ``make desk``, which prints a line for each step.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.settings import PROJECT
from tests.training.a_clinic import AClinic
from tests.web.test_browser import ARGUMENTS, CHROMIUM, say

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.rasa,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
PATIENCE = 240_000
TRAINING = 2_400_000
HER_WORDS = "can my dog be around"
ENGLISH = "Pets can be at home. Ask your adult to keep them in another room while you rest."
SPANISH = "Sus mascotas pueden estar en casa. Pida a su adulto que las deje en otro cuarto."
TYPED = (
    "can the dog be here when i rest",
    "what do i do with my cat that day",
    "we have two dogs, is that a problem",
    "puedo tener a mi perro en casa",
    "que hago con el gato ese dia",
)
MORE = """
do pets need to be out of the house
my puppy jumps on me, should somebody take him
must the cat stay outside the bedroom
are animals allowed in the room
should i lock the dog in the kitchen
i own a parrot, can it stay
who looks after our dog meanwhile
is a cat on the bed ok
hay que sacar a las mascotas
el perro puede estar en el cuarto conmigo
mi gata duerme conmigo, está bien
quien cuida a mis animales mientras
puede quedarse el perrito
tengo que encerrar al gato en la cocina
dejo a mi mascota en otro cuarto
"""
RESULTS = PROJECT / "results" / "desk.jsonl"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AClinic]:
    made = AClinic(PROJECT, tmp_path_factory.mktemp("desk") / "clinic")
    with step("copy the clinic"):
        made.make()
    with step("start every process, Rasa awake"):
        made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def step(name: str) -> Iterator[dict[str, float]]:
    """Say how long a step took, and how busy the machine was."""
    began, measured = time.monotonic(), dict[str, float]()
    yield measured
    measured["seconds"] = round(time.monotonic() - began, 1)
    line = json.dumps({"step": name, **measured, "load": round(os.getloadavg()[0], 1)})
    sys.stdout.write(line + "\n")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(line + "\n")


def open_console(chromium: Browser, clinic: AClinic, name: str) -> Page:
    context = chromium.new_context(base_url=clinic.console, viewport={"width": 1180, "height": 860})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/login")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/now")
    return page


def take(page: Page, name: str) -> None:
    path = Path("var") / f"way-{name}.png"
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path, full_page=True)


def replies(phones: Page, words: str) -> int:
    return phones.get_by_text(words).count()


def test_from_a_text_that_is_not_understood_to_an_answer_and_back(
    chromium: Browser, clinic: AClinic
) -> None:
    phones = chromium.new_page(viewport={"width": 1500, "height": 1200})
    phones.goto(clinic.phones)
    with step("a text that is not understood"):
        say(phones, "ann", HER_WORDS)
        expect(phones.get_by_text("I did not understand").first).to_be_visible()

    sam = open_console(chromium, clinic, "Sam")
    with step("find it in the queue"):
        sam.goto("/teach")
        group = sam.locator("#groups > li").filter(has_text=HER_WORDS)
        expect(group).to_be_visible()
        take(sam, "queue")
        group.get_by_role("link", name="Teach").click()

    with step("type the question and both answers"):
        teach_pets(sam)
    with step("Rasa's checks, saved"):
        sam.get_by_role("button", name="Teach", exact=True).click()
        expect(sam.get_by_text("Saved", exact=True)).to_be_visible(timeout=TRAINING)
        take(sam, "change")
    assert clinic.commits()[0] == "Sam: Teach faq_pets"
    sam.goto("/teach")
    expect(sam.locator("#groups").get_by_text(HER_WORDS)).to_have_count(0)

    with step("train and prove") as measured:
        before = clinic.computed()
        name = train(sam)
        measured["computing"] = round(clinic.computed() - before, 1)
        measured["target"] = 300
    take(sam, "proof")
    expect(sam.get_by_text("It waits for the approval")).to_be_visible()
    expect(sam.get_by_role("button", name="Make it live")).to_have_count(0)

    bose = open_console(chromium, clinic, "Dr Bose")
    with step("a second person approves"):
        bose.goto(f"/models/{name}")
        bose.get_by_role("button", name="I approve these changes").click()
        expect(bose.get_by_text("Nothing stops it.")).to_be_visible()

    sam.goto(f"/models/{name}")
    with step("promote"):
        sam.get_by_role("button", name="Make it live").click()
        expect(sam.get_by_role("heading", level=1)).to_contain_text("live")
    take(sam, "live")
    with step("the same text is answered"):
        say(phones, "ann", HER_WORDS)
        expect(phones.get_by_text(ENGLISH).first).to_be_visible()
        phones.screenshot(path="var/way-answered.png")
    assert replies(phones, ENGLISH) == 1

    sam.goto("/models")
    with step("roll back") as measured:
        sam.get_by_role("button", name="Go back to it").click()
        expect(sam.get_by_text(f"Before: {name}")).to_be_visible()
        measured["target"] = 30
    with step("the same text is not answered any more"):
        say(phones, "ann", HER_WORDS)
        expect(phones.get_by_text(HER_WORDS)).to_have_count(3)
        expect(not_understood(phones)).to_have_count(2)
    assert replies(phones, ENGLISH) == 1


def not_understood(phones: Page):  # a locator
    """What she is told when the bot does not understand; it is worded in more than one way."""
    return phones.get_by_text(re.compile("did not understand|still do not understand"))


def teach_pets(page: Page) -> None:
    """Fill in the form of a new question, as the page asks for it."""
    page.get_by_role("link", name="A new question and answer").click()
    page.get_by_label("Name of the topic").fill("pets")
    page.get_by_label("The question in a sentence").fill("What about pets on the day?")
    for number, text in enumerate(TYPED, start=1):
        page.get_by_label(f"Example {number}", exact=True).fill(text)
    page.get_by_label("More examples").fill(MORE.strip())
    page.get_by_label("Answer in English").fill(ENGLISH)
    page.get_by_label("Answer in Spanish").fill(SPANISH)
    page.get_by_label("Where the answer comes from").fill("the front desk's handbook")
    page.get_by_label("No: any colleague may agree").check()
    advice = page.locator("#advice")
    expect(advice.get_by_role("heading", name=re.compile("taught"))).to_be_visible()
    take(page, "lesson-before")
    for word in advice.locator("[data-vouch]").all_inner_texts():
        advice.get_by_role("button", name=word, exact=True).click()
    expect(advice.get_by_role("heading", name="It can be taught")).to_be_visible()
    take(page, "lesson")


def train(page: Page) -> str:
    """Train and prove; the candidate's name, with its page open."""
    page.goto("/models")
    page.get_by_role("button", name="Train and prove").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    take(page, "training")
    candidate = page.locator("tr").filter(has_text="waits for approval").get_by_role("link")
    until = time.monotonic() + TRAINING / 1000
    while not candidate.count():
        stopped = page.locator(".said.wrong").all_inner_texts()
        assert not stopped, stopped
        assert time.monotonic() < until, "no candidate"
        page.wait_for_timeout(15_000)
        page.goto("/models")  # somebody looks: a page that only refreshes itself is logged off
    name = candidate.inner_text()
    candidate.click()
    expect(page.get_by_role("heading", name="In one sentence")).to_be_visible()
    return name
