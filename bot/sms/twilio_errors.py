"""What Twilio's error codes mean to a clinic, as a table: nothing else may read a code.

Sources: https://www.twilio.com/docs/api/errors/<code>. Twilio's own sentences are never kept: they
quote her number ("The 'To' number +1… is not valid") and would end up in logs.
"""

from dataclasses import dataclass

from bot.errors import (
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
    Throttled,
)


@dataclass(frozen=True)
class Meaning:
    """What a code means.

    :param error: the class carries ``retryable``.
    :param ours: the clinic must mend something at Twilio or in its settings; logged as an error.
    """

    error: type[DeliveryError]
    sentence: str
    ours: bool = False

    @property
    def retryable(self) -> bool:
        return self.error.retryable


def _account(sentence: str) -> Meaning:
    # Retryable although no retry will work: what is wrong is ours, it is wrong for every text at
    # once, and it is mended in minutes. Marking a night's texts as failed for good would lose them.
    return Meaning(ProviderUnavailable, sentence, ours=True)


def _registration(sentence: str) -> Meaning:
    # Final: registrations take days, and a text that waits for one is worth nothing by then.
    return Meaning(MessageRefused, sentence, ours=True)


MEANINGS: dict[str, Meaning] = {
    # The person's own wish.
    "21610": Meaning(OptedOut, "She has opted out at the carrier; phone her if it matters."),
    # Her number: phone her instead.
    "21211": Meaning(NumberUnreachable, "This is not a phone number; check it with her."),
    "21265": Meaning(NumberUnreachable, "This is a short code, not a person's phone."),
    "21266": Meaning(NumberUnreachable, "This is our own number."),
    "21408": Meaning(NumberUnreachable, "Texts to this country are not switched on.", ours=True),
    "21604": Meaning(NumberUnreachable, "There is no number to send to."),
    "21608": Meaning(NumberUnreachable, "The trial account texts verified phones only.", ours=True),
    "21612": Meaning(NumberUnreachable, "The carrier has no way from our number to hers."),
    "21614": Meaning(NumberUnreachable, "This number cannot receive texts."),
    "21635": Meaning(NumberUnreachable, "This is a landline."),
    "30003": Meaning(NumberUnreachable, "Her phone is off, out of reach, or cannot get texts."),
    "30004": Meaning(NumberUnreachable, "Texts to this phone are blocked."),
    "30005": Meaning(NumberUnreachable, "This number is unknown or no longer in use."),
    "30006": Meaning(NumberUnreachable, "This is a landline, or a network without texts."),
    # This text.
    "21602": Meaning(MessageRefused, "The text is empty."),
    "21617": Meaning(MessageRefused, "The text is longer than 1,600 characters."),
    "21619": Meaning(MessageRefused, "The text is empty."),
    "21658": Meaning(MessageRefused, "A part of the text is too long."),
    "30007": Meaning(MessageRefused, "The network filtered this text as unwanted."),
    "30019": Meaning(MessageRefused, "The network found this text too large."),
    "30036": Meaning(MessageRefused, "The text waited longer than it was worth sending."),
    # Our registration with the networks.
    "30024": _registration("Our number is not yet known to her network."),
    "30032": _registration("Our toll-free number is not verified."),
    "30034": _registration("Our number is not registered for texts to the US (A2P 10DLC)."),
    # Our account and settings.
    "10001": _account("The Twilio account is not active."),
    "20003": _account("Twilio refuses our credentials; check API key and account."),
    "20404": _account("Twilio does not know this account; check the account SID."),
    "21212": _account("The sending number in the settings is not valid."),
    "21603": _account("No sending number is set."),
    "21606": _account("The sending number in the settings cannot send texts."),
    "21609": _account("Twilio refuses our public URL as the address for receipts."),
    "21659": _account("The sending number in the settings is not at Twilio."),
    "21660": _account("The sending number belongs to another account."),
    "21661": _account("The sending number in the settings cannot send texts."),
    "21701": _account("The Messaging Service in the settings does not exist."),
    "21703": _account("The Messaging Service has no number to send from."),
    "21705": _account("The Messaging Service in the settings is not valid."),
    "30002": _account("The Twilio account is suspended."),
    # Too fast.
    "14107": Meaning(Throttled, "Too many texts to one number in half a minute."),
    "20429": Meaning(Throttled, "Too many requests at once."),
    "21611": Meaning(Throttled, "The queue of our number is full."),
    "30001": Meaning(Throttled, "The queue of our number overflowed."),
    "30022": Meaning(Throttled, "Faster than our registration allows."),
    "30023": Meaning(Throttled, "The day's number of texts for this network is used up."),
    "30027": Meaning(Throttled, "The day's number of texts for this network is used up."),
    "63017": Meaning(Throttled, "Too many texts a second."),
    "63038": Meaning(Throttled, "The account's number of texts for 24 hours is used up."),
    # Their trouble.
    "20500": Meaning(ProviderUnavailable, "Twilio failed; try again."),
    "20503": Meaning(ProviderUnavailable, "Twilio is down; try again."),
    "21730": Meaning(ProviderUnavailable, "Twilio is under maintenance; try again."),
    "30008": Meaning(ProviderUnavailable, "The network failed without saying why."),
    "30017": Meaning(ProviderUnavailable, "The network is congested."),
    "30410": Meaning(ProviderUnavailable, "The network did not answer in time."),
}

# By HTTP status, for answers without a code that the table knows.
BY_STATUS: dict[int, Meaning] = {
    401: MEANINGS["20003"],
    403: _account("Twilio does not let our credentials send texts."),
    404: MEANINGS["20404"],
    408: MEANINGS["30410"],
    429: MEANINGS["20429"],
}
SERVER_FAILED = MEANINGS["20500"]
# Final, so that the ladder moves on: an unknown refusal must not keep a crisis reply waiting.
UNKNOWN = Meaning(MessageRefused, "The carrier refused this text; look its code up.")


def meaning_of(code: str | None, *, http_status: int | None = None) -> Meaning:
    """What a code, or where there is none an HTTP status, means."""
    if code in MEANINGS:
        return MEANINGS[code]
    if http_status is None:
        return UNKNOWN
    if http_status >= 500:
        return SERVER_FAILED
    return BY_STATUS.get(http_status, UNKNOWN)


def delivery_error(code: str | None, *, http_status: int | None = None) -> DeliveryError:
    """The error to raise or to put into a receipt: our sentence, Twilio's code, no number."""
    meaning = meaning_of(code, http_status=http_status)
    return meaning.error(meaning.sentence, code=code)
