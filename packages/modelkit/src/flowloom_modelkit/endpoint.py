"""Where calls go: the shared connection pool and the rule that keeps tests on this machine."""

import ipaddress

import httpx

from flowloom_modelkit.errors import ProviderForbiddenError
from flowloom_modelkit.settings import ModelSettings

MAX_CONNECTIONS = 128
CONNECT_TIMEOUT_S = 5.0
# Many servers close an idle connection after five seconds.
KEEP_ALIVE_S = 3.0


def model_client(settings: ModelSettings) -> httpx.AsyncClient:
    """Return the pool that all calls of a process share; close it when the process ends.

    Raises `ProviderForbiddenError` when provider calls are switched off and the endpoint is elsewhere.
    """
    if settings.forbid_provider_calls and not is_loopback(httpx.URL(settings.model_base_url).host):
        raise ProviderForbiddenError(
            f"FLOWLOOM_FORBID_PROVIDER_CALLS is set and {settings.model_base_url!r} is not on this machine"
        )
    headers = {"accept": "text/event-stream"}
    if settings.model_api_key is not None:
        headers["authorization"] = f"Bearer {settings.model_api_key.get_secret_value()}"
    return httpx.AsyncClient(
        base_url=settings.model_base_url,
        headers=headers,
        timeout=httpx.Timeout(settings.model_read_timeout_s, connect=CONNECT_TIMEOUT_S),
        limits=httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_S,
        ),
        # The environment's proxies would see prompts and keys; an endpoint is reached directly.
        trust_env=False,
        follow_redirects=False,
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; a name other than `localhost` is not, whatever it resolves to."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
