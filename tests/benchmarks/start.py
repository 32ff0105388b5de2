"""How soon after its start the gateway answers."""

import time
from collections.abc import Iterator

from tests.benchmarks.figures import Figure, load_average, spread
from tests.benchmarks.processes import bench
from tests.benchmarks.seeding import open_clinic

TARGET_S = 5.0
_LONGEST = 60.0


def run(*, quick: bool) -> Iterator[Figure]:
    """Each time a new process; Rasa is not waited for."""
    load, times = load_average(), []
    for _ in range(2 if quick else 5):
        with bench() as running:
            open_clinic(running.folder).close()
            began = time.monotonic()
            running.clinic(dialogue="down", wait=False)
            while not running.answers("/health/live"):
                if time.monotonic() - began > _LONGEST:
                    raise RuntimeError("the gateway never answered: " + running.last_error())
                time.sleep(0.02)
            times.append(time.monotonic() - began)
    yield from spread("start.gateway_answers", times, load=load, unit="s", max=TARGET_S)
