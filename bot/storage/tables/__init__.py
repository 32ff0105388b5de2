"""All tables, one module an aggregate."""

from bot.storage.tables.alerts import Alert, AlertNote, AlertSignal, Page, SupportItem
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
from bot.storage.tables.logins import (
    Login,
    LoginFailure,
    Note,
    SetupLink,
    StaffAccount,
    SupportAssignment,
    Takeover,
)
from bot.storage.tables.messages import InboundMessage, OutboundMessage, ReceiptRecord
from bot.storage.tables.models import (
    ModelApproval,
    ModelCard,
    ModelRelease,
    ShadowReading,
    ShadowRun,
    TestQuestion,
    TrainingJob,
)
from bot.storage.tables.people import (
    ConsentRecord,
    Enrolment,
    NumberState,
    Patient,
    RotaPattern,
    ShiftRecord,
    Staff,
)
from bot.storage.tables.system import Heartbeat, Setting
from bot.storage.tables.teaching import Review, TaughtChange, Understanding

__all__ = [
    "Administration",
    "Alert",
    "AlertNote",
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
    "Login",
    "LoginFailure",
    "ModelApproval",
    "ModelCard",
    "ModelRelease",
    "Note",
    "NumberState",
    "OutboundMessage",
    "Page",
    "Patient",
    "ReceiptRecord",
    "Review",
    "RotaPattern",
    "Setting",
    "SetupLink",
    "ShadowReading",
    "ShadowRun",
    "ShiftRecord",
    "Staff",
    "StaffAccount",
    "SupportAssignment",
    "SupportItem",
    "Table",
    "Takeover",
    "TaughtChange",
    "TestQuestion",
    "TrainingJob",
    "TurnRecord",
    "Understanding",
]
