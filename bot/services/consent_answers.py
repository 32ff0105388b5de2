"""Reads her answer to the invitation: 1 start, 2 no texts, 3 call me."""

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.messages import Lane
from bot.services import enrolments, outbox
from bot.services.clinic import Clinic
from bot.storage import messages
from bot.storage.tables import Patient

_CHOICE = re.compile(r"^\W*([123])\W*(?:start|no texts?|call( me)?|empezar|ll[aá]me\w*)?\W*$", re.I)
# Asked again, but not after every word: nobody who has not agreed is to be flooded.
_AGAIN_EVERY = timedelta(hours=1)


def read_choice(text: str) -> int | None:
    """1, 2 or 3 when the text is that and nothing else. A carrier's YES starts nothing."""
    found = _CHOICE.match(text)
    return int(found.group(1)) if found else None


def take(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    text: str,
    source: enrolments.Source,
    *,
    now: datetime,
) -> None:
    """Do what she chose, or ask again with the choices."""
    choice = read_choice(text)
    if choice == 1:
        enrolments.start(clinic, db, patient, source, now=now)
    elif choice in (2, 3):
        enrolments.decline(clinic, db, patient, source, call=choice == 3, now=now)
    else:
        slot = int(now.timestamp() // _AGAIN_EVERY.total_seconds())
        key = f"consent_again:{patient.id}:{slot}"
        if not messages.has_outbound(db, key):
            outbox.queue(
                clinic,
                db,
                outbox.Text(
                    id="consent_again", key=key, lane=Lane.REPLY, in_reply_to=source.inbound_id
                ),
                outbox.to_patient(db, patient),
                now=now,
            )
