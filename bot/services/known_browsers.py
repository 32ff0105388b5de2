"""Tells a browser in which somebody has logged in before from one that only guesses.

Whoever guesses names from a clinic's own network, or from everywhere, must not keep Dr Bose out
while a mother is in danger: her browser shows a mark that it was given when she logged in, and its
tries are counted apart. The mark opens nothing: password and code are asked as ever.
"""

import hmac
import re
import secrets

from bot.services.guesses import Place
from bot.storage.vault import Vault

# As many colleagues as may share one computer; then the oldest is forgotten.
_MOST_NAMES = 8
_BROWSER_BYTES = 16
_OURS = re.compile(r"[0-9a-f]{32}")
_SEPARATOR = "."


def place_of(vault: Vault, mark: str, name: str, *, address: str) -> Place:
    """Where a try for this name comes from: a browser that is known for it, or a network.

    :param mark: what the browser shows; anything at all.
    """
    browser, *signatures = mark.split(_SEPARATOR)
    right = _signature(vault, browser, name)
    if browser and any(hmac.compare_digest(right.encode(), one.encode()) for one in signatures):
        return Place.known_browser(browser)
    return Place.network(address)


def mark_for(vault: Vault, mark: str, name: str) -> str:
    """The mark of a browser in which this person has just logged in, beside those before."""
    browser, *signatures = mark.split(_SEPARATOR)
    # A mark that was made up would be kept beside ours: begin anew.
    if not _OURS.fullmatch(browser) or not signatures:
        browser, signatures = secrets.token_hex(_BROWSER_BYTES), []
    right = _signature(vault, browser, name)
    kept = [one for one in signatures if one != right][-(_MOST_NAMES - 1) :]
    return _SEPARATOR.join([browser, *kept, right])


def _signature(vault: Vault, browser: str, name: str) -> str:
    # The browser's part has a fixed alphabet without a colon: nothing can be shifted over it.
    return vault.index(f"known browser:{browser}:{name}")
