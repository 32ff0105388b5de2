"""A form counts only when this console gave it to this login, in this browser.

The token names the login and signs it together with a cookie that only this browser has. So a
token that was seen, planted, or given to another person is worth nothing, and a form of a login
that has ended is still known for what it is: its words can be kept for whoever wrote them.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

FIELD = "_csrf_token"
# The few forms that stand before the login.
NOBODY = "nobody"


@dataclass(frozen=True)
class FormTokens:
    """Gives and reads the tokens of forms.

    :param secret: the same in every copy of the console.
    """

    secret: str

    def give(self, login_id: str, *, browser: str) -> str:
        """The token of a form for this login, or for ``NOBODY``."""
        return f"{login_id}.{self._signature(login_id, browser)}"

    def login_of(self, token: str, *, browser: str) -> str | None:
        """The login that a form was given to; none when it is no form of ours for this browser."""
        login_id, _, signature = token.partition(".")
        right = self._signature(login_id, browser)
        fits = hmac.compare_digest(right.encode(), signature.encode())
        return login_id if browser and login_id and fits else None

    def _signature(self, login_id: str, browser: str) -> str:
        # The browser's part has a fixed alphabet without a colon: nothing can be shifted over it.
        words = f"form:{browser}:{login_id}".encode()
        return hmac.new(self.secret.encode(), words, hashlib.sha256).hexdigest()


def new_browser() -> str:
    """What a browser is given to be told from others."""
    return secrets.token_urlsafe(32)
