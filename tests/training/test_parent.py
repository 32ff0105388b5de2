"""The training job ends when the worker that started it is gone, however it went."""

import os
import select
import subprocess
import sys

import pytest

from bot.training.job import ASK
from tests.conftest import ROOT


@pytest.mark.timeout(180)
def test_the_job_ends_by_itself_when_its_worker_was_killed(tmp_path):
    # What it is asked comes through a pipe that nobody writes to: the job is at work for ever.
    os.mkfifo(tmp_path / ASK)
    worker = (
        "import subprocess, sys\n"
        "job = subprocess.Popen([sys.executable, '-m', 'bot.training.job', sys.argv[1]],\n"
        "    stdin=subprocess.PIPE, start_new_session=True)\n"
        "print(job.pid, flush=True)\n"
        "job.wait()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", worker, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    job = int(parent.stdout.readline())
    # From here on the job reads what it is asked, and waits.
    with open(tmp_path / ASK, "w"):
        parent.kill()
        parent.wait()
        if alive(job):
            wait_for_end(os.pidfd_open(job))
    assert not alive(job)


def wait_for_end(descriptor: int) -> None:
    ready, _, _ = select.select([descriptor], [], [], 120)
    os.close(descriptor)
    assert ready, "the job lives on"


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
