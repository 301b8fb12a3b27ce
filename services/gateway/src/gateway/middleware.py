"""What every answer carries and no request may exceed."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 1_000_000
TOO_LARGE: Final = 413

SECURITY_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
}
HSTS: Final = "max-age=31536000; includeSubDomains"


class EdgeMiddleware:
    """Adds security headers and stops bodies that are too large, also those that do not say how large."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = {**SECURITY_HEADERS, **({"strict-transport-security": HSTS} if is_https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, _bounded(scope, receive), send_with_headers)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Return a `receive` that raises 413 where the body is read, so that it leaves as a problem."""
    announced = Headers(scope=scope).get("content-length", "0")
    too_large = not announced.isdigit() or int(announced) > MAX_BODY_BYTES
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if too_large or received > MAX_BODY_BYTES:
                raise HTTPException(TOO_LARGE)
        return message

    return receive_bounded
