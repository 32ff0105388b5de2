"""What processes leave for one another."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Table


class Heartbeat(Table):
    """When a process last did its round."""

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class Setting(Table):
    """A small thing that must survive a restart, such as the sandbox's clock."""

    __tablename__ = "kept_settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]]
