"""Puts the parts together: the only place where anything is built."""

import gc
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache
from pathlib import Path

import structlog

from bot.channels.canary import CanaryChannel
from bot.channels.email import EmailChannel, SmtpSettings
from bot.content.crisis import load_crisis
from bot.content.escalation import load_policies
from bot.content.instruments import load_instruments
from bot.content.live_model import POINTER, live_name, sources_of
from bot.content.protocol import Protocol, load_protocol
from bot.content.texts import Catalogue, load_catalogue
from bot.core.escalation import EscalationPolicy, PageChannel
from bot.core.instruments import Instrument, with_cut_off
from bot.core.languages import Language
from bot.core.levels import Level
from bot.crisis import model_files
from bot.crisis.model import CrisisModel
from bot.crisis.screening import Screener
from bot.dialogue import RasaDialogue, RasaReplicas
from bot.errors import ConfigError
from bot.loading import nothing_is_garbage
from bot.ports import (
    AlertChannel,
    Clock,
    DialogueEngine,
    ModelHost,
    SmsProvider,
    VoiceProvider,
)
from bot.services.clinic import Clinic
from bot.settings import ProviderName, Settings, load_settings
from bot.sms.sandbox import SandboxProvider
from bot.sms.sandbox_voice import SandboxVoice
from bot.storage.database import Database
from bot.storage.schema import require_current
from bot.storage.vault import Vault, load_keys

log = structlog.get_logger()

_SMTP_TLS_PORT = 465
RECEIPTS_PATH = "/sms/receipts"
# These libraries log request lines and bodies.
QUIET = ("httpx", "httpcore", "twilio", "rasa_sdk", "uvicorn", "litestar", "alembic")


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
    # Calls; none where the clinic has no number that can call.
    voice: VoiceProvider | None = None
    # Every way to page beside texts, calls among them.
    channels: Mapping[PageChannel, AlertChannel] = field(default_factory=dict)
    # Every Rasa, for making another model live.
    host: ModelHost | None = None

    @cached_property
    def models(self) -> ModelHost:
        """Whoever loads models."""
        return self.host or RasaReplicas(
            self.settings.every_rasa, token=self.settings.rasa_token.get_secret_value()
        )

    def settle(self) -> None:
        """Get everything ready that a text would otherwise wait for; a few seconds' work."""
        self.clinic.screener.warm_up()
        # Patterns and models stay for good. Nobody's text shall wait while they are looked through
        # for garbage, a tenth of a second and more each time.
        gc.collect()
        gc.freeze()

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
    with nothing_is_garbage():
        clinic = _clinic(settings, db)
    voice = VOICES[settings.sms_provider](settings, clock)
    channels = _channels(settings, clinic, voice)
    _check_channels(settings, clinic, channels)
    return App(
        settings=settings,
        clock=clock,
        clinic=clinic,
        voice=voice,
        channels=channels,
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
    # Loads as long as the database's library does, and only those who use it need it.
    from bot.sms.twilio import TwilioCredentials, TwilioProvider

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


def _sandbox_voice(settings: Settings, clock: Clock) -> VoiceProvider:
    return SandboxVoice(
        f"http://127.0.0.1:{settings.sandbox_port}",
        secret=settings.sandbox_secret.get_secret_value(),
        now=clock.now,
    )


def _twilio_voice(settings: Settings, _clock: Clock) -> VoiceProvider | None:
    from bot.sms.twilio import TwilioCredentials
    from bot.sms.twilio_voice import TwilioVoice

    number = settings.twilio_voice_number or settings.twilio_from_number
    if not number.startswith("+"):
        return None
    token = settings.twilio_auth_token.get_secret_value()
    return TwilioVoice(
        settings.twilio_account_sid,
        credentials=TwilioCredentials(
            user=settings.twilio_api_key or settings.twilio_account_sid,
            secret=settings.twilio_api_secret.get_secret_value() or token,
        ),
        primary_token=token,
        secondary_token=settings.twilio_secondary_token.get_secret_value() or None,
        from_number=number,
        public_url=settings.public_url,
    )


VOICES: Mapping[ProviderName, Callable[[Settings, Clock], VoiceProvider | None]] = {
    ProviderName.SANDBOX: _sandbox_voice,
    ProviderName.TWILIO: _twilio_voice,
}


# A new way to page is a module in bot/channels and a line here.
def _channels(
    settings: Settings, clinic: Clinic, voice: VoiceProvider | None
) -> dict[PageChannel, AlertChannel]:
    found: dict[PageChannel, AlertChannel] = {PageChannel.CANARY: CanaryChannel()}
    if voice is not None:
        found[PageChannel.VOICE] = voice
    if settings.smtp_host:
        subject = clinic.texts.render("page_email_subject", Language.ENGLISH).body
        found[PageChannel.EMAIL] = EmailChannel(
            SmtpSettings(
                host=settings.smtp_host,
                port=settings.smtp_port,
                sender=settings.smtp_sender,
                login=settings.smtp_login,
                password=settings.smtp_password.get_secret_value(),
                tls=settings.smtp_port == _SMTP_TLS_PORT,
                starttls=settings.smtp_starttls,
            ),
            subject=subject,
        )
    return found


def _check_channels(
    settings: Settings, clinic: Clinic, channels: Mapping[PageChannel, AlertChannel]
) -> None:
    """In production every way that a signed policy names must be there."""
    named = {
        channel
        for policy in clinic.policies.values()
        for step in policy.steps
        for channel in step.channels
    }
    missing = sorted(named - channels.keys() - {PageChannel.SMS})
    if settings.production and missing:
        raise ConfigError(
            f"data/escalation pages by {', '.join(missing)}, which is not set up. Set "
            "TEND_TWILIO_VOICE_NUMBER for voice, TEND_SMTP_HOST for email, or take it out there."
        )


def _clinic(settings: Settings, db: Database) -> Clinic:
    signed = _read_signed(settings.data_dir, settings.protocol_file, _state_of(settings.data_dir))
    signed.protocol.approved(production=settings.production)
    signed.texts.approved(production=settings.production)
    return Clinic(
        db=db,
        protocol=signed.protocol,
        texts=_texts_with_live_answers(signed.texts, settings),
        instruments=signed.instruments,
        policies=signed.policies,
        screener=_with_classifier(signed.patterns, settings.models_dir),
        carrier_answers_keywords=settings.carrier_answers_keywords,
        console_url=settings.console_url,
        canary=settings.canary,
    )


def _texts_with_live_answers(texts: Catalogue, settings: Settings) -> Catalogue:
    """The catalogue with the answers that go with the live model.

    What staff have taught since then is in the files, and goes live with its model.
    """
    try:
        name = live_name(settings.models_dir)
        faq = sources_of(settings.models_dir / f"{name}.tar.gz") / "data" / "faq"
        if name is None or not faq.is_dir():
            return Catalogue.of(texts)
        return load_catalogue(settings.data_dir, faq=faq)
    except ConfigError as error:
        # An answer less is no reason not to start: danger is answered from data/texts.
        log.error("answers of the live model unusable", because=str(error))
        return Catalogue.of(texts)


class LiveAnswers:
    """Lets a process say the answers of whichever model is live, without a restart."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._seen = self._state()

    def refresh(self) -> bool:
        """Take the answers over if another model went live; true when they were."""
        state = self._state()
        if state == self._seen:
            return False
        settings, texts = self._app.settings, self._app.clinic.texts
        texts.become(_texts_with_live_answers(texts, settings))
        self._seen = state
        return True

    def _state(self) -> tuple[int, int]:
        try:
            stat = (self._app.settings.models_dir / POINTER).stat()
        except OSError:
            return (0, 0)
        return (stat.st_mtime_ns, stat.st_ino)


@dataclass(frozen=True)
class _Signed:
    """Everything that the clinic has signed; never changed, so it may be shared."""

    protocol: Protocol
    texts: Catalogue
    instruments: Mapping[str, Instrument]
    policies: Mapping[Level, EscalationPolicy]
    patterns: Screener


def _state_of(data: Path) -> tuple[tuple[str, int, int], ...]:
    """Which files there are, and when each was last written."""
    found = ((path, path.stat()) for path in sorted(data.rglob("*.yml")))
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)


@lru_cache(maxsize=2)
def _read_signed(data: Path, protocol_file: str, _state: tuple[object, ...]) -> _Signed:
    """Read and check all files; again only when one of them has changed, for it takes seconds."""
    protocol = load_protocol(data / "protocol" / protocol_file)
    texts = load_catalogue(data)
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
    patterns = Screener(load_crisis(data / "crisis"))
    return _Signed(protocol, texts, instruments, policies, patterns)


def load_screener(data: Path, models: Path) -> Screener:
    """What screens every text: the signed patterns, and the classifier if there is one.

    Without a classifier that can be read the patterns go on; readiness and the doctor say so.
    """
    return _with_classifier(Screener(load_crisis(data / "crisis")), models)


def _with_classifier(patterns: Screener, models: Path) -> Screener:
    card = model_files.newest(models)
    if card is None:
        log.warning("no crisis classifier", models=models.name)
        return patterns
    try:
        model = _model(card, card.stat().st_mtime_ns)
    except ConfigError as error:
        log.error("crisis classifier unusable", card=card.name, error=type(error).__name__)
        return patterns
    return Screener.sharing_patterns(patterns, model=model)


@lru_cache(maxsize=2)
def _model(card: Path, _changed: int) -> CrisisModel:
    """Read a classifier; again only when it has changed."""
    return model_files.load(card)


@cache
def current_app() -> App:
    """The app of this process, built from the environment when first asked for."""
    return build(load_settings())


def configure_logging(level: str) -> None:
    """JSON lines with ids and no words, on standard error."""
    logging.basicConfig(level=level, format="%(message)s")
    for name in QUIET:
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
