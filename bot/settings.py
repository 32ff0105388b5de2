"""Every setting there is, in one table. Wrong ones stop the start, and say how to mend it."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot import wrong_settings
from bot.errors import ConfigError

PROJECT = Path(__file__).resolve().parent.parent
_PREFIX, _FILE = "TEND_", ".env"
# Read by the files of deploy/ and by the tests, and no settings of the program.
_OTHERS = frozenset(
    {
        "TEND_ACTIONS_ADDRESS",
        "TEND_GATEWAY_UPSTREAM",
        "TEND_HOST_KEY_FILE",
        "TEND_PUBLIC_HOST",
        "TEND_TAKE_PICTURES",
        "TEND_VERSION",
    }
)
_DATABASES = ("sqlite", "postgresql+psycopg")


class ProviderName(StrEnum):
    """The SMS providers that Tend can speak with."""

    SANDBOX = "sandbox"
    TWILIO = "twilio"


class Settings(BaseSettings):
    """Settings, read from the environment (``TEND_…``) or a file ``.env``; fixed afterwards."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=_FILE, extra="ignore", frozen=True
    )

    production: bool = Field(
        False, description="Refuse texts, protocols and files that no clinic has approved."
    )
    database_url: str = Field(
        f"sqlite:///{PROJECT / 'var' / 'tend.db'}",
        description="Where everything is kept: SQLite, or postgresql+psycopg://user:pass@host/db.",
    )
    key_file: Path = Field(
        PROJECT / "var" / "keys.json",
        description="The keys that seal names, numbers and texts. Back it up apart from the data.",
    )
    data_dir: Path = Field(PROJECT / "data", description="What clinic people edit.")
    protocol_file: str = Field(
        "demo.yml", description="The clinic's own numbers, a file in data/protocol."
    )
    models_dir: Path = Field(PROJECT / "models", description="Trained dialogue models.")

    sms_provider: ProviderName = Field(
        ProviderName.SANDBOX, description="Who carries the texts: sandbox or twilio."
    )
    public_url: str = Field(
        "http://127.0.0.1:8070",
        description="The address under which the carrier reaches the gateway, as in its console. "
        "Left out: this machine, with the gateway's port.",
    )
    twilio_account_sid: str = Field("", description="Twilio account SID (AC…).")
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="Primary auth token; signs webhooks."
    )
    twilio_secondary_token: SecretStr = Field(
        SecretStr(""), description="Secondary auth token, while tokens are being rotated."
    )
    twilio_api_key: str = Field("", description="API key SID (SK…) for sending, if you use one.")
    twilio_api_secret: SecretStr = Field(SecretStr(""), description="Secret of that API key.")
    twilio_messaging_service: str = Field("", description="Messaging Service SID (MG…).")
    twilio_from_number: str = Field("", description="Number to send from, without a service.")
    twilio_voice_number: str = Field(
        "", description="Number that pages by phone come from; unless set, the one for texts."
    )
    smtp_host: str = Field("", description="Mail server for pages by e-mail; none if empty.")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        587, description="Its port; with 465 the connection is encrypted from the first byte."
    )
    smtp_starttls: bool = Field(True, description="Encrypt after the greeting, on other ports.")
    smtp_login: str = Field("", description="Login at the mail server; none if empty.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    smtp_sender: str = Field("", description="The address that pages by e-mail come from.")
    carrier_answers_keywords: bool = Field(
        True, description="The carrier itself answers STOP, START and HELP, as Twilio does."
    )

    gateway_host: str = Field("127.0.0.1", description="Address on which the gateway listens.")
    gateway_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8070, description="Port of the gateway."
    )
    gateway_processes: Annotated[int, Field(ge=1, le=16)] = Field(
        2, description="Gateways of `tend up`: each computes on one core."
    )
    actions_host: str = Field("127.0.0.1", description="Address of the action server.")
    actions_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        5055, description="Port of the action server."
    )
    sandbox_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8080, description="Port of the page with the sandbox phones."
    )
    console_host: str = Field("127.0.0.1", description="Address on which the console listens.")
    console_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8090, description="Port of the console."
    )
    console_url: str = Field(
        "http://127.0.0.1:8090",
        description="The address under which staff open the console; https but on the loopback. "
        "Left out: this machine, with the console's port.",
    )
    console_address_header: str = Field(
        "",
        description="The header in which your own proxy says where a visitor is, such as "
        "X-Forwarded-For; wrong logins are counted by it. Only where nobody reaches the console "
        "past that proxy. Empty: the address of the connection.",
    )
    rasa_url: str = Field("http://127.0.0.1:5005", description="Where Rasa listens.")
    rasa_replicas: str = Field(
        "",
        description="Addresses of every Rasa behind TEND_RASA_URL, with spaces between; one only: "
        "empty. A model is made live on one after the other.",
    )
    rasa_token: SecretStr = Field(
        SecretStr("tend-local-rasa"), description="Shared token of Rasa's HTTP API and channel."
    )
    action_token: SecretStr = Field(
        SecretStr("tend-local-actions"), description="Shared token of the action server."
    )
    sandbox_secret: SecretStr = Field(
        SecretStr("tend-local-sandbox"), description="Signs what the sandbox phones send."
    )
    rasa_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        10.0, description="How long the dialogue may take before she gets a holding reply."
    )
    canary: bool = Field(
        True, description="Test the whole alarm once a day with a patient who does not exist."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token for /health/metrics; without one only this machine may read.",
    )
    heartbeat_url: str = Field(
        "", description="An outside watchdog that is called while the worker is alive."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR; never words."
    )

    @property
    def every_rasa(self) -> tuple[str, ...]:
        """The address of each Rasa that runs."""
        return tuple(self.rasa_replicas.split()) or (self.rasa_url,)

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        # The value itself is not repeated: it may hold a password.
        try:
            driver = make_url(url).drivername
        except (ArgumentError, ValueError):
            driver = ""
        if driver not in _DATABASES:
            raise ValueError(
                "this is no address of a database that Tend can use: write "
                "sqlite:////path/to/tend.db or postgresql+psycopg://user:pass@host/db"
            )
        return url

    @model_validator(mode="before")
    @classmethod
    def _addresses_follow_their_ports(cls, given: dict[str, object]) -> dict[str, object]:
        # A second Tend on one machine needs its ports named, and nothing twice.
        follows = {"public_url": "gateway_port", "console_url": "console_port"}
        local = {
            address: f"http://127.0.0.1:{given[port]}"
            for address, port in follows.items()
            if port in given
        }
        return local | given

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        wrong: list[str] = []
        if self.sms_provider == ProviderName.TWILIO:
            wrong += self._wrong_for_twilio()
        if self.production:
            wrong += self._wrong_in_production()
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    def _wrong_for_twilio(self) -> Iterator[str]:
        if not self.twilio_account_sid or not self.twilio_auth_token.get_secret_value():
            yield "Twilio needs TEND_TWILIO_ACCOUNT_SID and TEND_TWILIO_AUTH_TOKEN"
        if not (self.twilio_messaging_service or self.twilio_from_number):
            yield "Twilio needs TEND_TWILIO_MESSAGING_SERVICE or TEND_TWILIO_FROM_NUMBER"
        if not self.public_url.startswith("https://"):
            yield "with Twilio, TEND_PUBLIC_URL must begin with https://"

    def _wrong_in_production(self) -> Iterator[str]:
        if self.sms_provider == ProviderName.SANDBOX:
            yield "in production the sandbox cannot carry texts: set TEND_SMS_PROVIDER"
        for name in ("rasa_token", "action_token"):
            if getattr(self, name).get_secret_value().startswith("tend-local-"):
                yield f"in production TEND_{name.upper()} must be a secret of your own"


def load_settings(**given: object) -> Settings:
    """The settings of this process.

    :param given: values that win over the environment, as tests and the sandbox set them.
    :raises ConfigError: a sentence for each that is wrong: where it stands, what is wrong with it,
        and how to mend it; also for one that there is not, for a misspelt setting would be passed
        over in silence.
    """
    places = wrong_settings.Places(Path(_FILE), [f"{_PREFIX}{name}" for name in given])
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    unknown = [n for n in places if n.startswith(_PREFIX) and n not in known | _OTHERS]
    wrong = [*wrong_settings.unknown(unknown, known, places)]
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        wrong += _misfits(error, given, places)
    if wrong:
        raise ConfigError(*wrong)
    return settings


def _misfits(
    error: ValidationError, given: dict[str, object], places: wrong_settings.Places
) -> Iterator[str]:
    """What is wrong with single settings, and then, as if those were mended, with all together."""
    fields = Settings.model_fields
    yield from wrong_settings.misfits(error.errors(), fields, places, prefix=_PREFIX)
    mended = {str(name): fields[str(name)].default for e in error.errors() for name in e["loc"][:1]}
    if not mended:
        return
    try:
        Settings(**given | mended)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as together:
        more = wrong_settings.misfits(together.errors(), fields, places, prefix=_PREFIX)
        wrong = [f"{_PREFIX}{name.upper()}" for name in mended]
        yield from (sentence for sentence in more if not any(name in sentence for name in wrong))
