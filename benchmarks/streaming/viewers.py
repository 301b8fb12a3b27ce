"""A client of the plain WebSocket, as programs without Socket.IO are: it follows runs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.core.site import Site
from flowloom_contracts.base import JsonObject

SUBPROTOCOL: Final = Subprotocol("flowloom.v1")
BEGINNING: Final = "0"


class Viewer:
    """One socket of the owner."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._calls = 0
        self._early: list[JsonObject] = []

    async def subscribe(self, run_id: str, *, after: str = BEGINNING) -> JsonObject:
        """Follow a run from behind a cursor; return the answer, in whose `events` the first ones are."""
        self._calls += 1
        body = {"id": self._calls, "call": "subscribe", "stream": f"run:{run_id}", "after": after}
        await self.socket.send(json.dumps(body))
        while True:
            message = json.loads(await self.socket.recv())
            if message.get("id") == self._calls:
                if not message["ok"]:
                    raise RuntimeError(f"{message}")
                return dict(message)
            self._early += _events(message)

    async def batches(self) -> AsyncIterator[list[JsonObject]]:
        """Yield events as they come, those of one message together."""
        if self._early:
            early, self._early = self._early, []
            yield early
        async for text in self.socket:
            if events := _events(json.loads(text)):
                yield events


def _events(message: JsonObject) -> list[JsonObject]:
    data = message.get("data")
    if message.get("event") != "event":
        return []
    return [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict)]


@asynccontextmanager
async def viewer(site: Site, **options: object) -> AsyncIterator[Viewer]:
    """Open a socket with the owner's key; `options` are those of `websockets`."""
    url = f"{site.platform.base_url.replace('http', 'ws', 1)}/v1/ws"
    assert site.platform.owner is not None
    hello = {"auth": {"token": site.platform.owner.api_key}}
    settings = {"compression": None, "max_size": None, "ping_interval": None, "proxy": None, **options}
    async with connect(url, subprotocols=[SUBPROTOCOL], **settings) as socket:  # type: ignore[arg-type]  # options by name
        await socket.send(json.dumps(hello))
        ready = json.loads(await socket.recv())
        if ready.get("event") != "ready":
            raise RuntimeError(f"{ready}")
        yield Viewer(socket)
