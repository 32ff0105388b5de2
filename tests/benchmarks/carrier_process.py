"""A carrier in a process of its own: notes when each text was handed to it, and reports delivery.

Run as ``python -m tests.benchmarks.carrier_process PORT GATEWAY_URL OUT SECRET [SECONDS]``; each
text is a JSON line in OUT: time, id of the row, number. SECONDS is how long it takes a text.
"""

import http.client
import itertools
import json
import queue
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.sms.sandbox import SIGNATURE, sign

_RECEIPTS = "/sms/receipts"
# The gateway closes what has been idle for 5 s.
_IDLE = 2.0


class Reporter:
    """Posts receipts to the gateway, as a real carrier does: on its own, and once."""

    def __init__(self, gateway_url: str, secret: str) -> None:
        self._address = urlsplit(gateway_url).netloc
        self._secret = secret
        self.waiting: queue.Queue[tuple[str, str]] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        connection, used = http.client.HTTPConnection(self._address, timeout=10), time.time()
        while True:
            text_id, status = self.waiting.get()
            body = json.dumps({"id": text_id, "status": status, "error": None}).encode()
            header = sign(self._secret, path=_RECEIPTS, body=body, now=datetime.now(UTC))
            if time.time() - used > _IDLE:
                connection.close()
            used = time.time()
            try:
                connection.request("POST", _RECEIPTS, body, {SIGNATURE: header})
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                # The gateway is down, as when it was killed: this receipt is lost.
                connection.close()
                time.sleep(0.05)


def serve(port: int, reporter: Reporter, out: Path, *, takes: float) -> None:
    """Take texts until killed."""
    ids = itertools.count(1)
    prefix = f"{time.time_ns():x}"
    lines = out.open("a", encoding="utf-8", buffering=1)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            at = time.time()
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                lines.write(
                    json.dumps({"at": at, "row": given["reference"], "to": given["to"]}) + "\n"
                )
            if takes:
                time.sleep(takes)
            text_id = f"out-{prefix}-{next(ids)}"
            answer = json.dumps({"id": text_id}).encode()
            # In one piece: two writes would wait for the other side's delayed acknowledgement.
            head = (
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                f"content-length: {len(answer)}\r\n\r\n"
            )
            self.wfile.write(head.encode() + answer)
            reporter.waiting.put((text_id, "sent"))
            reporter.waiting.put((text_id, "delivered"))

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    _, _port, _gateway, _out, _secret, *_rest = sys.argv
    serve(
        int(_port),
        Reporter(_gateway, _secret),
        Path(_out),
        takes=float(_rest[0]) if _rest else 0.0,
    )
