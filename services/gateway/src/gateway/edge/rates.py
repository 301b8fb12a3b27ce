"""Rates at the door: strangers by their address, and the headers that tell everybody where they stand."""

from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowloom_servicekit.middleware import PROBES, SIDECAR_PATHS
from flowloom_servicekit.problems import problem_response
from gateway.domain.principals import Principal
from gateway.domain.rate_limits import Bucket, Standing, TooManyRequestsError, counted_address, header_values
from gateway.rate_ports import RateLimits

HOOKS: Final = "/hooks/"
# These have a token of their own, or tell a supervisor that the process lives.
UNCOUNTED: Final = (*SIDECAR_PATHS, *PROBES)
CREDENTIALS: Final = frozenset({b"authorization", b"x-api-key"})
_STANDING: Final = "rate_standing"


class RatesMiddleware:
    """Counts requests without a credential; those with one are counted where it was judged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_standing(message: Message) -> None:
            standing: Standing | None = scope.get(_STANDING)
            if standing is not None and message["type"] == "http.response.start":
                policy, left = header_values(standing)
                own = [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        try:
            await self._admit_stranger(scope)
        except TooManyRequestsError as error:
            answer = problem_response(
                error.problem(), Request(scope), {"retry-after": str(error.retry_after)}
            )
            await answer(scope, receive, send_with_standing)
            return
        await self._app(scope, receive, send_with_standing)

    async def _admit_stranger(self, scope: Scope) -> None:
        path = scope["path"]
        if path.startswith(UNCOUNTED) or any(name in CREDENTIALS for name, _ in scope["headers"]):
            return
        bucket = Bucket.HOOKS if path.startswith(HOOKS) else Bucket.ADDRESS
        connection = HTTPConnection(scope)
        rates: RateLimits = connection.app.state.parts.rates
        await spend(connection, rates, bucket, address_of(connection))


async def spend(
    connection: HTTPConnection, rates: RateLimits, bucket: Bucket, name: str, *, cost: int = 1
) -> None:
    """Count something for a request; its answer says where the one who asks stands then."""
    try:
        connection.scope[_STANDING] = await rates.spend(bucket, name, cost=cost)
    except TooManyRequestsError as error:
        connection.scope[_STANDING] = error.standing
        raise


async def admit(connection: HTTPConnection, rates: RateLimits, principal: Principal) -> None:
    """Count a request of somebody who is known; raise TooManyRequestsError above the limits."""
    await spend(connection, rates, Bucket.WORKSPACE, principal.workspace_id)
    await spend(connection, rates, Bucket.USER, principal.key_id or principal.user_id)


def address_of(connection: HTTPConnection) -> str:
    """Return what the caller's address is counted as; forwarding headers are the server's to judge."""
    return counted_address(connection.client.host) if connection.client else "unknown"
