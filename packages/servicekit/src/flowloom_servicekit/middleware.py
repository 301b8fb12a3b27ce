"""What surrounds every request: its trace id, its metrics, the sidecar's token, the last handler."""

import re
import time
from hmac import compare_digest
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.problems import INTERNAL_PROBLEM, problem_response
from flowloom_servicekit.telemetry import REQUESTS_SECONDS, REQUESTS_SERVED

log = structlog.get_logger(__name__)

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Only the sidecar calls these; `/metrics` also takes the token as `Authorization: Bearer`.
SIDECAR_PATHS: Final = ("/internal/", "/dapr/", "/job/", "/subscriptions/")
METRICS_PATH: Final = "/metrics"


class RequestMiddleware:
    """Outermost: nothing that a request does leaves as anything but an answer."""

    def __init__(self, app: ASGIApp, *, service: str, trust_trace: bool) -> None:
        self._app = app
        self._service = service
        self._trust_trace = trust_trace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = scope["trace_id"] = self._trace_id(Headers(scope=scope))
        began = time.perf_counter()
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = trace_id
                self._count(scope, status, time.perf_counter() - began)
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            try:
                await self._app(scope, receive, send_marked)
            except Exception:
                log.exception("unhandled error", path=scope["path"])
                if status:
                    raise
                answer = problem_response(INTERNAL_PROBLEM, Request(scope))
                await answer(scope, receive, send_marked)

    def _trace_id(self, headers: Headers) -> str:
        match = _TRACEPARENT.fullmatch(headers.get("traceparent", "")) if self._trust_trace else None
        if match is not None:
            return match[1]
        given = headers.get("x-request-id", "")
        return given if _REQUEST_ID.fullmatch(given) else new_id().replace("-", "")

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUESTS_SERVED.labels(self._service, scope["method"], route, str(status)).inc()
        REQUESTS_SECONDS.labels(self._service, scope["method"], route).observe(seconds)


class SidecarTokenMiddleware:
    """Refuses the sidecar's paths to everybody who does not know the application's token."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] == "http" and not self._may_pass(scope["path"], Headers(scope=scope)):
            error = UnauthenticatedError("this path is for the sidecar")
            await problem_response(error.problem(), Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, path: str, headers: Headers) -> bool:
        if not path.startswith(SIDECAR_PATHS) and path != METRICS_PATH:
            return True
        given = headers.get("dapr-api-token", "")
        if not given and path == METRICS_PATH:
            given = headers.get("authorization", "").removeprefix("Bearer ")
        return compare_digest(given.encode(), self._token)
