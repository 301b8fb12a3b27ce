"""Calls of other systems' addresses, through the client that judges every address."""

from collections.abc import Iterable, Mapping
from typing import Final

from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from flowloom_servicekit.outbound.targets import Origin

LIMITS: Final = Limits(connect_s=5, first_byte_s=10, idle_s=5, total_s=15, body_bytes=64_000)


class OutboundHooks:
    """HookSender; redirects are not followed, an answer's body is not kept."""

    def __init__(self, allow: Iterable[Origin]) -> None:
        self._client = OutboundClient(allow=allow, max_connections=16)

    def check(self, url: str) -> None:
        """Raise AddressRefusedError for an address that will never be called."""
        self._client.check(url)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send one call and return the status of the answer."""
        request = OutboundRequest("POST", url, headers=dict(headers), body=body, limits=LIMITS)
        async with self._client.stream(request) as answer:
            return answer.status

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
