"""What every service is given: the database, and what the clinic has signed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.content.protocol import Protocol
from bot.content.texts import Catalogue
from bot.core.escalation import EscalationPolicy
from bot.core.instruments import Instrument
from bot.core.levels import Level
from bot.crisis.screening import Screener
from bot.storage.database import Database


@dataclass(frozen=True)
class Clinic:
    """The clinic's data and its signed rules. Built once, in ``bootstrap``."""

    db: Database
    protocol: Protocol
    texts: Catalogue
    instruments: Mapping[str, Instrument]
    policies: Mapping[Level, EscalationPolicy]
    screener: Screener
    # Twilio answers STOP, START and HELP itself; a second confirmation would come back 21610.
    carrier_answers_keywords: bool = True
    # Where the console is reached from outside: the link in an e-mail leads there.
    console_url: str = "http://127.0.0.1:8090"
    # The daily test runs here; off in the sandbox, where it would stand among the cast.
    canary: bool = False
