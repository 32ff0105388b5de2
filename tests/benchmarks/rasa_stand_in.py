"""Computes as long as Rasa does for each turn, on one processor, as Rasa does.

Run as ``python -m tests.benchmarks.rasa_stand_in PORT``. Thirty milliseconds is what Rasa 3.6 took
for a short conversation with sentence vectors; with it, figures do not wait for a trained model.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

_TURN = 0.030


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    one_at_a_time = Lock()

    def do_POST(self) -> None:
        with self.one_at_a_time:
            until = time.thread_time() + _TURN
            while time.thread_time() < until:
                pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]")

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
