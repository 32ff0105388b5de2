"""Raises alerts, and adds to them what she writes while they are unresolved.

Signals only raise (S2): nothing in this module lowers a level. Who has an alert is the matter of
``holders``, how it ends that of ``closing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.content.escalation import to_record
from bot.core import violence_news
from bot.core.alerts import AlertStatus
from bot.core.ids import new_alert_code, new_id
from bot.core.levels import Category, Level
from bot.crisis.screening import Signal
from bot.errors import NotFound
from bot.services import conversations, escalation, holders, read_along, sessions
from bot.services.clinic import Clinic
from bot.storage import alerts, care, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, AlertSignal

# Codes are short as long as there are few alerts.
_TRIES_PER_LENGTH = 40
# An opt-out this soon after an alert pages somebody (clinic rules, "Opting out").
_RECENT_ALERT = timedelta(days=14)
# A late ACK for an old alert must not take a new one that happens to have its code.
_CODE_RESTS = timedelta(days=14)
# She tells of danger again: the next person is paged once the newest page was out for so long, and
# whoever has the alert hears of it at most so often. No storm of pages while she writes on.
_NEXT_PERSON_AFTER = timedelta(minutes=5)
_TOLD_AGAIN_EVERY = timedelta(minutes=2)


@dataclass(frozen=True)
class About:
    """Whom an alert is about: a number, and the patient if we know her."""

    phone_index: str
    patient_id: str | None = None


@dataclass(frozen=True)
class Raised:
    """What raising did.

    :param new: there was no unresolved alert about her before.
    :param higher: it is more pressing than it was.
    :param fresh: the signs of something that it was not about before.
    """

    alert: Alert
    new: bool
    higher: bool
    fresh: tuple[Signal, ...]

    @property
    def needs_own_reply(self) -> bool:
        """Has she said something that the earlier reply did not answer?"""
        return self.new or self.higher or any(signal.reply for signal in self.fresh)

    @property
    def another_danger(self) -> bool:
        """Is a danger among them that pages by itself, beside the one that is known?"""
        return not self.new and bool(_pressing(self.fresh))


def raise_alert(
    clinic: Clinic,
    db: Session,
    about: About,
    signals: Sequence[Signal],
    *,
    inbound_id: str | None,
    now: datetime,
) -> Raised:
    """Raise an alert, or add to the one that is unresolved; the first page goes out with it.

    Runs inside the transaction that stores her text: the alert exists before anything claims it.

    :param signals: at least one; the most pressing gives level and category.
    """
    worst = max(signals, key=lambda signal: signal.level.rank)
    if about.patient_id is not None:
        # Everybody locks her conversation before her alert: else two writers wait for each other.
        care.conversation_of(db, about.patient_id)
    alert = alerts.find_unresolved(db, about.phone_index)
    new = alert is None
    if alert is None:
        alert = _create(clinic, db, about, worst, now=now)
    known = {signal.category for signal in alerts.list_signals(db, alert.id)}
    fresh = tuple(signal for signal in signals if signal.category not in known)
    _add_signals(db, alert, signals, inbound_id=inbound_id, now=now)
    if about.patient_id is not None and any(one.category == Category.VIOLENCE for one in signals):
        patient = people.get_patient(db, about.patient_id)
        read_along.begin(db, patient, by="system", now=now)
    higher = not new and not Level(alert.level).at_least(worst.level)
    if higher:
        _lift(clinic, db, alert, worst, now=now)
    alert.last_words_at = now
    db.flush()
    pressing = [one.category for one in fresh if one.level != Level.WATCH]
    escalation.hurry(clinic, db, alert, pressing, now=now)
    if alert.patient_id is not None and Level(alert.level).at_least(Level.URGENT):
        conversation = care.conversation_of(db, alert.patient_id)
        conversations.hand_to_people(db, conversation, now=now)
        sessions.block(db, alert.patient_id, now=now)
    raised = Raised(alert, new=new, higher=higher, fresh=fresh)
    _tell_people(clinic, db, raised, _news(raised, signals, inbound_id, now=now), now=now)
    return raised


@dataclass(frozen=True)
class _News:
    """What does not wait for the next ten minutes.

    :param once: what it is told once about.
    :param told: what the person who has the alert hears of it.
    :param page_after: where nobody has it, the next person is paged if the newest page is so old.
    :param rings: a holder's phone that takes no texts is rung for each of these.
    """

    once: str | None
    told: str = holders.NEW_WORDS
    page_after: timedelta | None = None
    rings: bool = True


def _news(
    raised: Raised, signals: Sequence[Signal], inbound_id: str | None, *, now: datetime
) -> _News:
    known = violence_news.PRESSING.intersection(signal.pattern_id for signal in signals)
    if known and inbound_id is not None:
        # It concerns the next hour: every such text is said at once.
        again = violence_news.AGAIN in known
        told = holders.DANGER_AGAIN if again else holders.NEW_WORDS
        return _News(inbound_id, told, page_after=timedelta(0))
    if not raised.new and _pressing(signals):
        slot = int(now.timestamp() // _TOLD_AGAIN_EVERY.total_seconds())
        return _News(
            f"again:{slot}", holders.DANGER_AGAIN, page_after=_NEXT_PERSON_AFTER, rings=False
        )
    return _News(once=None)


def _tell_people(
    clinic: Clinic, db: Session, raised: Raised, news: _News, *, now: datetime
) -> None:
    """Page whoever is next, or tell whoever has it; once more for a danger of another kind."""
    alert = raised.alert
    if alert.status == AlertStatus.OPEN and escalation.is_due(alert, now):
        said = "page_level_raised" if raised.higher and alert.rounds else None
        escalation.take_step(clinic, db, alert, now=now, text_id=said)
    elif alert.status == AlertStatus.OPEN and raised.another_danger:
        # What was paged before tells of the other danger only: the next person hears of both.
        escalation.take_step(clinic, db, alert, now=now, text_id=holders.NEW_DANGER)
    elif alert.status == AlertStatus.ACKNOWLEDGED and raised.another_danger:
        kinds = "+".join(sorted({signal.category for signal in _pressing(raised.fresh)}))
        holders.tell(clinic, db, alert, now=now, text_id=holders.NEW_DANGER, once=kinds)
    elif alert.status == AlertStatus.ACKNOWLEDGED:
        holders.tell(
            clinic,
            db,
            alert,
            now=now,
            text_id=news.told,
            once=news.once,
            ring_as_often=news.rings,
        )
    elif news.page_after is not None and escalation.newest_page_had_time(
        db, alert, at_least=news.page_after, now=now
    ):
        escalation.take_step(clinic, db, alert, now=now)


def _pressing(signals: Sequence[Signal]) -> list[Signal]:
    return [signal for signal in signals if signal.level.at_least(Level.URGENT) and signal.reply]


def add_words(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    *,
    inbound_id: str,
    now: datetime,
    told: str = holders.NEW_WORDS,
) -> None:
    """Her further text belongs to this alert, though nothing in it raised one.

    :param told: what the person who has the alert hears of it.
    """
    alert.last_words_at = now
    record(
        db, Audit("system", "add_to_alert", f"alert:{alert.id}", {"inbound": inbound_id}), now=now
    )
    if alert.status == AlertStatus.ACKNOWLEDGED:
        holders.tell(clinic, db, alert, now=now, text_id=told)


def opt_out_level(db: Session, phone_index: str, *, now: datetime) -> Level:
    """STOP in treatment: a call the same day; soon after an alert, a page (clinic rules)."""
    recent = alerts.recently_raised(db, phone_index, since=now - _RECENT_ALERT)
    return Level.URGENT if recent else Level.SAME_DAY


def _create(clinic: Clinic, db: Session, about: About, worst: Signal, *, now: datetime) -> Alert:
    alert = Alert(
        id=new_id(),
        code=_free_code(db, now=now),
        patient_id=about.patient_id,
        phone_index=about.phone_index,
        level=worst.level,
        category=worst.category,
        status=AlertStatus.OPEN,
        policy=to_record(clinic.policies[worst.level]),
        steps_taken=0,
        rounds=0,
        raised_at=now,
        last_words_at=now,
        is_test=about.patient_id is not None and people.get_patient(db, about.patient_id).is_test,
    )
    alert.next_step_at = escalation.first_step_at(clinic, db, alert, now=now)
    db.add(alert)
    db.flush()
    details = {"level": worst.level, "category": worst.category, "layer": worst.layer}
    record(db, Audit("system", "raise", f"alert:{alert.id}", details), now=now)
    return alert


def _add_signals(
    db: Session,
    alert: Alert,
    signals: Sequence[Signal],
    *,
    inbound_id: str | None,
    now: datetime,
) -> None:
    for signal in signals:
        db.add(
            AlertSignal(
                alert_id=alert.id,
                inbound_id=inbound_id,
                category=signal.category,
                level=signal.level,
                layer=signal.layer,
                pattern_id=signal.pattern_id,
                spans=[list(span) for span in signal.spans],
                at=now,
            )
        )
    patterns = [signal.pattern_id for signal in signals]
    record(db, Audit("system", "signal", f"alert:{alert.id}", {"patterns": patterns}), now=now)


def _lift(clinic: Clinic, db: Session, alert: Alert, worst: Signal, *, now: datetime) -> None:
    """More pressing than before: its own policy, from the first step, whoever has it."""
    before = alert.level
    alert.level, alert.category = worst.level, worst.category
    alert.policy = to_record(clinic.policies[worst.level])
    alert.answer_due_at = None
    if alert.status == AlertStatus.ACKNOWLEDGED:
        holders.hand_back(clinic, db, alert, by="system", now=now)
    alert.steps_taken = 0
    alert.next_step_at = escalation.first_step_at(clinic, db, alert, now=now)
    details = {"from": before, "to": worst.level, "layer": worst.layer}
    record(db, Audit("system", "lift", f"alert:{alert.id}", details), now=now)


def locked(db: Session, alert_id: str) -> Alert:
    """This alert for this transaction alone; her conversation first, as everywhere."""
    patient_id = alerts.patient_of(db, alert_id)
    if patient_id is not None:
        care.conversation_of(db, patient_id)
    return alerts.lock(db, alert_id)


def _free_code(db: Session, *, now: datetime) -> str:
    for attempt in range(10 * _TRIES_PER_LENGTH):
        code = new_alert_code(digits=1 + attempt // _TRIES_PER_LENGTH)
        if not alerts.code_in_use(db, code, since=now - _CODE_RESTS):
            return code
    raise NotFound("no free alert code")  # pragma: no cover - ten digits are enough
