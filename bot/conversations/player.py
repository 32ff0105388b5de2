"""Plays a golden conversation on a stage, and says readably where it differs.

How steps are compared: an *action* (somebody texts, time passes, the carrier fails) opens a new
span; the *assertions* after it consume what happened in that span, in order. Every text that went
to her must be named by a ``bot`` step before the next action: a text too many is a difference as
much as one too few. Pages, texts to staff, suppressed texts and tasks are looked for in order, and
may be passed over. Pages of two alerts, or by text and by call, that go in the same moment are
handed over by different hands: nothing decides which goes first, so either order will do.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast as typed

from bot.conversations import steps as st
from bot.conversations.describe import describe_span, describe_step
from bot.conversations.stage import AlertSeen, Event, NotSent, Paged, Sent, Stage, Tasked
from bot.core.escalation import Recipient
from bot.errors import TendError


@dataclass(frozen=True)
class Played:
    """How it went.

    :param difference: readable, with the line; none when all went as written.
    """

    conversation: st.Conversation
    difference: str | None

    @property
    def as_written(self) -> bool:
        """Did everything happen as the file says?"""
        return self.difference is None


class Mismatch(Exception):
    """Something else happened than the step says; the message says what was expected."""


def play(conversation: st.Conversation, stage: Stage) -> Played:
    """Play one conversation on this stage, which is opened and closed for it."""
    try:
        stage.open(conversation.given)
        run = _Run(conversation, stage)
        for step in conversation.steps:
            try:
                run.take(step)
            except (Mismatch, TendError) as error:
                return Played(conversation, run.difference(step, error))
        return Played(conversation, run.leftover())
    except TendError as error:
        return Played(conversation, f"{conversation.path}: the scene could not be set: {error}")
    finally:
        stage.close()


@dataclass
class _Run:
    """Where we are in the play."""

    conversation: st.Conversation
    stage: Stage
    span_from: int = 0
    span_began: datetime | None = None
    last_action: st.AnyStep | None = None
    seen: dict[str, int] = field(default_factory=dict)
    taken: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    last_code: str | None = None

    def __post_init__(self) -> None:
        self.span_began = self.stage.now()
        # Setting the scene is no step's matter, unless the scene is that something is sent to her.
        given = self.conversation.given
        if not (given.invited or given.planned):
            self.span_from = len(self.stage.events())

    @property
    def patient(self) -> str:
        return self.conversation.given.patient

    def take(self, step: st.AnyStep) -> None:
        assertion = _ASSERTIONS.get(type(step))
        if assertion is not None:
            assertion(self, step)
            return
        self._nothing_left_unsaid()
        self.last_action, self.span_began = step, self.stage.now()
        self.span_from, self.seen = len(self.stage.events()), {}
        self.taken.clear()
        self._act(step)

    # --- actions

    def _act(self, step: st.AnyStep) -> None:
        stage = self.stage
        if isinstance(step, st.PatientTexts):
            stage.patient_texts(step.sender or self.patient, step)
        elif isinstance(step, st.StaffTexts):
            stage.staff_texts(step.name, step.texts.replace("{alert}", self._code()))
        elif isinstance(step, st.Wait):
            stage.wait(step.by)
        elif isinstance(step, st.ClockAt):
            stage.wait(self._until(step.moment))
        elif isinstance(step, st.RasaDoes):
            stage.rasa(step.state)
        elif isinstance(step, st.CarrierDoes):
            stage.carrier(step)
        elif isinstance(step, st.PhoneRings):
            stage.phone(step)
        elif isinstance(step, _RECORDED):
            stage.records(self._code(), step)

    def _code(self) -> str:
        """The code of her alert; the one she had last, when it is closed."""
        alert = self._alert(self.patient)
        if alert is not None:
            self.last_code = alert.code
        return self.last_code or "{alert}"

    def _until(self, moment: datetime) -> timedelta:
        by = moment - self.stage.now()
        if by < timedelta():
            raise Mismatch("a moment that is still to come; the clock only goes forward")
        return by

    # --- assertions

    def bot_says(self, step: st.BotSays) -> None:
        to = step.to or self.patient
        fits = _text_test(step, began=self.span_began)
        if to in self._watched():
            sent = self._next(f"bot:{to}", lambda event: _is_to(event, to))
            if not isinstance(sent, Sent) or not fits(sent):
                raise Mismatch(f"the next text to {to}: {describe_step(step)}")
            return
        self._find(
            f"bot:{to}",
            lambda event: _is_to(event, to) and fits(typed(Sent, event)),
            f"a text to {to}: {describe_step(step)}",
        )

    def no_bot(self, step: st.NoBot) -> None:
        if self._next(f"bot:{self.patient}", lambda event: _is_to(event, self.patient)):
            raise Mismatch(f"no (further) text to {self.patient}")

    def alert_is(self, step: st.AlertIs) -> None:
        about = step.about or self.patient
        alert = self._alert(about)
        if alert is None:
            raise Mismatch(f"an alert about {about}: {describe_step(step)}")
        for name in ("level", "category", "status", "by"):
            wanted = getattr(step, name)
            if wanted is not None and wanted != getattr(alert, name):
                raise Mismatch(f"alert {alert.code} about {about} with {name} {wanted}")

    def no_alert(self, step: st.NoAlert) -> None:
        if self._alert(self.patient) is not None:
            raise Mismatch(f"no alert about {self.patient}")

    def page_goes(self, step: st.PageGoes) -> None:
        wanted = f"a page {describe_step(step)}"
        found = self._of_the_moment("page", lambda event: _page_fits(event, step), wanted)
        page = typed(Paged, found)
        self._check_within(page.at, step.within, wanted)
        if step.to == Recipient.EVERYONE:
            # One step pages everyone: the whole round is one assertion.
            self.taken["page"] |= {
                place for place, event in enumerate(self._span()) if _is_round(event, page)
            }

    def no_page(self, step: st.NoPage) -> None:
        if self._further("page", lambda event: isinstance(event, Paged)) is not None:
            raise Mismatch("no (further) page")

    def suppressed(self, step: st.Suppressed) -> None:
        def fits(event: Event) -> bool:
            return (
                isinstance(event, NotSent)
                and event.to == self.patient
                and step.text in (None, event.text_id)
                and step.because in (None, event.because)
            )

        self._find("not_sent", fits, f"a text that is not sent: {describe_step(step)}")

    def support_is(self, step: st.SupportIs) -> None:
        self._of_the_moment(
            "task",
            lambda event: (
                isinstance(event, Tasked)
                and event.kind == step.kind
                and step.reason in (None, event.reason)
            ),
            f"a task for support: {describe_step(step)}",
        )

    # --- looking

    def _span(self) -> Sequence[Event]:
        return self.stage.events()[self.span_from :]

    def _next(self, stream: str, fits: Callable[[Event], bool]) -> Event | None:
        """The next event of this stream that was not consumed yet; consumes it."""
        span = self._span()
        for place in range(self.seen.get(stream, 0), len(span)):
            if fits(span[place]):
                self.seen[stream] = place + 1
                return span[place]
        return None

    def _further(self, stream: str, fits: Callable[[Event], bool]) -> int | None:
        """The place of the next event of this stream that was neither consumed nor passed over."""
        span, taken = self._span(), self.taken[stream]
        places = range(self.seen.get(stream, 0), len(span))
        return next((n for n in places if n not in taken and fits(span[n])), None)

    def _of_the_moment(self, stream: str, fits: Callable[[Event], bool], wanted: str) -> Event:
        """An event that fits, consumed: of the moment of the one before, or of a later one.

        What goes by one hand goes in its order, also within a moment.
        """
        span, taken, seen = self._span(), self.taken[stream], self.seen.get(stream, 0)
        moment = span[seen - 1].at if seen else None
        for place, event in enumerate(span):
            is_behind = place < seen and event.at != moment
            is_behind = is_behind or place < self.seen.get(_hand(event), 0)
            if not is_behind and place not in taken and fits(event):
                taken.add(place)
                self.seen[stream] = max(seen, place + 1)
                self.seen[_hand(event)] = place + 1
                return event
        raise Mismatch(wanted)

    def _find(self, stream: str, fits: Callable[[Event], bool], wanted: str) -> Event:
        found = self._next(stream, fits)
        if found is None:
            raise Mismatch(wanted)
        return found

    def _watched(self) -> tuple[str, ...]:
        """Whose texts must all be named: hers."""
        return (self.patient,)

    def _nothing_left_unsaid(self) -> None:
        for name in self._watched():
            extra = self._next(f"bot:{name}", lambda event, name=name: _is_to(event, name))  # type: ignore[misc]
            if isinstance(extra, Sent):
                raise Mismatch(f"no more texts to {name} before this, but {extra.text_id} went")

    def _check_within(self, at: datetime, within: timedelta | None, wanted: str) -> None:
        if within is not None and self.span_began is not None and at - self.span_began > within:
            raise Mismatch(f"{wanted}, and sooner")

    def _alert(self, about: str) -> AlertSeen | None:
        return next((alert for alert in self.stage.alerts() if alert.about == about), None)

    # --- telling

    def leftover(self) -> str | None:
        """After the last step nothing more may have gone to her."""
        try:
            self._nothing_left_unsaid()
        except Mismatch as mismatch:
            return self.difference(self.conversation.steps[-1], mismatch, after=True)
        return None

    def difference(self, step: st.AnyStep, error: Exception, *, after: bool = False) -> str:
        """What was expected at this step, and what happened instead."""
        expected = str(error) if isinstance(error, Mismatch) else "this to go well"

        return describe_span(
            path=self.conversation.path,
            line=step.line,
            expected=expected if isinstance(error, Mismatch) else f"{expected}, but: {error}",
            after=after,
            since=self.last_action,
            events=self._span(),
            alerts=self.stage.alerts(),
        )


def _is_to(event: Event, name: str) -> bool:
    return isinstance(event, Sent) and event.to == name


def _text_test(step: st.BotSays, *, began: datetime | None) -> Callable[[Sent], bool]:
    def fits(sent: Sent) -> bool:
        return (
            step.text in (None, sent.text_id)
            and step.language in (None, sent.language)
            and (step.contains is None or step.contains in sent.body)
            and (step.lacks is None or step.lacks not in sent.body)
            and (step.within is None or began is None or sent.at - began <= step.within)
        )

    return fits


def _page_fits(event: Event, step: st.PageGoes) -> bool:
    return (
        isinstance(event, Paged)
        and step.to in (None, event.to, event.recipient)
        and step.channel in (None, event.channel)
        and step.about in (None, event.about)
    )


def _hand(event: Event) -> str:
    """Pages of one alert by one way go one after the other; so do tasks of one kind."""
    if isinstance(event, Paged):
        return f"page {event.code} {event.channel}"
    return f"task {event.kind}" if isinstance(event, Tasked) else ""


def _is_round(event: Event, page: Paged) -> bool:
    """Is it of the same round to everyone as this page?"""
    return (
        isinstance(event, Paged)
        and event.recipient == Recipient.EVERYONE
        and (event.at, event.code) == (page.at, page.code)
    )


_RECORDED = (
    st.Resolve,
    st.ContactMade,
    st.OutcomeKnown,
    st.FollowUpMade,
    st.SessionsReleased,
)
# What each assertion looks at; everything that is not here is an action.
_ASSERTIONS: dict[type, Callable[..., None]] = {
    st.BotSays: _Run.bot_says,
    st.NoBot: _Run.no_bot,
    st.AlertIs: _Run.alert_is,
    st.NoAlert: _Run.no_alert,
    st.PageGoes: _Run.page_goes,
    st.NoPage: _Run.no_page,
    st.Suppressed: _Run.suppressed,
    st.SupportIs: _Run.support_is,
}
