"""The list on paper, for when nothing works: who is in danger now, then whom to call by when.

None of her words are on it. Whoever prints it sees no more than the console shows this person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.services import alert_list, inbox, read_along
from bot.services.alert_list import AlertCard
from bot.services.alert_pages import number_that_wrote
from bot.services.clinic import Clinic
from bot.services.inbox import Day
from bot.services.inbox_cards import Card
from bot.services.patient_directory import Entry
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with paging, once, however often it was noticed.

    :param due_at: the first moment by which it must be mended.
    """

    reason: str
    count: int
    colleagues: Sequence[str]
    due_at: datetime | None


@dataclass(frozen=True)
class Paper:
    """Everything that is printed.

    :param alerts: those that no person has closed, the most pressing first.
    :param calls: the tasks behind which a mother waits, what was promised first first.
    :param read_along: ids of the patients in them whose phone somebody else may answer or read.
    """

    alerts: Sequence[AlertCard]
    calls: Sequence[Card]
    troubles: Sequence[Trouble]
    day: Day
    read_along: frozenset[str]


def look_at(
    clinic: Clinic, entries: Mapping[str, Entry], *, with_numbers: bool, by: str, now: datetime
) -> Paper:
    """The whole list; whom it names goes on record.

    :param with_numbers: say the numbers of people who are no patients, as the page of an alert
        does to a clinician.
    """
    found, _closed = alert_list.list_open_cards(clinic, entries, recent=timedelta(0), now=now)
    day = inbox.look_at(clinic, entries, with_words=False, with_scores=False, by=by, now=now)
    calls = [card for card in day.cards if not card.newest.trouble]
    named = {card.patient_id for card in found if card.patient_id}
    with clinic.db.reading() as db:
        cards = [_with_number(db, card) if with_numbers else card for card in found]
        may_be_read = frozenset(read_along.phones(db, named))
    _record(clinic, cards, by=by, now=now)
    return Paper(cards, calls, _troubles(day.cards), day, may_be_read)


def _with_number(db: Session, card: AlertCard) -> AlertCard:
    if card.patient_id is not None:
        return card
    return replace(card, number=number_that_wrote(db, db.get_one(Alert, card.id)))


def _record(clinic: Clinic, cards: Sequence[AlertCard], *, by: str, now: datetime) -> None:
    with clinic.db.transaction() as db:
        details = {"alerts": [card.id for card in cards]}
        record(db, Audit(by, "print_list", "alerts", details), now=now)
        for card in cards:
            if card.patient_id is None and card.number:
                # Decrypted for this sheet alone.
                record(db, Audit(by, "view_number", f"alert:{card.id}"), now=now)


def _troubles(cards: Sequence[Card]) -> list[Trouble]:
    """One line for each kind: seven alerts without a backup are one thing to mend."""
    together: dict[str, list[Card]] = {}
    for card in cards:
        if card.newest.trouble:
            together.setdefault(card.newest.trouble, []).append(card)
    return [
        Trouble(
            reason,
            len(alike),
            list(dict.fromkeys(one.newest.colleague for one in alike if one.newest.colleague)),
            min((one.due_at for one in alike if one.due_at), default=None),
        )
        for reason, alike in together.items()
    ]
