"""Where calls go: the shared connection pool and the rule that keeps tests on this machine."""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

import httpx
import orjson

from flowloom_contracts.base import JsonObject
from flowloom_modelkit.errors import ProviderForbiddenError
from flowloom_modelkit.settings import ModelSettings

MAX_CONNECTIONS = 128
CONNECT_TIMEOUT_S = 5.0
# Many servers close an idle connection after five seconds.
KEEP_ALIVE_S = 3.0
LIMITS = httpx.Limits(
    max_connections=MAX_CONNECTIONS,
    max_keepalive_connections=MAX_CONNECTIONS,
    keepalive_expiry=KEEP_ALIVE_S,
)


Trace = Callable[[str, Mapping[str, object]], Awaitable[None]]
"""Told what the transport does for a request: httpcore's `trace` extension."""


class ModelClient:
    """The connections that all calls of a process share; close it when the process ends.

    It uses httpx's transport without its client: cookies, redirects, authentication and the environment's
    proxies (which would see prompts and keys) have no place here, and cost as much as a short exchange.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._url = httpx.URL(f"{settings.model_base_url.rstrip('/')}/chat/completions")
        self._headers = {"accept": "text/event-stream", "content-type": "application/json"}
        if settings.model_api_key is not None:
            self._headers["authorization"] = f"Bearer {settings.model_api_key.get_secret_value()}"
        timeout = httpx.Timeout(settings.model_read_timeout_s, connect=CONNECT_TIMEOUT_S)
        self._timeout = timeout.as_dict()
        self._transport = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)

    async def ask(self, body: JsonObject, trace: Trace) -> httpx.Response:
        """Send a request and return the response with its body unread; the caller closes it."""
        request = httpx.Request(
            "POST",
            self._url,
            content=orjson.dumps(body),
            headers=self._headers,
            extensions={"timeout": self._timeout, "trace": trace},
        )
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def model_client(settings: ModelSettings) -> ModelClient:
    """Return the client of a process.

    Raises `ProviderForbiddenError` when provider calls are switched off and the endpoint is elsewhere.
    """
    if settings.forbid_provider_calls and not is_loopback(httpx.URL(settings.model_base_url).host):
        raise ProviderForbiddenError(
            f"FLOWLOOM_FORBID_PROVIDER_CALLS is set and {settings.model_base_url!r} is not on this machine"
        )
    return ModelClient(settings)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; a name other than `localhost` is not, whatever it resolves to."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
