"""A real server, and a client that shakes hands and then reads nothing."""

import asyncio
import base64
import os
import socket

import pytest
import uvicorn
from starlette.websockets import WebSocket

from flowloom_servicekit.serve import OPTIONS
from flowloom_servicekit.socket_protocol import LettingGoProtocol
from flowloom_servicekit.testing.waiting import wait_until

SAID = "x" * 100_000
GIVES_UP_S = 0.2


class _Talker:
    """Talks until nobody takes it, and then goes, as the gateway does."""

    def __init__(self) -> None:
        self.has_gone = False

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # as ASGI has it
        talker = WebSocket(scope, receive, send)
        await talker.accept()
        try:
            while True:
                async with asyncio.timeout(GIVES_UP_S):
                    await talker.send_text(SAID)
        except TimeoutError:
            self.has_gone = True


def _silent_client(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    client.sendall(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return client


async def test_a_client_that_reads_nothing_loses_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LettingGoProtocol, "last_words_seconds", 0.5)
    talker = _Talker()
    server = uvicorn.Server(uvicorn.Config(talker, port=0, lifespan="off", log_config=None, **OPTIONS))
    serving = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with await asyncio.to_thread(_silent_client, port):
        await wait_until(lambda: talker.has_gone)
        assert len(server.server_state.connections) == 1, "its buffers are full, and nobody empties them"
        await wait_until(lambda: not server.server_state.connections)
    server.should_exit = True
    await serving
