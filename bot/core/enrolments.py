"""The consented period of texting: how it starts, rests and ends."""

from enum import StrEnum

from bot.core.transitions import checker


class EnrolmentStatus(StrEnum):
    """Where a mother's enrolment stands."""

    INVITED = "invited"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


TRANSITIONS: dict[EnrolmentStatus, set[EnrolmentStatus]] = {
    EnrolmentStatus.INVITED: {EnrolmentStatus.ACTIVE, EnrolmentStatus.ENDED},
    EnrolmentStatus.ACTIVE: {EnrolmentStatus.PAUSED, EnrolmentStatus.ENDED},
    EnrolmentStatus.PAUSED: {EnrolmentStatus.ACTIVE, EnrolmentStatus.ENDED},
    # START after STOP: she may come back.
    EnrolmentStatus.ENDED: {EnrolmentStatus.ACTIVE},
}

# Refuse a step that an enrolment cannot take.
check_transition = checker(TRANSITIONS)


class ConsentKind(StrEnum):
    """What a consent record says. Records are added, never changed."""

    INVITED = "invited"
    STARTED = "started"
    CHANNEL_RISK = "channel_risk"
    DECLINED = "declined"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    FORGET_ASKED = "forget_asked"
    QUESTIONS_BY_TEXT = "questions_by_text"
    QUESTIONS_BY_LINK = "questions_by_link"
    QUESTIONS_BY_PHONE = "questions_by_phone"


class QuestionRoute(StrEnum):
    """How she wants private questions asked (clinic rules, "The first texts", 2)."""

    LINK = "link"
    PHONE = "phone"
    TEXT = "text"


class ConversationMode(StrEnum):
    """Who answers her: the bot, or people only. Screening goes on in both."""

    BOT = "bot"
    HUMAN = "human"


class QuestionKind(StrEnum):
    """The one question that is open in a conversation, if any."""

    ITEM = "item"
    OFFER_PHQ9 = "offer_phq9"
    CONSENT = "consent"
    PRIVACY = "privacy"
    WHEN = "when"
    SAFETY = "safety"
    SAFE_TO_TEXT = "safe_to_text"
