"""What is on the pretend phones: texts, and whether a phone is on."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Which way a text went, as seen from the phone."""

    FROM_PHONE = "from_phone"
    TO_PHONE = "to_phone"


class PhoneStatus(StrEnum):
    """What became of a text, as the phone shows it."""

    SENDING = "sending"
    SENT = "sent"
    # Handed to the carrier while the phone was off; it arrives when the phone is on again.
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class CallState(StrEnum):
    """Where a call is, as the phone shows it; *none* for a text."""

    NONE = ""
    RINGING = "ringing"
    OVER = "over"


class Switch(StrEnum):
    """The state of a phone: *off* never reports delivery, *unreachable* is refused at once."""

    ON = "on"
    OFF = "off"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class PhoneMessage:
    """One text on one phone.

    :param id: the carrier's id, the same that the webhook carries.
    :param media_count: how many photos hang on it.
    :param call: it is no text but a call; its body is what was heard.
    :param from_carrier: the carrier's own answer to STOP, START or HELP; Tend never sees it.
    """

    id: str
    number: str
    direction: Direction
    body: str
    at: datetime
    status: PhoneStatus
    media_count: int = 0
    from_carrier: bool = False
    call: CallState = CallState.NONE


class Phones:
    """Every phone there is, by number; safe to use from any thread.

    Each change gets a number, so that a page can ask what is new since the last one it saw.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._texts: dict[str, PhoneMessage] = {}
        self._changes: dict[str, int] = {}
        self._switches: dict[str, Switch] = {}
        self._last = 0

    def add(self, text: PhoneMessage) -> bool:
        """Put a text on its phone; false when a text of this id is there already."""
        with self._changed:
            if text.id in self._texts:
                return False
            self._texts[text.id] = text
            self._note(text.id)
            return True

    def mark(self, text_id: str, status: PhoneStatus) -> None:
        """Say what became of a text; nothing happens when the phones were emptied meanwhile."""
        with self._changed:
            known = self._texts.get(text_id)
            if known is not None and known.status != status:
                self._texts[text_id] = replace(known, status=status)
                self._note(text_id)

    def replace(self, text: PhoneMessage) -> None:
        """Show this instead of what stood there under the same id."""
        with self._changed:
            if text.id in self._texts:
                self._texts[text.id] = text
                self._note(text.id)

    def messages(self, number: str) -> list[PhoneMessage]:
        """The texts on one phone, oldest first."""
        with self._changed:
            return [text for text in self._texts.values() if text.number == number]

    def since(self, cursor: int) -> tuple[int, Sequence[PhoneMessage]]:
        """What is new or changed since a cursor (0 at first), and the cursor to ask with next."""
        with self._changed:
            # In the order of the phone: what became of an older text may be news as well.
            fresh = [text for text in self._texts.values() if self._changes[text.id] > cursor]
            return self._last, fresh

    def wait_beyond(self, cursor: int, *, timeout: float) -> bool:
        """Wait until something is newer than the cursor.

        :param timeout: seconds.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._last > cursor, timeout)

    def switch(self, number: str) -> Switch:
        """Is this phone on?"""
        with self._changed:
            return self._switches.get(number, Switch.ON)

    def set_switch(self, number: str, switch: Switch) -> None:
        """Turn a phone on or off."""
        with self._changed:
            self._switches[number] = switch
            self._last += 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Empty every phone and turn it on. Cursors go on, so that nobody misses what follows."""
        with self._changed:
            self._texts.clear()
            self._changes.clear()
            self._switches.clear()
            self._last += 1
            self._changed.notify_all()

    def _note(self, text_id: str) -> None:
        self._last += 1
        self._changes[text_id] = self._last
        self._changed.notify_all()
