"""Asks the carrier how our account is set up, where the carrier is a real one."""

from collections.abc import Iterator

from bot.content.texts import load_catalogue
from bot.core.languages import Language
from bot.doctor.files import protocol_of
from bot.doctor.findings import Finding, State, Surroundings
from bot.services import practice
from bot.settings import ProviderName
from bot.sms import twilio_checks
from bot.sms.twilio import TwilioCredentials
from bot.sms.twilio_setup import TwilioFinding, TwilioSetup


def check(around: Surroundings) -> Iterator[Finding]:
    """Everything that can be asked of the carrier."""
    if around.settings.sms_provider == ProviderName.SANDBOX:
        sentence = "The sandbox: no text leaves this machine."
        yield Finding("carrier", State.OK, sentence)
        return
    yield _ours(twilio_checks.clock_finding(around.http, now=around.now))
    for finding in twilio_checks.check(_setup(around), http=around.http):
        yield _ours(finding)


def _ours(finding: TwilioFinding) -> Finding:
    return Finding(finding.name, State(finding.state), finding.sentence)


def _setup(around: Surroundings) -> TwilioSetup:
    settings = around.settings
    protocol = protocol_of(settings)
    texts = load_catalogue(settings.data_dir)
    token = settings.twilio_auth_token.get_secret_value()
    return TwilioSetup(
        account_sid=settings.twilio_account_sid,
        credentials=TwilioCredentials(
            user=settings.twilio_api_key or settings.twilio_account_sid,
            secret=settings.twilio_api_secret.get_secret_value() or token,
        ),
        auth_token=token,
        messaging_service_sid=settings.twilio_messaging_service or None,
        from_number=settings.twilio_from_number or None,
        public_url=settings.public_url,
        fallback_words=("988", "911", protocol.practice.shown_phone),
        help_texts={
            language.value: practice.help_answer(texts, protocol, language) for language in Language
        },
    )
