"""Where calls go: the shared connections and the rule that keeps tests on this machine."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final, Self

import orjson

from flowloom_contracts.base import JsonObject
from flowloom_contracts.models import ProviderKind
from flowloom_modelkit.errors import ProviderForbiddenError
from flowloom_modelkit.settings import ModelSettings
from flowloom_servicekit.outbound.client import Exchange, OutboundClient
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from flowloom_servicekit.outbound.targets import Origin, origin, target

CONNECT_TIMEOUT_S = 5.0
# A step has its own time limit, which stops the call; this one is for callers that have none.
LONGEST_CALL_S = 3_600.0
MAX_BODY_BYTES = 8_000_000
PATHS: Final[Mapping[ProviderKind, str]] = {"openai_compatible": "chat/completions", "anthropic": "messages"}
ANTHROPIC_VERSION: Final = "2023-06-01"


class ModelClient:
    """The connections that all calls of a process share; close it when the process ends.

    The key goes nowhere but to the endpoint. Where the operator has chosen it, its origin is allowed wherever
    it leads; where somebody else has, `allow` has the operator's origins, and the address is judged.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        allow: Iterable[Origin] | None = None,
        kind: ProviderKind = "openai_compatible",
    ) -> None:
        self._target = target(f"{settings.model_base_url.rstrip('/')}/{PATHS[kind]}")
        key = None if settings.model_api_key is None else settings.model_api_key.get_secret_value()
        self._headers = {
            "accept": "text/event-stream",
            "content-type": "application/json",
            **_credential(kind, key),
        }
        self._limits = Limits(
            connect_s=CONNECT_TIMEOUT_S,
            first_byte_s=settings.model_read_timeout_s,
            idle_s=settings.model_read_timeout_s,
            total_s=LONGEST_CALL_S,
            body_bytes=MAX_BODY_BYTES,
        )
        self._client = OutboundClient(allow=[self._target.origin] if allow is None else allow)

    def ask(self, body: JsonObject) -> Exchange:
        """Return the context of a call; what is entered is the answer, its body unread."""
        request = OutboundRequest(
            "POST",
            self._target,
            headers=self._headers,
            body=orjson.dumps(body),
            limits=self._limits,
            # A completion that nobody has read a byte of may be asked for again.
            is_repeatable=True,
        )
        return self._client.stream(request)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _credential(kind: ProviderKind, key: str | None) -> dict[str, str]:
    if kind == "anthropic":
        return {"anthropic-version": ANTHROPIC_VERSION, **({} if key is None else {"x-api-key": key})}
    return {} if key is None else {"authorization": f"Bearer {key}"}


def model_client(
    settings: ModelSettings,
    *,
    allow: Iterable[Origin] | None = None,
    kind: ProviderKind = "openai_compatible",
) -> ModelClient:
    """Return the client of a process; without `allow` the operator has chosen the endpoint.

    Raises `ProviderForbiddenError` when provider calls are switched off and the endpoint is elsewhere, and
    `AddressRefusedError` when the endpoint's address cannot be one.
    """
    if settings.forbid_provider_calls and not is_loopback(origin(settings.model_base_url).host):
        raise ProviderForbiddenError(
            f"FLOWLOOM_FORBID_PROVIDER_CALLS is set and {settings.model_base_url!r} is not on this machine"
        )
    return ModelClient(settings, allow=allow, kind=kind)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; a name other than `localhost` is not, whatever it resolves to."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
