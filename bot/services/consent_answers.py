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
# "what is this", "who r u", "quien es": she wants to know who writes before she chooses.
_WHO = re.compile(
    r"\b(wh?o+|whos|hoo) ?('?s|is|are|r|dis|this|u|you|da)?\b.*(this|dis|u|you|ya|texting|it|tis|"
    r"sender|line|number)\b|\bwh?(at|ut|ats|uts|at's)\b.{0,12}\b(this|dis|it|u|you|tend|about|"
    r"4|for)\b|"
    r"\b(wat|wut|wats|wuts|whats)\b|^\W*(who|what|huh|que|qu[eé]|qui[eé]n|kien)\W*$|"
    r"\bdo i know (you|u)\b|\bwhich (doctor|dr|office|clinic|company)\b|\bwhere (is|"
    r"are) (this|you|u)\b|"
    r"\bis this (a |the )?(real|scam|spam|bot|robot|legit|doctor|dr|clinic|person|for real)|"
    r"\bhow (did|do) (you|u) (get|have|know)\b|\b(scam|spam|legit)\b|\bname\??$|\bnew phone\b|"
    r"\b(qui[eé]n(es)?|kien(es)?|quen) (es|eres|son|sos|me|habla|escribe|manda|anda|est[aá])\b|"
    r"\b(qu[eé]|k|q|ke) (es|son|eres)\b|\bde (parte de qui[eé]n|qui[eé]n|d[oó]nde|qu[eé])\b|"
    r"\b(esto|eso) (qu[eé]|para qu[eé])\b|\bpara qu[eé]\b|\b(estafa|fraude|broma)\b|"
    r"\bc[oó]mo (tiene|tienen|consigui\w+) mi\b|\b(no s[eé]|nose) qui[eé]n\b|\bnumero es\b|"
    r"\bn[uú]mero es\b|"
    r"\bde qu[eé] se trata\b|\bla? (conozco|conosco)\b|\bes (un robot|una persona|real|verdad|"
    r"de verdad)\b",
    re.IGNORECASE,
)
# Asked again, but not after every word: nobody who has not agreed is to be flooded.
_AGAIN_EVERY = timedelta(hours=1)


def read_choice(text: str) -> int | None:
    """1, 2 or 3 when the text is that and nothing else. A carrier's YES starts nothing."""
    found = _CHOICE.match(text)
    return int(found.group(1)) if found else None


def asks_who(text: str) -> bool:
    """Does she ask who writes to her, or what this is?"""
    return bool(_WHO.search(text.replace("’", "'")))


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
        # Words of the first text again: who we are, and the choices.
        text_id = "consent_who" if asks_who(text) else "consent_again"
        slot = int(now.timestamp() // _AGAIN_EVERY.total_seconds())
        key = f"{text_id}:{patient.id}:{slot}"
        if not messages.has_outbound(db, key):
            outbox.queue(
                clinic,
                db,
                outbox.Text(id=text_id, key=key, lane=Lane.REPLY, in_reply_to=source.inbound_id),
                outbox.to_patient(db, patient),
                now=now,
            )
