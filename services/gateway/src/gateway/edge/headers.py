"""What every answer carries, and the form of the `Host` that every request must have."""

import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowloom_servicekit.problems import http_problem, problem_response

SECURITY_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "content-security-policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'; "
        "sandbox"
    ),
}
HSTS: Final = "max-age=31536000; includeSubDomains"
CACHE_DEFAULT: Final = "no-store"

_HOST: Final = re.compile(rb"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_BAD_REQUEST: Final = 400


class HeadersMiddleware:
    """Adds security headers to every answer; what a route says itself stays."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        said = {**SECURITY_HEADERS, **({"strict-transport-security": HSTS} if is_https else {})}
        self._always = [(name.encode(), value.encode()) for name, value in said.items()]
        self._always.append((b"cache-control", CACHE_DEFAULT.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                present = {name for name, _ in headers}
                message["headers"] = [*headers, *(one for one in self._always if one[0] not in present)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class HostMiddleware:
    """Refuses requests whose `Host` is missing, twice there, or not a host and a port."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] == "http" and not _has_one_host(scope):
            answer = problem_response(http_problem(_BAD_REQUEST), Request(_without_hosts(scope)))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _has_one_host(scope: Scope) -> bool:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None


def _without_hosts(scope: Scope) -> Scope:
    # Whatever is built from the request must not be built from a host that is refused.
    return {**scope, "headers": [one for one in scope["headers"] if one[0] != b"host"]}


def set_header(message: Message, name: str, value: str) -> None:
    """Set a header of an answer that begins."""
    MutableHeaders(scope=message)[name] = value
