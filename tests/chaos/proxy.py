"""A TCP proxy that does to bytes what networks do: delay, loss, half-open ends, resets, slowness, damage."""

import asyncio
import random
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self, cast

Direction = Literal["up", "down"]
BOTH: tuple[Direction, ...] = ("up", "down")
KEPT_BYTES = 1 << 20
"""What a direction holds back before its sender is made to wait, as a full window would."""


@dataclass(frozen=True)
class Weather:
    """What happens to the bytes; `directions` are those that suffer, `up` leads to the server.

    `cut` holds everything back until the weather changes, as a dropped packet that is sent again; `swallow`
    loses it for good while both ends believe that they are connected (half-open); `refuse` closes every new
    connection; `corrupt` is the chance that a piece has one wrong bit.
    """

    delay_s: float = 0
    jitter_s: float = 0
    bytes_per_s: float | None = None
    corrupt: float = 0
    cut: bool = False
    swallow: bool = False
    refuse: bool = False
    directions: tuple[Direction, ...] = BOTH


FAIR = Weather()


class ChaosProxy:
    """Listens where clients look for a server and passes on to where the server is.

    `only` tells by a client's port which connections the weather strikes; all of them without it.
    """

    def __init__(
        self,
        listen: tuple[str, int],
        server: tuple[str, int],
        *,
        seed: int = 7,
        link: "type[Link] | None" = None,
    ) -> None:
        self.listen = listen
        self.server = server
        self.weather = FAIR
        self.only: Callable[[int], bool] = lambda _port: True
        self.accepted_at: list[float] = []
        self.links: set[Link] = set()
        self.chance = random.Random(seed)
        self.link: type[Link] = link or Link
        self._server: asyncio.Server | None = None

    async def start(self) -> Self:
        """Listen; port 0 takes a free one, which `listen` then names."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self.link(self).down, *self.listen, backlog=512)
        self.listen = self._server.sockets[0].getsockname()[:2]
        return self

    async def stop(self) -> None:
        """Stop listening and reset every connection."""
        if self._server is not None:
            self._server.close()
        self.reset()
        await asyncio.sleep(0)

    def change(self, weather: Weather, *, only: Callable[[int], bool] | None = None) -> None:
        """Change the weather at once for what is connected and what comes; fair weather strikes nobody."""
        self.weather = weather
        self.only = only or (lambda _port: True)
        for link in list(self.links):
            link.judge()

    def reset(self) -> int:
        """Break every connection as a crashed host would; returns how many there were."""
        links = list(self.links)
        for link in links:
            link.reset()
        return len(links)


class Link:
    """One connection: a client's end and a server's end, and the bytes between them."""

    def __init__(self, proxy: ChaosProxy) -> None:
        self.proxy = proxy
        self.weather = FAIR
        self.up, self.down = End(self, "down"), End(self, "up")
        self.up.other, self.down.other = self.down, self.up

    def judge(self) -> None:
        """Find out whether the weather strikes this connection."""
        port = self.down.peer_port
        self.weather = self.proxy.weather if port and self.proxy.only(port) else FAIR
        for end in (self.up, self.down):
            end.flush()

    def opened(self) -> None:
        """A client has connected: connect to the server, or refuse."""
        self.proxy.links.add(self)
        loop = asyncio.get_running_loop()
        self.proxy.accepted_at.append(loop.time())
        self.judge()
        if self.weather.refuse:
            self.reset()
            return
        self._connecting = loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.up, *self.proxy.server)
        except OSError:
            self.reset()

    def reset(self) -> None:
        """Break both ends."""
        self.proxy.links.discard(self)
        for end in (self.up, self.down):
            end.abort()

    def take(self, direction: Direction, data: bytes) -> bytes:
        """Return what goes on; links of a protocol may know better."""
        return data


class End(asyncio.Protocol):
    """One end: what it receives travels in its direction and leaves at the other end."""

    other: "End"

    def __init__(self, link: Link, direction: Direction) -> None:
        self.link = link
        self.direction: Direction = direction
        self.peer_port = 0
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._held = 0
        self._ended = self._gone = self._told_end = False
        self._free_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.peer_port = int(transport.get_extra_info("peername")[1])
        if self is self.link.down:
            self.link.opened()
        else:
            self.other.flush()

    def data_received(self, data: bytes) -> None:
        data = self.link.take(self.direction, data)
        if data:
            self._waiting.append((self._due(len(data)), data))
            self._held += len(data)
            self.flush()

    def eof_received(self) -> bool:
        self._ended = True
        self.flush()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        # Behind a cut nobody sees this end go; `flush` tells the other one when the weather is fair.
        self._transport = None
        self._ended = self._gone = True
        self.flush()

    def flush(self) -> None:
        """Pass on what is due; what is not is looked at again in time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        out = self.other._transport
        loop = asyncio.get_running_loop()
        while self._waiting and out is not None and not self._is_stuck():
            due, data = self._waiting[0]
            if due > loop.time():
                self._timer = loop.call_at(due, self.flush)
                break
            self._waiting.popleft()
            self._held -= len(data)
            if not (self._is_struck() and self.link.weather.swallow):
                out.write(self._damaged(data))
        if self._ended and not self._waiting and not self._is_stuck():
            self._pass_on_the_end(out)
        self._throttle()

    def _pass_on_the_end(self, out: asyncio.Transport | None) -> None:
        if self._gone:
            self.other.close_soon()
        elif out is not None and not self._told_end:
            self._told_end = True
            try:
                out.write_eof()
            except OSError:
                # It has gone as well, and the loop will say so.
                self._gone = True
        if self._told_end and self.other._told_end:
            self.close_soon()
            self.other.close_soon()

    def close_soon(self) -> None:
        """Close after what is written has left; the other end is gone."""
        self.link.proxy.links.discard(self.link)
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Break with a reset instead of an orderly end."""
        transport, self._transport = self._transport, None
        if transport is not None:
            handle = transport.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()

    def _is_struck(self) -> bool:
        return self.direction in self.link.weather.directions

    def _is_stuck(self) -> bool:
        return self._is_struck() and self.link.weather.cut

    def _due(self, size: int) -> float:
        """Return when a piece may leave; never before the one in front of it."""
        weather, now = self.link.weather, asyncio.get_running_loop().time()
        if not self._is_struck():
            return max(now, self._free_at) if self._waiting else now
        due = now + weather.delay_s + weather.jitter_s * self.link.proxy.chance.random()
        if weather.bytes_per_s:
            due = max(due, self._free_at) + size / weather.bytes_per_s
        self._free_at = max(due, self._free_at)
        return self._free_at

    def _damaged(self, data: bytes) -> bytes:
        chance = self.link.proxy.chance
        if not self._is_struck() or chance.random() >= self.link.weather.corrupt:
            return data
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(damaged)

    def _throttle(self) -> None:
        if self._transport is None:
            return
        if self._held > KEPT_BYTES:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
