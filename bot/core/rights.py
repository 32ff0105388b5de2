"""Who may see and do what in the console."""

from enum import StrEnum

from bot.core.rota import StaffRole


class Right(StrEnum):
    """One thing that a page or a button of the console needs."""

    OWN_LOGINS = "own_logins"
    SEE_ALERTS = "see_alerts"
    TAKE_ALERTS = "take_alerts"
    SEE_PATIENTS = "see_patients"
    SEE_SCORES = "see_scores"
    WRITE_TEXTS = "write_texts"
    INSIST_ON_TEXTS = "insist_on_texts"
    CHANGE_ENROLMENTS = "change_enrolments"
    SEE_INBOX = "see_inbox"
    SEE_ROTA = "see_rota"
    CHANGE_ROTA = "change_rota"
    MANAGE_STAFF = "manage_staff"
    SEE_AUDIT = "see_audit"
    SEE_HEALTH = "see_health"
    TEACH = "teach"
    TEACH_CRISIS = "teach_crisis"
    TRAIN_MODELS = "train_models"


_EVERYBODY = {Right.OWN_LOGINS, Right.SEE_ROTA, Right.SEE_HEALTH}
_SUPPORT = {
    *(Right.SEE_ALERTS, Right.SEE_PATIENTS, Right.WRITE_TEXTS, Right.SEE_INBOX),
    *(Right.TEACH, Right.TRAIN_MODELS),
}
_RUNS_THE_CLINIC = {Right.CHANGE_ROTA, Right.MANAGE_STAFF, Right.SEE_AUDIT}

# An administrator keeps the doors and sees no patient; support sees her words and no scores.
RIGHTS: dict[StaffRole, frozenset[Right]] = {
    StaffRole.CLINICIAN: frozenset(
        _EVERYBODY
        | _SUPPORT
        | {Right.TAKE_ALERTS, Right.SEE_SCORES, Right.CHANGE_ENROLMENTS, Right.CHANGE_ROTA}
        | {Right.TEACH_CRISIS, Right.INSIST_ON_TEXTS}
    ),
    StaffRole.SUPPORT: frozenset(_EVERYBODY | _SUPPORT),
    StaffRole.ADMIN: frozenset(_EVERYBODY | _RUNS_THE_CLINIC),
}


def rights_of(role: StaffRole, *, leads: bool, support_sees_scores: bool) -> frozenset[Right]:
    """Everything that this person may see and do.

    :param leads: the lead clinician of a small practice also runs it.
    :param support_sees_scores: the clinic's protocol lets support see clinical scores.
    """
    found = set(RIGHTS[role])
    if role is StaffRole.CLINICIAN and leads:
        found |= _RUNS_THE_CLINIC
    if role is StaffRole.SUPPORT and support_sees_scores:
        found.add(Right.SEE_SCORES)
    return frozenset(found)
