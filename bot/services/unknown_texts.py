"""What is done with a text from a number we do not know: screened all the same."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.levels import Level
from bot.core.messages import InboundText, Lane
from bot.core.opt_out import OptOutKind, read_opt_out
from bot.core.spoken_language import languages_of
from bot.services import alerts, outbox, screening
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import people
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, InboundMessage

_ANSWERED_EVERY = timedelta(days=1)
# What a stranger may hear in full; the other replies speak of a care team that may not be hers.
_FULL_REPLY = frozenset(
    {
        "crisis_infant",
        "crisis_shaken",
        "crisis_infant_ill",
        "crisis_infant_left",
        "crisis_overdose",
        "crisis_medical",
        "crisis_violence",
        "crisis_violence_danger",
        "crisis_violence_unsafe",
    }
)


def receive(case: Arrival) -> None:
    """Alert on danger, honour STOP, and answer once a day that nobody reads here."""
    clinic, db, row = case.clinic, case.db, case.row
    text, now, found = case.text, case.now, case.screening
    screening.note(row, found.signals)
    signals = [signal for signal in found.signals if signal.level != Level.WATCH]
    addressee = outbox.Addressee(number=text.from_number)
    if signals:
        about = alerts.About(row.phone_index)
        raised = alerts.raise_alert(clinic, db, about, signals, inbound_id=row.id, now=now)
        if raised.needs_own_reply or _answered_long_ago(clinic, raised.alert, now=now):
            raised.alert.last_added_reply_at = now
            reply = found.reply if found.reply in _FULL_REPLY else "crisis_unknown_sender"
            _answer_danger(case, addressee, reply, raised.alert)
    _honour_stop(db, row, text, now=now)
    state = people.number_state(db, row.phone_index)
    lately = state.unknown_answered_at is not None and (
        now - state.unknown_answered_at < _ANSWERED_EVERY
    )
    if not signals and not lately and state.opted_out_at is None and not text.opt_out_type:
        state.unknown_answered_at = now
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="unknown_sender", key=f"unknown:{row.id}", lane=Lane.REPLY, in_reply_to=row.id
            ),
            addressee,
            now=now,
        )


def _answer_danger(case: Arrival, addressee: outbox.Addressee, reply: str, alert: Alert) -> None:
    """The numbers that help, in the language of these very words, in doubt in both."""
    for language in languages_of(case.text.body, own=case.language):
        crisis = outbox.Text(
            id=reply,
            key=f"crisis:{case.row.id}" + (f":{language}" if language != case.language else ""),
            lane=Lane.CRISIS,
            in_reply_to=case.row.id,
            alert_id=alert.id,
            despite_opt_out=True,
        )
        to_them = replace(addressee, language=language)
        outbox.queue(case.clinic, case.db, crisis, to_them, now=case.now)


def _answered_long_ago(clinic: Clinic, alert: Alert, *, now: datetime) -> bool:
    """Whoever goes on crying for help is answered again, at most every ten minutes."""
    every = timedelta(minutes=clinic.protocol.safety.added_repeat_minutes)
    last = alert.last_added_reply_at
    return last is None or now - last >= every


def _honour_stop(db: Session, row: InboundMessage, text: InboundText, *, now: datetime) -> None:
    wish = read_opt_out(text.body)
    if wish is None:
        return
    state = people.number_state(db, row.phone_index)
    if wish.kind in (OptOutKind.STOP, OptOutKind.FORGET):
        state.opted_out_at = now
    elif wish.kind == OptOutKind.START:
        state.opted_out_at = None
    record(db, Audit("system", "opt_out", f"inbound:{row.id}", {"kind": wish.kind}), now=now)
