"""All tables, one module an aggregate."""

from bot.storage.tables.alerts import Alert, AlertSignal, Page, SupportItem
from bot.storage.tables.audit import AuditEvent, AuditHead, AuditSeal
from bot.storage.tables.base import Table
from bot.storage.tables.care import (
    Administration,
    Appointment,
    CheckIn,
    Conversation,
    ItemResponse,
    TurnRecord,
)
from bot.storage.tables.messages import InboundMessage, OutboundMessage, ReceiptRecord
from bot.storage.tables.people import (
    ConsentRecord,
    Enrolment,
    NumberState,
    Patient,
    ShiftRecord,
    Staff,
)
from bot.storage.tables.system import Heartbeat, Setting

__all__ = [
    "Administration",
    "Alert",
    "AlertSignal",
    "Appointment",
    "AuditEvent",
    "AuditHead",
    "AuditSeal",
    "CheckIn",
    "ConsentRecord",
    "Conversation",
    "Enrolment",
    "Heartbeat",
    "InboundMessage",
    "ItemResponse",
    "NumberState",
    "OutboundMessage",
    "Page",
    "Patient",
    "ReceiptRecord",
    "Setting",
    "ShiftRecord",
    "Staff",
    "SupportItem",
    "Table",
    "TurnRecord",
]
