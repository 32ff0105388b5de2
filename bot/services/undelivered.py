"""A text that did not and will not arrive: what hangs on it moves on at once.

A page goes to the next person, an alert whose holder heard nothing opens again, and a mother whose
phone refuses our help is phoned.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, SupportKind
from bot.core.escalation import PageChannel
from bot.core.levels import Category, Level
from bot.core.messages import Lane
from bot.crisis.screening import Signal
from bot.errors import ChannelMissing, DeliveryError, NumberUnreachable, OptedOut
from bot.services import alerts, escalation, holders, outbox, reach, support
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage import people
from bot.storage.audit import Audit, record
from bot.storage.tables import OutboundMessage

# Why a text can never arrive this way; somebody must mend it.
_REFUSED: Mapping[type[DeliveryError], str] = {
    OptedOut: reach.OPTED_OUT,
    NumberUnreachable: "unreachable",
    ChannelMissing: "no_such_channel",
}


def take_in(
    clinic: Clinic, db: Session, row: OutboundMessage, error: DeliveryError, *, now: datetime
) -> None:
    """Do what must follow when this text failed for good."""
    because = _REFUSED.get(type(error), "carrier_refused")
    if row.page_id is not None:
        escalation.page_failed(clinic, db, row.page_id, now=now, because=because)
    elif row.lane == Lane.CRISIS or _in_danger(db, row):
        phone_her(clinic, db, row, now=now)
    elif row.staff_id is not None:
        _staff_not_told(clinic, db, row, row.staff_id, because, now=now)
    elif row.patient_id is not None:
        people.number_state(db, row.phone_index).unreachable_at = now
        support.open_item(
            clinic,
            db,
            SupportKind.UNDELIVERED,
            patient_id=row.patient_id,
            inbound_id=row.in_reply_to,
            now=now,
        )


def _staff_not_told(
    clinic: Clinic,
    db: Session,
    row: OutboundMessage,
    staff_id: str,
    because: str,
    *,
    now: datetime,
) -> None:
    """A colleague did not get our answer, or does not hear of her new words."""
    alert = alerts.locked(db, row.alert_id) if row.alert_id is not None else None
    if because == reach.OPTED_OUT:
        reach.lost(clinic, db, people.get_staff(db, staff_id), now=now)
    if alert is None:
        return
    has_it = alert.status == AlertStatus.ACKNOWLEDGED and alert.acknowledged_by == staff_id
    if has_it and row.text_id in holders.ABOUT_HER_WORDS:
        if because == reach.OPTED_OUT and row.channel != PageChannel.VOICE:
            # The phone takes no texts and still rings: an acknowledgement is not lost by that.
            holders.phone_takes_no_texts(clinic, db, alert, now=now)
            return
        holders.not_told(clinic, db, alert, because=because, now=now)
        return
    details = {"staff": staff_id, "text": row.text_id, "because": because}
    record(db, Audit("carrier", "staff_not_told", f"alert:{alert.id}", details), now=now)


def _in_danger(db: Session, row: OutboundMessage) -> bool:
    """Is an urgent alert about her unresolved? Then any text that her phone refuses matters."""
    if row.patient_id is None:
        return False
    alert = stored_alerts.find_unresolved(db, row.phone_index)
    return alert is not None and Level(alert.level).at_least(Level.URGENT)


def phone_her(clinic: Clinic, db: Session, row: OutboundMessage, *, now: datetime) -> None:
    """Her phone refuses our help: the alert rises and moves on, so that a person phones."""
    signal = Signal(
        category=Category.UNDELIVERED,
        level=Level.URGENT,
        layer="carrier",
        pattern_id="crisis_reply_undelivered",
        spans=(),
        reply="",
    )
    about = alerts.About(row.phone_index, row.patient_id)
    raised = alerts.raise_alert(clinic, db, about, [signal], inbound_id=row.in_reply_to, now=now)
    for staff in escalation.recipients_now(clinic, db, raised.alert, now=now):
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="page_undelivered",
                key=f"undelivered:{row.id}:{staff.id}",
                lane=Lane.PAGE,
                values={"code": raised.alert.code},
                alert_id=raised.alert.id,
                despite_opt_out=True,
            ),
            outbox.to_staff(db, staff),
            now=now,
        )
