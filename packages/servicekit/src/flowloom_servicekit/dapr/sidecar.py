"""The pooled HTTP connection to the sidecar."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, Self
from urllib.parse import urlencode

from flowloom_servicekit.errors import UpstreamError, UpstreamTimeoutError
from flowloom_servicekit.outbound.errors import OutboundTimeoutError, UpstreamUnreachableError
from flowloom_servicekit.outbound.gate import Gate, SystemResolver
from flowloom_servicekit.outbound.pool import Pool, SystemDialler
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from flowloom_servicekit.outbound.targets import Origin, Target, origin
from flowloom_servicekit.outbound.wire import message
from flowloom_servicekit.settings import ServiceSettings

CONNECT_SECONDS: Final = 2.0
MAX_CONNECTIONS: Final = 256
KEEP_ALIVE_SECONDS: Final = 60.0
MAX_ANSWER_BYTES: Final = 32_000_000


class SidecarUnavailableError(UpstreamError):
    """The sidecar, or the application behind it, cannot be reached."""

    title = "A part of the platform cannot be reached"


@dataclass(frozen=True, slots=True)
class SidecarAnswer:
    """A whole answer; names of headers are in lower case."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


class SidecarWire(Protocol):
    """Carries one request to the sidecar."""

    async def exchange(self, request: OutboundRequest, target: Target) -> SidecarAnswer:
        """Return the answer; raises `UpstreamUnreachableError` and `OutboundTimeoutError`."""

    def close(self) -> None:
        """Close every connection."""


class PooledWire:
    """See `SidecarWire`.

    It uses the connections of the outbound client without its judgement and its counters: this is the
    process's own sidecar, and nothing leaves the platform.
    """

    def __init__(self, sidecar: Origin) -> None:
        self._pool = Pool(
            Gate([sidecar], SystemResolver()),
            SystemDialler(),
            max_connections=MAX_CONNECTIONS,
            keep_alive_s=KEEP_ALIVE_SECONDS,
        )

    async def exchange(self, request: OutboundRequest, target: Target) -> SidecarAnswer:
        """See `SidecarWire.exchange`."""
        data = message(request, target, compressed=False)
        ends_at = asyncio.get_running_loop().time() + request.limits.total_s
        try:
            connection = await self._pool.acquire(target.origin, request.limits, ends_at=ends_at)
        except OutboundTimeoutError as error:
            raise UpstreamUnreachableError(str(error)) from error
        try:
            connection.send(data, request.limits, ends_at=ends_at, has_body=request.method != "HEAD")
            status, raw = await connection.head()
            pieces, size = [], 0
            while piece := await connection.read():
                size += len(piece)
                if size > request.limits.body_bytes:
                    raise UpstreamUnreachableError("the sidecar's answer is too large")
                pieces.append(piece)
        finally:
            self._pool.release(connection, target.origin)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        return SidecarAnswer(status, headers, b"".join(pieces))

    def close(self) -> None:
        """See `SidecarWire.close`."""
        self._pool.close()


class Sidecar:
    """One per process; every adapter of this package shares it."""

    def __init__(self, settings: ServiceSettings, *, wire: SidecarWire | None = None) -> None:
        self._origin = origin(f"http://127.0.0.1:{settings.dapr_http_port}")
        self._headers = {"dapr-api-token": settings.dapr_api_token.get_secret_value()}
        self._wire = wire or PooledWire(self._origin)

    async def send(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> SidecarAnswer:
        """Send one request; without an answer raise `SidecarUnavailableError` or `UpstreamTimeoutError`."""
        limits = Limits(
            connect_s=min(CONNECT_SECONDS, timeout_s),
            first_byte_s=timeout_s,
            idle_s=timeout_s,
            total_s=timeout_s,
            body_bytes=MAX_ANSWER_BYTES,
        )
        target = Target(self._origin, f"{path}?{urlencode(params)}" if params else path)
        request = OutboundRequest(
            method, target, headers={**self._headers, **(headers or {})}, body=content, limits=limits
        )
        try:
            return await self._wire.exchange(request, target)
        except OutboundTimeoutError as error:
            raise UpstreamTimeoutError(f"no answer within {timeout_s:g} s") from error
        except UpstreamUnreachableError as error:
            raise SidecarUnavailableError("the sidecar cannot be reached") from error

    async def close(self) -> None:
        """Close the pool."""
        self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
