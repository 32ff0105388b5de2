"""Posts a plan of webhooks at their times, whatever the answers do: an open loop.

Run as ``python -m tests.benchmarks.load_process PLAN URL OUT RETRIES``. Each line of the plan is a
request and its time in seconds from the start; each line of OUT says when it was due, when the
answer was there and what it was. Time counts from when it was *due*: a slow answer that keeps
later requests waiting makes them late too (no coordinated omission).
"""

import http.client
import json
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# More than can ever be on their way at the promised speed.
_SENDERS = 64
_LEAD = 0.5
_RETRY_AFTER = 0.25
# The gateway closes what has been idle for 5 s; a request on such a connection gets no answer, and
# would count as the gateway's fault.
_IDLE = 2.0


def _post(connection: http.client.HTTPConnection, request: dict[str, Any]) -> int:
    """The status; 0 when there was no answer."""
    try:
        connection.request("POST", request["path"], request["body"].encode(), request["headers"])
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0


def run(plan: list[dict[str, Any]], address: str, out: Path, *, retries: int) -> None:
    """Send every request of the plan and write down what became of it."""
    waiting: deque[tuple[float, dict[str, Any]]] = deque()
    ready = threading.Semaphore(0)
    results: list[dict[str, Any]] = []

    def send() -> None:
        connection = http.client.HTTPConnection(address, timeout=30)
        used = time.time()
        while True:
            ready.acquire()
            due, request = waiting.popleft()
            if not request:
                return
            began, tries = time.time(), 1
            if began - used > _IDLE:
                connection.close()
            status = _post(connection, request)
            while status != request["expect"] and tries <= retries:
                time.sleep(_RETRY_AFTER)
                status, tries = _post(connection, request), tries + 1
            used = time.time()
            results.append(
                {
                    "id": request["id"],
                    "kind": request["kind"],
                    "due": due,
                    "began": began,
                    "done": time.time(),
                    "status": status,
                    "tries": tries,
                }
            )

    threads = [threading.Thread(target=send, daemon=True) for _ in range(_SENDERS)]
    for thread in threads:
        thread.start()
    start = time.time() + _LEAD
    for request in plan:
        due = start + request["offset"]
        time.sleep(max(0.0, due - time.time()))
        waiting.append((due, request))
        ready.release()
    for _ in threads:
        waiting.append((0.0, {}))
        ready.release()
    for thread in threads:
        thread.join()
    out.write_text("\n".join(json.dumps(result) for result in results), encoding="utf-8")


if __name__ == "__main__":
    _, _plan, _url, _out, _retries = sys.argv
    _lines = Path(_plan).read_text(encoding="utf-8").splitlines()
    run(
        [json.loads(line) for line in _lines],
        urlsplit(_url).netloc,
        Path(_out),
        retries=int(_retries),
    )
