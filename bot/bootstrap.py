"""Puts the parts together: the only place where anything is built."""

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import structlog

from bot.content.crisis import load_crisis
from bot.content.escalation import load_policies
from bot.content.instruments import load_instruments
from bot.content.protocol import load_protocol
from bot.content.texts import load_catalogue
from bot.core.instruments import with_cut_off
from bot.core.levels import Level
from bot.crisis.screening import Screener
from bot.dialogue import RasaDialogue
from bot.errors import ConfigError
from bot.ports import Clock, DialogueEngine, SmsProvider
from bot.services.clinic import Clinic
from bot.settings import ProviderName, Settings, load_settings
from bot.sms.sandbox import SandboxProvider
from bot.sms.twilio import TwilioCredentials, TwilioProvider
from bot.storage.database import Database
from bot.storage.schema import require_current
from bot.storage.vault import Vault, load_keys

RECEIPTS_PATH = "/sms/receipts"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """One process's parts. Seams are arguments of ``build``; nothing is patched."""

    settings: Settings
    clock: Clock
    clinic: Clinic
    provider: SmsProvider
    dialogue: DialogueEngine

    def close(self) -> None:
        """Give back what was opened."""
        self.clinic.db.close()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    provider: SmsProvider | None = None,
    dialogue: DialogueEngine | None = None,
    check_schema: bool = True,
) -> App:
    """Read and check everything that the clinic has signed, and connect.

    :raises ConfigError: anything is wrong; names file, line and cure.
    """
    clock = clock or SystemClock()
    keys = load_keys(settings.key_file, create=not settings.production)
    db = Database(settings.database_url, Vault(keys))
    if check_schema:
        require_current(db.engine)
    return App(
        settings=settings,
        clock=clock,
        clinic=_clinic(settings, db),
        provider=provider or PROVIDERS[settings.sms_provider](settings, clock),
        dialogue=dialogue
        or RasaDialogue(
            settings.rasa_url,
            token=settings.rasa_token.get_secret_value(),
            timeout_seconds=settings.rasa_timeout_seconds,
        ),
    )


def _sandbox(settings: Settings, clock: Clock) -> SmsProvider:
    return SandboxProvider(
        f"http://127.0.0.1:{settings.sandbox_port}",
        secret=settings.sandbox_secret.get_secret_value(),
        now=clock.now,
    )


def _twilio(settings: Settings, clock: Clock) -> SmsProvider:
    token = settings.twilio_auth_token.get_secret_value()
    return TwilioProvider(
        settings.twilio_account_sid,
        credentials=TwilioCredentials(
            user=settings.twilio_api_key or settings.twilio_account_sid,
            secret=settings.twilio_api_secret.get_secret_value() or token,
        ),
        primary_token=token,
        secondary_token=settings.twilio_secondary_token.get_secret_value() or None,
        messaging_service_sid=settings.twilio_messaging_service or None,
        from_number=settings.twilio_from_number or None,
        public_url=settings.public_url,
        receipts_path=RECEIPTS_PATH,
    )


# A new provider is a module in bot/sms and a line here.
PROVIDERS: Mapping[ProviderName, Callable[[Settings, Clock], SmsProvider]] = {
    ProviderName.SANDBOX: _sandbox,
    ProviderName.TWILIO: _twilio,
}


def _clinic(settings: Settings, db: Database) -> Clinic:
    data = settings.data_dir
    protocol = load_protocol(data / "protocol" / settings.protocol_file)
    protocol.approved(production=settings.production)
    texts = load_catalogue(data)
    texts.approved(production=settings.production)
    instruments = load_instruments(data)
    instruments["phq2"] = with_cut_off(
        instruments["phq2"], at_or_above=protocol.check_ins.phq2_cut_off
    )
    policies = load_policies(data / "escalation")
    for level, minutes in protocol.safety.unacknowledged_minutes.items():
        tell = policies[Level(level)].tell_patient_after
        if tell is None or tell.total_seconds() != minutes * 60:
            raise ConfigError(
                f"data/protocol: safety.unacknowledged_minutes.{level} is not what "
                "tell_patient_after_minutes in data/escalation says. Make them the same."
            )
    return Clinic(
        db=db,
        protocol=protocol,
        texts=texts,
        instruments=instruments,
        policies=policies,
        screener=Screener(load_crisis(data / "crisis")),
        carrier_answers_keywords=settings.carrier_answers_keywords,
    )


@cache
def current_app() -> App:
    """The app of this process, built from the environment when first asked for."""
    return build(load_settings())


def configure_logging(level: str) -> None:
    """JSON lines with ids and no words, on standard error."""
    logging.basicConfig(level=level, format="%(message)s")
    # These libraries log request lines and bodies.
    for name in ("httpx", "httpcore", "twilio", "rasa_sdk", "uvicorn", "litestar", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
