"""Where a request comes from: the visitor's address, and what the browser is."""

from contextlib import suppress
from ipaddress import ip_address

from bot.console.desk import Asked, desk_of
from bot.services.logins import Caller

_BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
_SHOWN = {"Edg": "Edge", "OPR": "Opera", "Macintosh": "Mac"}


def caller_of(request: Asked) -> Caller:
    """Where the request comes from."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for name in _BROWSERS if name in agent), "A browser")
    system = next((name for name in _SYSTEMS if name in agent), "")
    words = _SHOWN.get(browser, browser)
    if system:
        words += f" on {_SHOWN.get(system, system)}"
    return Caller(address=_address_of(request), browser=words)


def _address_of(request: Asked) -> str:
    """Where the visitor is: what our own proxy says, where the deployment names its header.

    Only the last entry is the proxy's; what stands before it, the visitor may have written.
    """
    header = desk_of(request).app.settings.console_address_header
    said = request.headers.getall(header, []) if header else []
    last = said[-1].rpartition(",")[2].strip() if said else ""
    with suppress(ValueError):
        return str(ip_address(last))
    return request.client.host if request.client else ""
