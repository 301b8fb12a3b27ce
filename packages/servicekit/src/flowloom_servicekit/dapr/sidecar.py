"""The pooled HTTP connection to the sidecar."""

from collections.abc import Mapping
from typing import Final, Self

import httpx

from flowloom_servicekit.errors import UpstreamError, UpstreamTimeoutError
from flowloom_servicekit.settings import ServiceSettings

CONNECT_SECONDS: Final = 2.0
LIMITS: Final = httpx.Limits(max_connections=256, max_keepalive_connections=64, keepalive_expiry=60)


class SidecarUnavailableError(UpstreamError):
    """The sidecar, or the application behind it, cannot be reached."""

    title = "A part of the platform cannot be reached"


class Sidecar:
    """One per process; every adapter of this package shares it."""

    def __init__(
        self, settings: ServiceSettings, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._base_url = f"http://127.0.0.1:{settings.dapr_http_port}"
        self._headers = {"dapr-api-token": settings.dapr_api_token.get_secret_value()}
        # The transport alone: cookies, redirects, proxies and authentication of a client serve nobody here,
        # and cost as much as the exchange.
        self._transport = transport or httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)

    async def send(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request; without an answer raise `SidecarUnavailableError` or `UpstreamTimeoutError`."""
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_SECONDS, timeout_s))
        try:
            response = await self._transport.handle_async_request(
                httpx.Request(
                    method,
                    self._base_url + path,
                    content=content,
                    headers={**self._headers, **(headers or {})},
                    params=params,
                    extensions={"timeout": timeout.as_dict()},
                )
            )
            try:
                await response.aread()
            finally:
                await response.aclose()
            return response
        except httpx.ReadTimeout as error:
            raise UpstreamTimeoutError(f"no answer within {timeout_s:g} s") from error
        except httpx.TransportError as error:
            raise SidecarUnavailableError("the sidecar cannot be reached") from error

    async def close(self) -> None:
        """Close the pool."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
