"""The player takes what happened in order, and says readably what differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

from bot.conversations import steps as st
from bot.conversations.player import play
from bot.conversations.stage import AlertSeen, Event, NotSent, Paged, Sent, Tasked
from bot.core.alerts import AlertStatus
from bot.core.escalation import PageChannel, Recipient
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.errors import NotAllowed

NOW = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
OPEN = AlertSeen("K7", "Ann", Level.URGENT, Category.SUICIDE, AlertStatus.OPEN, None)


def sent(text_id: str, to: str = "Ann", *, after: int = 0, body: str = "words") -> Sent:
    return Sent(NOW + timedelta(seconds=after), to, text_id, body, Language.ENGLISH)


def paged(
    to: str,
    recipient: Recipient,
    *,
    after: int = 0,
    channel: PageChannel = PageChannel.SMS,
    code: str = "K7",
    about: str = "Ann",
) -> Paged:
    return Paged(NOW + timedelta(seconds=after), to, recipient, channel, code, about)


@dataclass
class FakeStage:
    """Answers the n-th action with the n-th list of events."""

    answers: list[list[Event]]
    standing: list[AlertSeen] = field(default_factory=list)
    did: list[object] = field(default_factory=list)
    happened: list[Event] = field(default_factory=list)
    is_open: bool = False

    def open(self, given: st.Given) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def now(self) -> datetime:
        return NOW

    def _act(self, *what: object) -> None:
        self.did.append(what)
        if self.answers:
            self.happened.extend(self.answers.pop(0))

    def patient_texts(self, name: str, step: st.PatientTexts) -> None:
        self._act(name, step.text)

    def staff_texts(self, name: str, words: str) -> None:
        if name == "Mallory":
            raise NotAllowed("not her")
        self._act(name, words)

    def wait(self, by: timedelta) -> None:
        self._act("wait", by)

    def rasa(self, state: st.RasaState) -> None:
        self._act("rasa", state)

    def carrier(self, step: st.CarrierDoes) -> None:
        self._act("carrier", step.refuses)

    def records(self, code: str, step: st.Recorded) -> None:
        self._act("records", code, step.by)

    def phone(self, step: st.PhoneRings) -> None:
        self._act("phone", step.name)

    def alerts(self) -> Sequence[AlertSeen]:
        return self.standing

    def events(self) -> Sequence[Event]:
        return self.happened


def difference(stage: FakeStage, *steps: st.AnyStep) -> str:
    """The difference that playing these steps makes; empty when there is none."""
    given = st.Given(patient="Ann", clock=NOW)
    played = play(st.Conversation(Path("golden.yaml"), given, steps), stage)
    assert not stage.is_open
    return played.difference or ""


HI = st.PatientTexts(5, "hi")


def test_it_is_as_written_when_the_next_text_is_the_one_named():
    assert not difference(FakeStage([[sent("a")]]), HI, st.BotSays(6, "a"))


def test_the_difference_names_line_expectation_and_what_happened():
    found = difference(FakeStage([[sent("a")]], [OPEN]), HI, st.BotSays(6, "b"))
    assert found.startswith("golden.yaml:6: expected the next text to Ann: text b\n")
    assert "since line 5 (patient: text hi)" in found
    assert 'to Ann: a (en)  "words"' in found
    assert "K7 about Ann: urgent, suicide, open" in found


def test_texts_are_consumed_in_order_when_several_went():
    texts: list[Event] = [sent("a"), sent("b")]
    assert not difference(FakeStage([[*texts]]), HI, st.BotSays(6, "a"), st.BotSays(7, "b"))
    assert difference(FakeStage([[*texts]]), HI, st.BotSays(6, "b"), st.BotSays(7, "a"))


def test_a_text_too_many_is_a_difference_when_the_next_action_comes():
    found = difference(FakeStage([[sent("a"), sent("b")]]), HI, st.BotSays(6, "a"), HI)
    assert "no more texts to Ann before this, but b went" in found


def test_a_text_too_many_is_a_difference_when_the_conversation_ends():
    found = difference(FakeStage([[sent("a")]]), HI)
    assert found.startswith("golden.yaml:5: after this, expected no more texts")


def test_no_bot_fails_when_a_text_went_that_no_step_named():
    assert difference(FakeStage([[sent("a")]]), HI, st.NoBot(6))
    assert not difference(FakeStage([[sent("a")]]), HI, st.BotSays(6), st.NoBot(7))


def test_an_earlier_text_does_not_answer_a_later_action():
    stage = FakeStage([[sent("a")], []])
    found = difference(stage, HI, st.BotSays(6, "a"), HI, st.BotSays(8, "a"))
    assert found.startswith("golden.yaml:8:")


def test_what_a_text_holds_is_looked_at_when_a_step_says_so():
    def fails(step: st.BotSays) -> bool:
        return bool(difference(FakeStage([[sent("a", after=6, body="call 988")]]), HI, step))

    assert not fails(st.BotSays(6, contains="988", lacks="baby", language=Language.ENGLISH))
    assert fails(st.BotSays(6, contains="911"))
    assert fails(st.BotSays(6, lacks="988"))
    assert fails(st.BotSays(6, language=Language.SPANISH))
    assert fails(st.BotSays(6, within=timedelta(seconds=5)))
    assert not fails(st.BotSays(6, within=timedelta(seconds=6)))


def test_texts_to_staff_may_be_passed_over_but_not_taken_back():
    texts: list[Event] = [sent("x", "Sam"), sent("y", "Sam")]
    y, x = st.BotSays(6, "y", to="Sam"), st.BotSays(7, "x", to="Sam")
    assert not difference(FakeStage([[*texts]]), HI, y)
    assert difference(FakeStage([[*texts]]), HI, y, x)


def test_a_page_is_found_by_duty_or_name_and_in_order():
    pages: list[Event] = [
        paged("Dr Bose", Recipient.ON_CALL),
        paged("Dr Ruiz", Recipient.BACKUP),
    ]
    backup, bose = st.PageGoes(6, "backup"), st.PageGoes(7, "Dr Bose")
    assert not difference(FakeStage([[*pages]]), HI, backup, st.NoPage(8))
    assert difference(FakeStage([[*pages]]), HI, backup, bose)
    assert difference(FakeStage([[*pages]]), HI, bose, st.NoPage(8))


def test_pages_of_one_moment_may_be_named_in_any_order_when_different_hands_sent_them():
    first = paged("Dr Bose", Recipient.ON_CALL)
    called = paged("Dr Bose", Recipient.ON_CALL, channel=PageChannel.VOICE)
    other = paged("Dr Bose", Recipient.ON_CALL, code="R2", about="Bea")
    steps = [
        st.PageGoes(6, "on_call", PageChannel.VOICE, about="Ann"),
        st.PageGoes(7, "on_call", PageChannel.SMS, about="Bea"),
        st.PageGoes(8, "on_call", PageChannel.SMS, about="Ann"),
    ]
    for pages in permutations([first, called, other]):
        assert not difference(FakeStage([[*pages]]), HI, *steps, st.NoPage(9))
        assert difference(FakeStage([[*pages]]), HI, *steps, steps[0])
    later = paged("Dr Ruiz", Recipient.BACKUP, after=60)
    backup = st.PageGoes(6, "backup")
    assert difference(FakeStage([[first, later]]), HI, backup, steps[2])


def test_a_page_about_somebody_else_is_not_the_one_that_was_asked_for():
    stage = FakeStage([[paged("Dr Bose", Recipient.ON_CALL)]])
    assert "about Bea" in difference(stage, HI, st.PageGoes(6, "on_call", about="Bea"))


def test_two_rounds_to_everyone_may_be_mixed():
    names = ("Dr Bose", "Dr Ruiz", "Dr Lund")
    mixed: list[Event] = [
        page
        for name in names
        for page in (
            paged(name, Recipient.EVERYONE),
            paged(name, Recipient.EVERYONE, code="R2", about="Bea"),
        )
    ]
    ann = st.PageGoes(6, "everyone", about="Ann")
    bea = st.PageGoes(7, "everyone", about="Bea")
    for steps in ([ann, bea], [bea, ann]):
        assert not difference(FakeStage([[*mixed]]), HI, *steps, st.NoPage(8))
    assert difference(FakeStage([[*mixed]]), HI, ann, ann)
    assert difference(FakeStage([[*mixed]]), HI, ann, st.NoPage(8))


def test_a_page_too_late_is_a_difference_when_a_time_is_set():
    late = paged("Dr Bose", Recipient.ON_CALL, after=6)
    assert difference(FakeStage([[late]]), HI, st.PageGoes(6, within=timedelta(seconds=5)))


def test_everyone_is_one_round_when_all_are_paged_at_once():
    names = ("Dr Bose", "Dr Ruiz", "Dr Lund")
    first: list[Event] = [paged(name, Recipient.EVERYONE) for name in names]
    second: list[Event] = [paged(name, Recipient.EVERYONE, after=60) for name in names]
    everyone = st.PageGoes(6, "everyone")
    assert not difference(FakeStage([[*first]]), HI, everyone, st.NoPage(7))
    assert difference(FakeStage([[*first, *second]]), HI, everyone, st.NoPage(7))
    assert not difference(FakeStage([[*first, *second]]), HI, everyone, everyone, st.NoPage(7))


def test_an_alert_is_compared_field_by_field():
    def fails(step: st.AnyStep) -> bool:
        return bool(difference(FakeStage([[]], [OPEN]), HI, step))

    assert not fails(st.AlertIs(6, Level.URGENT, Category.SUICIDE, AlertStatus.OPEN))
    assert fails(st.AlertIs(6, Level.EMERGENCY))
    assert fails(st.AlertIs(6, status=AlertStatus.ACKNOWLEDGED))
    assert fails(st.AlertIs(6, by="Dr Bose"))
    assert fails(st.AlertIs(6, about="Bea"))
    assert fails(st.NoAlert(6))


def test_no_alert_about_her_is_no_matter_of_another_patient():
    other = AlertSeen("K8", "Bea", Level.URGENT, Category.SUICIDE, AlertStatus.OPEN, None)
    assert not difference(FakeStage([[]], [other]), HI, st.NoAlert(6))


def test_her_code_stands_in_for_the_blank_when_staff_text():
    stage = FakeStage([[]], [OPEN])
    assert not difference(stage, st.StaffTexts(5, "Dr Bose", "ACK {alert}"))
    assert stage.did == [("Dr Bose", "ACK K7")]


def test_what_was_not_sent_and_what_support_got_are_found():
    happened: list[Event] = [NotSent(NOW, "Ann", "a", "opted_out"), Tasked(NOW, "media")]
    fine = (st.Suppressed(6, "a", "opted_out"), st.SupportIs(7, "media"))  # type: ignore[arg-type]
    assert not difference(FakeStage([[*happened]]), HI, *fine)
    assert difference(FakeStage([[*happened]]), HI, st.Suppressed(6, "a", "expired"))
    assert difference(FakeStage([[*happened]]), HI, st.SupportIs(6, "forget"))  # type: ignore[arg-type]


def test_the_clock_goes_forward_only():
    stage = FakeStage([])
    assert not difference(stage, st.ClockAt(5, NOW + timedelta(hours=1)))
    assert stage.did == [("wait", timedelta(hours=1))]
    assert "only goes forward" in difference(FakeStage([]), st.ClockAt(5, NOW - timedelta(1)))


def test_an_error_on_the_stage_is_a_difference_and_no_crash():
    found = difference(FakeStage([]), st.StaffTexts(5, "Mallory", "ACK"))
    assert found.startswith("golden.yaml:5: expected this to go well, but: not her")
