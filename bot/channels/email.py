"""Pages by e-mail, over SMTP: that something waits, and a link that opens the login."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid

from bot.core.messages import OutboundText
from bot.errors import (
    ConfigError,
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    ProviderUnavailable,
    Throttled,
)

TIMEOUT_S = 8.0
# Mail servers say 4yz for "later", 5yz for "never"; these are about the mailbox itself.
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_BUSY = frozenset({421, 450, 451, 452})

type Connect = Callable[["SmtpSettings"], smtplib.SMTP]


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """Where our mail server is, and how to speak with it.

    :param starttls: encrypt after the greeting (port 587); with ``tls`` from the first byte (465).
    """

    host: str
    port: int
    sender: str
    login: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = True


def connect(settings: SmtpSettings) -> smtplib.SMTP:
    """A connection to the mail server, encrypted and logged in as far as the settings say."""
    context = ssl.create_default_context()
    if settings.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_S)
        if settings.starttls:
            server.starttls(context=context)
    if settings.login:
        server.login(settings.login, settings.password)
    return server


class EmailChannel:
    """Hands a page to the clinic's own mail server. The server's later word is not waited for.

    :param subject: of every page; the same words, whatever it is about.
    :param connected: opens a connection; replaced in tests.
    :raises ConfigError: no sender's address.
    """

    name = "email"

    def __init__(
        self, settings: SmtpSettings, *, subject: str, connected: Connect = connect
    ) -> None:
        if "@" not in settings.sender:
            raise ConfigError("E-mail: set TEND_SMTP_SENDER, the address that pages come from.")
        self._settings = settings
        self._subject = subject
        self._connected = connected

    def send(self, outbound: OutboundText) -> str:
        """Hand one page over and return its Message-ID.

        :raises DeliveryError: the server is away, or does not take it.
        """
        mail = self._mail(outbound)
        try:
            with self._connected(self._settings) as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, _words = next(iter(error.recipients.values()), (0, b""))
            raise _meant(code) from None
        except smtplib.SMTPResponseException as error:
            # "from None": the server's sentence may quote the address.
            raise _meant(error.smtp_code) from None
        except (smtplib.SMTPException, OSError, socket.gaierror) as error:
            raise ProviderUnavailable(f"Mail server: {type(error).__name__}") from None
        return str(mail["Message-ID"])

    def _mail(self, outbound: OutboundText) -> EmailMessage:
        address = outbound.to_number
        if "@" not in address or any(character in address for character in "\r\n,;"):
            raise NumberUnreachable("This is no e-mail address.")
        mail = EmailMessage()
        mail["Subject"] = self._subject
        mail["From"], mail["To"] = self._settings.sender, address
        mail["Message-ID"] = make_msgid(outbound.reference, self._settings.sender.split("@")[1])
        # No holiday notes back to us, and first in the mailbox.
        mail["Auto-Submitted"] = "auto-generated"
        mail["Importance"] = "high"
        mail.set_content(outbound.body)
        return mail


def _meant(code: int) -> DeliveryError:
    kind: type[DeliveryError] = MessageRefused
    if code in _NO_SUCH_MAILBOX:
        kind = NumberUnreachable
    elif code in _BUSY:
        kind = Throttled if code == 452 else ProviderUnavailable
    elif 400 <= code < 500 or code in (0, 530, 535):
        # Also a wrong password: our side, and a person may mend it while the page waits.
        kind = ProviderUnavailable
    return kind(code=str(code))
