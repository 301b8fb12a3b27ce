"""Takes requests only from the proxy at the edge where there is one, and the caller's address from it."""

from hmac import compare_digest
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from flowloom_servicekit.errors import DomainError
from flowloom_servicekit.middleware import PROBES, SIDECAR_PATHS
from flowloom_servicekit.problems import problem_response

SECRET_HEADER: Final = b"x-gateway-secret"
ADDRESS_HEADER: Final = b"x-real-ip"
POLICY_VIOLATION: Final = 1008


class NotThroughEdgeError(DomainError):
    """The request did not come through the proxy that this deployment has in front."""

    status = 403
    title = "Not through the edge"


class ThroughEdgeMiddleware:
    """Compares the edge's secret in constant time; without a secret nothing is in front, and nothing changes.

    What claims to be the caller's address is believed only beside the right secret. Both headers end here, so
    that nothing behind can log the one or trust the other. The sidecar and the supervisor stand inside:
    their paths have the application's token, or nothing to hide.
    """

    def __init__(self, app: ASGIApp, *, secret: str | None) -> None:
        self._app = app
        self._secret = None if secret is None else secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket; the lifespan passes."""
        if scope["type"] == "lifespan" or self._secret is None or _is_inside(scope):
            await self._app(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        shown = [value for name, value in headers if name == SECRET_HEADER]
        if len(shown) != 1 or not compare_digest(shown[0], self._secret):
            await _refuse(scope, receive, send)
            return
        await self._app(_seen_from_edge(scope), receive, send)


def _is_inside(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["type"] == "http" and (path in PROBES or path.startswith(SIDECAR_PATHS))


def _seen_from_edge(scope: Scope) -> Scope:
    """Return the scope with the address that the edge saw, without the headers that carried it."""
    headers = [item for item in scope["headers"] if item[0] not in (SECRET_HEADER, ADDRESS_HEADER)]
    given = Headers(scope=scope).getlist(ADDRESS_HEADER.decode())
    client = (given[0].strip(), 0) if len(given) == 1 and _is_address(given[0]) else scope.get("client")
    return {**scope, "headers": headers, "client": client}


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip())
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    error = NotThroughEdgeError("Call the public address of this server.")
    await problem_response(error.problem(), Request(scope))(scope, receive, send)
