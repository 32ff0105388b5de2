"""Connections between the processes: nobody closes one just as the other side hands over a text."""

import socket
import time
from contextlib import suppress

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.connection import Request

from bot import servers

ASKS = b"GET /here HTTP/1.1\r\nhost: tend\r\n\r\n"


@get("/here")
async def here() -> str:
    return "here"


@post("/words")
async def words(request: Request) -> str:
    return str(len(await request.body()))


def test_a_client_forgets_an_idle_connection_long_before_the_server_closes_it() -> None:
    forgets_after = httpx.Limits().keepalive_expiry

    assert forgets_after is not None
    assert 4 * forgets_after < servers.KEEP_ALIVE


def test_a_connection_that_was_idle_for_six_seconds_still_takes_a_text() -> None:
    server = servers.Server(Litestar([here]), host="127.0.0.1", port=0, name="server").start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(ASKS)
            first = connection.recv(4096)
            time.sleep(6)  # uvicorn's own limit is five
            connection.sendall(ASKS)
            second = connection.recv(4096)
    finally:
        server.stop()

    assert b"200 OK" in first
    assert b"200 OK" in second


HALF_A_HEADER = b"POST /words HTTP/1.1\r\nhost: tend\r\ncontent-le"
HALF_A_BODY = b"POST /words HTTP/1.1\r\nhost: tend\r\ncontent-length: 10\r\n\r\nhello"
WHOLE = b"POST /words HTTP/1.1\r\nhost: tend\r\ncontent-length: 5\r\n\r\nhello"


@pytest.mark.parametrize("sent", [b"", HALF_A_HEADER, HALF_A_BODY, WHOLE + HALF_A_HEADER])
def test_a_request_that_does_not_arrive_is_ended(monkeypatch, sent: bytes) -> None:
    monkeypatch.setattr(servers, "ASKS_WITHIN", 0.6)
    server = servers.Server(Litestar([words]), host="127.0.0.1", port=0, name="server").start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(sent)
            begun = time.monotonic()
            with suppress(ConnectionResetError):
                while connection.recv(4096):
                    pass
            took = time.monotonic() - begun
    finally:
        server.stop()

    assert 0.3 < took < 5


def test_a_connection_that_rests_after_its_answer_is_left_alone(monkeypatch) -> None:
    monkeypatch.setattr(servers, "ASKS_WITHIN", 0.3)
    server = servers.Server(Litestar([words]), host="127.0.0.1", port=0, name="server").start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            for _ in range(2):
                connection.sendall(WHOLE)
                assert b"201 Created" in connection.recv(4096)
                time.sleep(0.8)
    finally:
        server.stop()
