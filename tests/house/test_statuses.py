"""Every status says where it can go, and every status that a table keeps has such a table."""

from enum import StrEnum

import pytest

from bot.core import (
    administrations,
    alerts,
    appointments,
    enrolments,
    messages,
    releases,
    taught,
    training_jobs,
)
from bot.errors import InvalidTransition

LIVES = {
    alerts.AlertStatus: alerts,
    enrolments.EnrolmentStatus: enrolments,
    administrations.AdministrationStatus: administrations,
    appointments.AppointmentStatus: appointments,
    messages.OutboundStatus: messages,
    taught.TaughtStatus: taught,
    training_jobs.JobStatus: training_jobs,
    releases.ReleaseStatus: releases,
}
# A support worker's task is open or closed; there is nothing between.
WITHOUT_TABLE = {alerts.SupportStatus}


def test_every_kind_of_status_in_the_core_is_tested_here():
    found = {
        value
        for module in set(LIVES.values())
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, StrEnum)
        and value.__name__.endswith("Status")
        and value.__module__ == module.__name__
    }
    # What a carrier reports is its word, not a life of ours.
    assert found - WITHOUT_TABLE - {messages.ReceiptStatus} == set(LIVES)


@pytest.mark.parametrize("status", LIVES, ids=lambda status: status.__name__)
def test_every_status_says_where_it_can_go(status):
    assert LIVES[status].TRANSITIONS.keys() == set(status)


@pytest.mark.parametrize("status", LIVES, ids=lambda status: status.__name__)
def test_every_step_of_the_table_is_allowed_and_no_other(status):
    module = LIVES[status]
    for before in status:
        for after in status:
            if after in module.TRANSITIONS[before]:
                module.check_transition(before, after)
            else:
                with pytest.raises(InvalidTransition):
                    module.check_transition(before, after)


@pytest.mark.parametrize("status", LIVES, ids=lambda status: status.__name__)
def test_every_status_can_be_reached(status):
    reached = {after for afters in LIVES[status].TRANSITIONS.values() for after in afters}
    assert set(status) - reached <= {next(iter(status))}


def test_only_a_resolved_alert_is_at_its_end():
    ends = [status for status, after in alerts.TRANSITIONS.items() if not after]
    assert ends == [alerts.AlertStatus.RESOLVED]
