"""Connections between the processes: nobody closes one just as the other side hands over a text."""

import socket
import time

import httpx
from litestar import Litestar, get

from bot import servers

ASKS = b"GET /here HTTP/1.1\r\nhost: tend\r\n\r\n"


@get("/here")
async def here() -> str:
    return "here"


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
