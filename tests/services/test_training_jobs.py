"""One training job at a time; whoever dies, it ends, and says how."""

from datetime import timedelta

import pytest

from bot.core.training_jobs import JobStatus, Stage
from bot.errors import NotAllowed
from bot.services import training_jobs as jobs

SECOND = timedelta(seconds=1)


@pytest.fixture
def job_id(world):
    return jobs.ask(world.clinic, by="staff:sam", now=world.now)


@pytest.fixture
def running(world, job_id):
    assert jobs.claim(world.clinic, worker="w1", now=world.now) == job_id
    return job_id


def seen(world, job_id):
    return jobs.look_at(world.clinic, job_id, now=world.now)


def test_a_second_job_is_refused_until_the_first_has_ended(world, running):
    with pytest.raises(NotAllowed, match="being trained already"):
        jobs.ask(world.clinic, by="staff:sam", now=world.now)
    jobs.finish(world.clinic, running, JobStatus.DONE, model="tend-a", now=world.now)
    assert jobs.ask(world.clinic, by="staff:sam", now=world.now) != running


def test_two_workers_never_take_the_same_job(world, running):
    assert jobs.claim(world.clinic, worker="w2", now=world.now) is None


def test_a_job_whose_worker_was_killed_has_failed_and_another_may_start(world, running):
    world.clock.time += jobs.LEASE + SECOND
    assert jobs.end_lost(world.clinic, now=world.now) == 1
    assert seen(world, running).status is JobStatus.FAILED
    assert "Nothing has changed" in seen(world, running).problem
    assert jobs.ask(world.clinic, by="staff:sam", now=world.now)


def test_a_job_that_is_worked_on_is_not_lost(world, running):
    for _ in range(5):
        world.clock.time += jobs.LEASE - SECOND
        assert jobs.renew(world.clinic, running, worker="w1", now=world.now)
    assert jobs.end_lost(world.clinic, now=world.now) == 0


def test_a_worker_that_comes_back_too_late_is_told_to_stop(world, running):
    world.clock.time += jobs.LEASE + SECOND
    jobs.end_lost(world.clinic, now=world.now)
    assert not jobs.renew(world.clinic, running, worker="w1", now=world.now)
    jobs.finish(world.clinic, running, JobStatus.DONE, model="tend-a", now=world.now)
    assert seen(world, running).status is JobStatus.FAILED
    assert seen(world, running).model is None


def test_a_waiting_job_is_cancelled_at_once(world, job_id):
    jobs.cancel(world.clinic, job_id, by="staff:sam", now=world.now)
    assert seen(world, job_id).status is JobStatus.CANCELLED
    assert jobs.claim(world.clinic, worker="w1", now=world.now) is None


def test_a_running_job_is_told_to_stop_and_is_then_cancelled(world, running):
    jobs.cancel(world.clinic, running, by="staff:sam", now=world.now)
    assert seen(world, running).cancelling
    assert not jobs.renew(world.clinic, running, worker="w1", now=world.now)
    jobs.finish(world.clinic, running, JobStatus.FAILED, problem="killed", now=world.now)
    assert seen(world, running).status is JobStatus.CANCELLED
    assert seen(world, running).problem is None


def test_what_has_ended_cannot_be_cancelled(world, running):
    jobs.finish(world.clinic, running, JobStatus.DONE, model="tend-a", now=world.now)
    with pytest.raises(NotAllowed):
        jobs.cancel(world.clinic, running, by="staff:sam", now=world.now)


def test_time_left_follows_what_the_last_job_took(world, running):
    for stage in Stage:
        jobs.note(world.clinic, running, stage=stage, line=f"at {stage}", now=world.now)
        world.clock.time += 10 * SECOND
    jobs.finish(world.clinic, running, JobStatus.DONE, model="tend-a", now=world.now)
    following = jobs.ask(world.clinic, by="staff:sam", now=world.now)
    jobs.claim(world.clinic, worker="w1", now=world.now)
    jobs.note(world.clinic, following, stage=Stage.CHECKING, line="", now=world.now)
    # The page lists both: the newest that came to its end tells how long each stage takes.
    shown = jobs.list_seen(world.clinic, most=5, now=world.now)[0]
    assert shown.progress.left == timedelta(seconds=60)
    assert shown.progress.percent == 0
