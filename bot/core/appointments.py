"""A treatment session in the diary."""

from enum import StrEnum

from bot.core.transitions import checker


class AppointmentStatus(StrEnum):
    """Where an appointment stands."""

    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    MOVE_REQUESTED = "move_requested"
    CANCELLED = "cancelled"
    DONE = "done"


TRANSITIONS: dict[AppointmentStatus, set[AppointmentStatus]] = {
    AppointmentStatus.SCHEDULED: {
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.MOVE_REQUESTED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.DONE,
    },
    AppointmentStatus.CONFIRMED: {
        AppointmentStatus.SCHEDULED,
        AppointmentStatus.MOVE_REQUESTED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.DONE,
    },
    # Back to SCHEDULED when a person has moved it or said that it stays.
    AppointmentStatus.MOVE_REQUESTED: {
        AppointmentStatus.SCHEDULED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.DONE,
    },
    AppointmentStatus.CANCELLED: set(),
    AppointmentStatus.DONE: set(),
}

# Refuse a step that an appointment cannot take.
check_transition = checker(TRANSITIONS)
