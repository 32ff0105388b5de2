"""Names for rows: unguessable, and sorted by the moment they were made."""

import secrets
import threading
import time

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A fresh id of 28 hexadecimal characters.

    The first sixteen rise strictly within a process, so that two texts that arrive in the same
    instant keep their order. This is an order, not a time: nothing reads a clock from it.
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns())
        return f"{_last:016x}{secrets.token_hex(6)}"


# Letters and digits that cannot be mistaken for one another when read aloud at 3 a.m.
_CODE_LETTERS = "ABCDEFGHJKMNPRTUVWXY"
_CODE_DIGITS = "23456789"


def new_alert_code(*, digits: int = 1) -> str:
    """A short code for an alert, such as ``K7``: easy to text back.

    :param digits: how many digits follow the letter; more when short codes run out.
    """
    return secrets.choice(_CODE_LETTERS) + "".join(
        secrets.choice(_CODE_DIGITS) for _ in range(digits)
    )
