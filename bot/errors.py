"""Everything that can go wrong, in one tree.

TendError
├── ConfigError              the process must not start; names file, line and cure
├── NotFound                 404
├── NotAllowed               403, with the reason that the person is shown
│   ├── TextQuestioned       409: a text to her breaks rules; says whether somebody may insist
│   └── PhoneMayBeRead       409: a text to a phone that another may read is asked for once more
├── InvalidTransition        409
├── InvalidAnswer            the item is asked again
├── WebhookRefused           403: the request does not prove that it comes from the carrier
├── WebhookGarbled           400: the request cannot be read
├── DialogueUnavailable      Rasa gave no usable answer; a holding reply goes out
├── TransactionMisused       a programming error: nested, or open across the network
└── DeliveryError            ``retryable`` decides what the outbox does next
    ├── ProviderUnavailable  retryable
    ├── Throttled            retryable
    ├── NumberUnreachable    final
    ├── MessageRefused       final: the carrier will not carry this text
    ├── ChannelMissing       final: this clinic cannot page in that way
    └── OptedOut             final, and recorded as an opt-out
"""


class TendError(Exception):
    """Something went wrong that Tend has a name for."""


class ConfigError(TendError):
    """A setting or a file under ``data/`` is wrong; the sentence says where and how to mend it.

    :param sentences: one for each thing that is wrong, so that all are said at once.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class NotFound(TendError):
    """There is no such row."""


class NotAllowed(TendError):
    """This person may not do this."""


class TextQuestioned(NotAllowed):
    """A text to her breaks the rules for texts.

    :param insist: with this in the form the same words are sent all the same; empty when this
        person may not.
    """

    def __init__(self, message: str, *, insist: str = "") -> None:
        super().__init__(message)
        self.insist = insist


class PhoneMayBeRead(NotAllowed):
    """Somebody else may read her phone, so a text of a person's own words is not sent at once.

    :param confirm: with this in the form the same words are sent all the same; empty when this
        person may not.
    """

    def __init__(self, message: str, *, confirm: str = "") -> None:
        super().__init__(message)
        self.confirm = confirm


class InvalidTransition(TendError):
    """A thing cannot go from this status to that one."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"cannot go from {before} to {after}")


class InvalidAnswer(TendError):
    """Her text is no answer to the item; ask again with the choices."""


class WebhookRefused(TendError):
    """The request is unsigned, forged or stale."""


class WebhookGarbled(TendError):
    """The request cannot be read."""


class DialogueUnavailable(TendError):
    """The dialogue engine gave no usable answer."""


class TransactionMisused(TendError):
    """A transaction was nested, or held open during a network call."""


class DeliveryError(TendError):
    """A text or page could not be handed to the carrier.

    :param code: the carrier's own error code, for the record.
    """

    retryable = False

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__ or "")
        self.code = code


class ProviderUnavailable(DeliveryError):
    """The carrier cannot be reached or is failing; try again later."""

    retryable = True


class Throttled(DeliveryError):
    """The carrier asks us to slow down."""

    retryable = True


class NumberUnreachable(DeliveryError):
    """This number cannot receive texts: phone her instead."""


class MessageRefused(DeliveryError):
    """The carrier will not carry this text."""


class ChannelMissing(DeliveryError):
    """This clinic has no such way to page; another one must do."""


class OptedOut(DeliveryError):
    """She has opted out at the carrier; record it, and phone if it matters."""
