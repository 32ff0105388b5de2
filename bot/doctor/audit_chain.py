"""Checks the newest part of the audit chain; the whole of it is `tend audit verify`."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import audit
from bot.storage.sealing import vault_of
from bot.storage.tables import AuditEvent, AuditSeal


def verify_newest(db: Session, *, count: int) -> tuple[int, str | None]:
    """Walk the newest links; how many events were checked, and what is wrong if anything is.

    The link before them is taken as given, so a change further back is not seen here.
    """
    newest = select(AuditSeal).order_by(AuditSeal.number.desc()).limit(count + 1)
    seals = list(db.scalars(newest))[::-1]
    if len(seals) > count:
        number, link = seals[0].number, seals[0].link
        seals = seals[1:]
    else:
        number, link = 0, audit._FIRST_LINK
    wanted = AuditEvent.id.in_([seal.event_id for seal in seals])
    events = {event.id: event for event in db.scalars(select(AuditEvent).where(wanted))}
    for checked, seal in enumerate(seals):
        number += 1
        if seal.number != number:
            return checked, f"Seal {number} is missing"
        if seal.event_id not in events:
            return checked, f"Audit event {seal.event_id} is missing"
        link = vault_of(db).chain(link, audit._content(events[seal.event_id]))
        if link != seal.link:
            return checked, f"Audit event {seal.event_id} was changed, or one before it removed"
    return len(seals), audit.problem_of_head(db, number, link)
