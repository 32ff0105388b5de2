"""Finds alerts, the pages sent for them and the tasks of support."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.core.alerts import UNRESOLVED, AlertStatus, SupportKind, SupportStatus
from bot.core.escalation import Recipient
from bot.core.levels import Category, Level
from bot.storage.tables import Alert, AlertNote, AlertSignal, Page, SupportItem

# What is asked at every turn of the worker: putting one of these together takes many times as long
# as running it.
_now = bindparam("now", type_=Alert.raised_at.type)
_ANY_UNRESOLVED = select(Alert.id).where(Alert.status.in_(UNRESOLVED)).limit(1)
_UNRESOLVED = select(Alert).where(Alert.status.in_(UNRESOLVED)).order_by(Alert.id)
_ANY_OPEN = select(Alert.id).where(Alert.status == AlertStatus.OPEN).limit(1)
_ANY_UNTOLD = _ANY_OPEN.where(Alert.patient_id.is_not(None), Alert.patient_told_at.is_(None))
_paged = select(Page.id).where(Page.alert_id == Alert.id)
_UNKNOWN_TO_NEWCOMER = (
    select(Alert.id)
    .where(
        Alert.status == AlertStatus.OPEN,
        Alert.is_test.is_(False),
        Alert.phone_index != bindparam("phone_index"),
        _paged.where(Page.recipient == Recipient.ON_CALL).exists(),
        ~_paged.where(Page.staff_id == bindparam("staff_id")).exists(),
    )
    .order_by(Alert.id)
)
_DUE = (
    select(Alert.id)
    .where(Alert.status == AlertStatus.OPEN, Alert.next_step_at <= _now)
    .order_by(Alert.next_step_at)
    .limit(bindparam("most"))
)
_STALE = (
    select(Alert.id)
    .where(Alert.status == AlertStatus.ACKNOWLEDGED, Alert.next_step_at <= _now)
    .order_by(Alert.id)
)
_UNANSWERED = select(Alert.id).where(
    Alert.status.in_(UNRESOLVED), Alert.answer_due_at.is_not(None), Alert.answer_due_at <= _now
)
_is_overdue = and_(
    Page.delivery_due_at <= _now, Page.delivered_at.is_(None), Page.failed_at.is_(None)
)
_ANY_OVERDUE = select(Page.id).where(_is_overdue).limit(1)
_OVERDUE = select(Page).where(_is_overdue)
_MISSED_FOLLOW_UPS = select(SupportItem.id).where(
    SupportItem.kind == SupportKind.FOLLOW_UP,
    SupportItem.status == SupportStatus.OPEN,
    SupportItem.raise_at <= _now,
)


def find_unresolved(db: Session, phone_index: str) -> Alert | None:
    """The one alert about this number that no person has closed, if any."""
    query = (
        select(Alert)
        .where(Alert.phone_index == phone_index, Alert.status.in_(UNRESOLVED))
        .order_by(Alert.id)
        .limit(1)
        .with_for_update()
    )
    return db.scalars(query).first()


def find_by_code(db: Session, code: str) -> Alert | None:
    """The unresolved alert with this code, in any case of letters."""
    query = select(Alert).where(Alert.code == code.upper(), Alert.status.in_(UNRESOLVED))
    return db.scalars(query).first()


def list_unresolved(db: Session) -> Sequence[Alert]:
    """Every alert that no person has closed, oldest first."""
    return db.scalars(_UNRESOLVED).all()


def list_open(db: Session) -> Sequence[Alert]:
    """Every alert that nobody has acknowledged, oldest first."""
    return db.scalars(
        select(Alert).where(Alert.status == AlertStatus.OPEN).order_by(Alert.id)
    ).all()


def any_unresolved(look: Connection) -> bool:
    """Is there an alert that no person has closed?"""
    return look.execute(_ANY_UNRESOLVED).first() is not None


def any_open(look: Connection) -> bool:
    """Is there an alert that nobody has acknowledged?"""
    return look.execute(_ANY_OPEN).first() is not None


def any_untold(look: Connection) -> bool:
    """Is there an open alert about a mother whom nothing told yet that she must wait?"""
    return look.execute(_ANY_UNTOLD).first() is not None


def unknown_to_newcomer(db: Session, staff_id: str, *, phone_index: str) -> Sequence[str]:
    """Open alerts about which somebody was paged as on call, but never this person.

    :param phone_index: this person's own phone; nobody is paged about that.
    """
    known = {"staff_id": staff_id, "phone_index": phone_index}
    return db.scalars(_UNKNOWN_TO_NEWCOMER, known).all()


def code_in_use(db: Session, code: str, *, since: datetime) -> bool:
    """Does an unresolved alert go by this code, or did one that was raised since then?"""
    query = select(Alert.id).where(
        Alert.code == code, or_(Alert.status.in_(UNRESOLVED), Alert.raised_at >= since)
    )
    return db.scalars(query).first() is not None


def patient_of(db: Session, alert_id: str) -> str | None:
    """Whom this alert is about, if we know her."""
    return db.scalar(select(Alert.patient_id).where(Alert.id == alert_id))


def due_alert_ids(look: Connection, *, now: datetime, limit: int = 100) -> Sequence[str]:
    """Open alerts whose next step is due, the longest waiting first."""
    return look.scalars(_DUE, {"now": now, "most": limit}).all()


def stale_alert_ids(look: Connection, *, now: datetime) -> Sequence[str]:
    """Alerts that somebody took and whose time for an outcome has passed, oldest first."""
    return look.scalars(_STALE, {"now": now}).all()


def lock(db: Session, alert_id: str) -> Alert:
    """This alert, for this transaction alone."""
    # What was read before the lock may be stale: somebody else may have had it meanwhile.
    query = select(Alert).where(Alert.id == alert_id).with_for_update()
    return db.scalars(query.execution_options(populate_existing=True)).one()


def list_signals(db: Session, alert_id: str) -> Sequence[AlertSignal]:
    """Why this alert was raised, in order."""
    query = select(AlertSignal).where(AlertSignal.alert_id == alert_id).order_by(AlertSignal.id)
    return db.scalars(query).all()


def newest_with(db: Session, patient_ids: Collection[str], category: Category) -> Mapping[str, str]:
    """The newest alert with a sign of this kind, by patient, open or closed. Not locked."""
    query = (
        select(Alert.patient_id, Alert.id)
        .join(AlertSignal, AlertSignal.alert_id == Alert.id)
        .where(Alert.patient_id.in_(patient_ids), AlertSignal.category == category)
        .order_by(Alert.raised_at)
    )
    return {str(patient_id): alert_id for patient_id, alert_id in db.execute(query)}


def any_hope(db: Session, alert_id: str, *, round_: int) -> bool:
    """Is there a page of this round of the ladder that has not failed?"""
    query = select(Page.id).where(
        Page.alert_id == alert_id, Page.round == round_, Page.failed_at.is_(None)
    )
    return db.scalars(query.limit(1)).first() is not None


def has_signal(db: Session, alert_id: str, category: Category) -> bool:
    """Was a danger of this kind seen in what this alert gathers?"""
    query = select(AlertSignal.id).where(
        AlertSignal.alert_id == alert_id, AlertSignal.category == category
    )
    return db.scalars(query.limit(1)).first() is not None


def list_pages(db: Session, alert_id: str) -> Sequence[Page]:
    """Who was paged about this alert, in order."""
    return db.scalars(select(Page).where(Page.alert_id == alert_id).order_by(Page.id)).all()


def was_paged(db: Session, alert_id: str, staff_id: str) -> bool:
    """Was this person paged about this alert?"""
    query = select(Page.id).where(Page.alert_id == alert_id, Page.staff_id == staff_id)
    return db.scalars(query.limit(1)).first() is not None


def get_page(db: Session, page_id: str) -> Page:
    """This page as it stands now, whatever was read before."""
    query = select(Page).where(Page.id == page_id)
    return db.scalars(query.execution_options(populate_existing=True)).one()


def any_overdue_page(look: Connection, *, now: datetime) -> bool:
    """Is there a page that no receipt has confirmed in the policy's time?"""
    return look.execute(_ANY_OVERDUE, {"now": now}).first() is not None


def overdue_pages(db: Session, *, now: datetime) -> Sequence[Page]:
    """Pages that no receipt has confirmed in the policy's time."""
    return db.scalars(_OVERDUE, {"now": now}).all()


def unanswered_alert_ids(look: Connection, *, now: datetime) -> Sequence[str]:
    """Alerts whose safety question met silence for too long."""
    return look.scalars(_UNANSWERED, {"now": now}).all()


def find_support_item(
    db: Session, *, inbound_id: str | None, kind: SupportKind
) -> SupportItem | None:
    """The task that this text already made, if any."""
    if inbound_id is None:
        return None
    query = select(SupportItem).where(
        SupportItem.inbound_id == inbound_id, SupportItem.kind == kind
    )
    return db.scalars(query).one_or_none()


def list_support_items(db: Session) -> Sequence[SupportItem]:
    """Open tasks of support, what is due first first."""
    query = (
        select(SupportItem)
        .where(SupportItem.status == SupportStatus.OPEN)
        .order_by(SupportItem.due_at, SupportItem.id)
    )
    return db.scalars(query).all()


def recently_raised(db: Session, phone_index: str, *, since: datetime) -> bool:
    """Was there an alert about this number since then that somebody had to act on?"""
    query = select(Alert.id).where(
        Alert.phone_index == phone_index,
        Alert.level != Level.WATCH,
        or_(Alert.raised_at >= since, Alert.status != AlertStatus.RESOLVED),
    )
    return db.scalars(query).first() is not None


def list_notes(db: Session, alert_id: str) -> Sequence[AlertNote]:
    """What people wrote down about this alert, oldest first."""
    query = select(AlertNote).where(AlertNote.alert_id == alert_id).order_by(AlertNote.id)
    return db.scalars(query).all()


def open_follow_ups(db: Session, phone_index: str) -> Sequence[SupportItem]:
    """Calls that are planned after an earlier alert about this number."""
    query = (
        select(SupportItem)
        .join(Alert, Alert.id == SupportItem.alert_id)
        .where(
            SupportItem.kind == SupportKind.FOLLOW_UP,
            SupportItem.status == SupportStatus.OPEN,
            Alert.phone_index == phone_index,
        )
        .order_by(SupportItem.id)
    )
    return db.scalars(query).all()


def list_follow_ups(db: Session, alert_id: str) -> Sequence[SupportItem]:
    """The calls after this alert, made or not, in the order in which they were planned."""
    query = select(SupportItem).where(
        SupportItem.kind == SupportKind.FOLLOW_UP, SupportItem.alert_id == alert_id
    )
    return db.scalars(query.order_by(SupportItem.id)).all()


def missed_follow_up_ids(look: Connection, *, now: datetime) -> Sequence[str]:
    """Planned calls that nobody made in time."""
    return look.scalars(_MISSED_FOLLOW_UPS, {"now": now}).all()


def alert_of_item(db: Session, item_id: str) -> str | None:
    """The alert that this task is about."""
    return db.scalar(select(SupportItem.alert_id).where(SupportItem.id == item_id))


def lock_support_item(db: Session, item_id: str) -> SupportItem:
    """This task, for this transaction alone."""
    query = select(SupportItem).where(SupportItem.id == item_id).with_for_update()
    return db.scalars(query.execution_options(populate_existing=True)).one()


def close_support_items(db: Session, patient_id: str, kind: SupportKind, *, now: datetime) -> None:
    """Every open task of this kind about her is done."""
    query = select(SupportItem).where(
        SupportItem.patient_id == patient_id,
        SupportItem.kind == kind,
        SupportItem.status == SupportStatus.OPEN,
    )
    for item in db.scalars(query):
        item.status, item.closed_at = SupportStatus.CLOSED, now


def find_staff_item(
    db: Session, *, reason: str, alert_id: str | None, staff_id: str | None
) -> SupportItem | None:
    """The open task about this very trouble with paging, if there is one."""
    query = select(SupportItem).where(
        SupportItem.kind == SupportKind.STAFF,
        SupportItem.status == SupportStatus.OPEN,
        SupportItem.reason == reason,
        SupportItem.alert_id == alert_id,
        SupportItem.staff_id == staff_id,
    )
    return db.scalars(query).first()
