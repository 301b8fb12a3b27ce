"""Connections that wait for the next request to the same origin, each bound to one judged address."""

import asyncio
import ipaddress
import select
import ssl
from collections.abc import Callable
from typing import Final, Protocol

from flowloom_servicekit.outbound.connection import Connection
from flowloom_servicekit.outbound.errors import OutboundTimeoutError, UpstreamUnreachableError
from flowloom_servicekit.outbound.gate import Gate
from flowloom_servicekit.outbound.request import Limits
from flowloom_servicekit.outbound.targets import IpAddress, Origin
from flowloom_servicekit.outbound.tls import verifying_context

# A name may move to another machine; a connection that is always in use would never notice.
MAX_AGE_S: Final = 300.0
READ: Final = select.POLLIN | select.POLLHUP | select.POLLERR


class Dialler(Protocol):
    """Makes connections."""

    async def dial(self, connection: Connection, origin: Origin, address: IpAddress) -> None:
        """Connect to exactly this address, with TLS for the origin's name; raises `OSError`."""


class SystemDialler:
    """Connections of the operating system."""

    def __init__(self, tls: Callable[[], ssl.SSLContext] = verifying_context) -> None:
        self._tls = tls

    async def dial(self, connection: Connection, origin: Origin, address: IpAddress) -> None:
        """Connect by number, so that nothing is resolved a second time, and look where it has led."""
        is_secure = origin.scheme == "https"
        transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: connection,
            str(address),
            origin.port,
            ssl=self._tls() if is_secure else None,
            server_hostname=origin.host if is_secure else None,
        )
        reached = transport.get_extra_info("peername")
        if reached is None or ipaddress.ip_address(reached[0]) != address:
            connection.close()
            raise ConnectionAbortedError(f"the connection did not lead to {address}")


class Pool:
    """Opens, keeps and closes connections; belongs to one event loop."""

    def __init__(self, gate: Gate, dialler: Dialler, *, max_connections: int, keep_alive_s: float) -> None:
        self._gate = gate
        self._dialler = dialler
        self._keep_alive_s = keep_alive_s
        self._slots = asyncio.Semaphore(max_connections)
        self._idle: dict[Origin, list[Connection]] = {}
        self._busy: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def acquire(self, origin: Origin, limits: Limits, *, ends_at: float) -> Connection:
        """Return a kept connection or a new one; waits for its turn when all are busy."""
        if self._is_closed:
            raise UpstreamUnreachableError("this client is closed")
        if self._slots.locked():
            await self._wait_for_slot(origin, limits)
        else:
            await self._slots.acquire()
        try:
            connection = self._kept(origin) or await self._open(origin, limits, ends_at)
        except BaseException:
            self._slots.release()
            raise
        self._busy.add(connection)
        return connection

    def release(self, connection: Connection, origin: Origin) -> None:
        """Take a connection back: keep it when its answer was read to the end, else close it at once."""
        self._busy.discard(connection)
        self._slots.release()
        connection.rest()
        if not connection.is_reusable or self._is_closed:
            connection.close()
            return
        self._idle.setdefault(origin, []).append(connection)
        if self._sweeper is None:
            self._sweep_later()

    def close(self) -> None:
        """Close every connection, busy ones too."""
        self._is_closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in [*self._busy, *(kept for stack in self._idle.values() for kept in stack)]:
            connection.close()
        self._idle.clear()

    async def _wait_for_slot(self, origin: Origin, limits: Limits) -> None:
        try:
            async with asyncio.timeout(limits.first_byte_s):
                await self._slots.acquire()
        except TimeoutError as error:
            raise OutboundTimeoutError(
                f"{origin}: no free connection for {limits.first_byte_s:g} s"
            ) from error

    def _kept(self, origin: Origin) -> Connection | None:
        stack = self._idle.get(origin)
        if not stack:
            return None
        now = asyncio.get_running_loop().time()
        while stack:
            connection = stack.pop()
            is_fresh = connection.idle_since > now - self._keep_alive_s
            is_young = connection.opened_at > now - MAX_AGE_S
            if is_fresh and is_young and connection.is_reusable and not _has_news(connection):
                return connection
            connection.close()
        return None

    async def _open(self, origin: Origin, limits: Limits, ends_at: float) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(loop.time() + limits.connect_s, ends_at)) as patience:
                addresses = await self._gate.addresses(origin)
                return await self._connect(origin, addresses, patience)
        except TimeoutError as error:
            raise OutboundTimeoutError(f"{origin}: no connection within {limits.connect_s:g} s") from error

    async def _connect(
        self, origin: Origin, addresses: list[IpAddress], patience: asyncio.Timeout
    ) -> Connection:
        """Try address after address, each with an equal share of the time that is left."""
        loop = asyncio.get_running_loop()
        failure: OSError | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = ((patience.when() or loop.time()) - loop.time()) / left
            try:
                async with asyncio.timeout(share if left > 1 else None):
                    return await self._connect_to(origin, address)
            except (OSError, ssl.CertificateError) as error:  # TimeoutError is an OSError
                failure = error
        reason = _words(failure)
        raise UpstreamUnreachableError(f"{origin}: {reason}") from failure

    async def _connect_to(self, origin: Origin, address: IpAddress) -> Connection:
        connection = Connection(asyncio.get_running_loop(), str(origin))
        await self._dialler.dial(connection, origin, address)
        return connection

    def _sweep_later(self) -> None:
        self._sweeper = asyncio.get_running_loop().call_later(self._keep_alive_s, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        oldest = asyncio.get_running_loop().time() - self._keep_alive_s
        for origin, stack in list(self._idle.items()):
            for connection in stack:
                if connection.idle_since <= oldest:
                    connection.close()
            kept = [connection for connection in stack if connection.idle_since > oldest]
            if kept:
                self._idle[origin] = kept
            else:
                del self._idle[origin]
        if self._idle:
            self._sweep_later()


def _has_news(connection: Connection) -> bool:
    """Whether a waiting connection has something to read, which can only be its end or an intrusion.

    The event loop would tell too, but only after its present round: too late for the request in hand.
    """
    transport = connection.transport
    if transport is None or transport.is_closing():
        return True
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), READ)
    return bool(poll.poll(0))


def _words(failure: OSError | None) -> str:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {failure.verify_message}"
    if isinstance(failure, ssl.SSLError):
        return f"no secure connection: {failure.reason}"
    if isinstance(failure, TimeoutError):
        return "no connection in time"
    return f"no connection: {failure.strerror or failure}" if failure else "no connection"
