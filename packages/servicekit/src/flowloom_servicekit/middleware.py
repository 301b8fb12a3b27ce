"""What surrounds every request: its trace id, its metrics, the sidecar's token, the last handler."""

import re
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Final, TypeAlias

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.metrics import REQUESTS_SECONDS, REQUESTS_SERVED
from flowloom_servicekit.problems import INTERNAL_PROBLEM, problem_response
from flowloom_servicekit.tracing import Entry, bind, entered

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Only the sidecar calls these.
SIDECAR_PATHS: Final = ("/internal/", "/dapr/", "/job/", "/subscriptions/")
PROBES: Final = frozenset({"/healthz", "/readyz"})

BelievedTrace: TypeAlias = Callable[[Headers], Mapping[str, str]]
"""Returns the trace headers of a request that are believed."""


def as_sent(headers: Headers) -> Mapping[str, str]:
    """Believe all of them: only processes of ours call."""
    return headers


class RequestMiddleware:
    """Outermost: nothing that a request does leaves as anything but an answer."""

    def __init__(self, app: ASGIApp, *, service: str, believed: BelievedTrace) -> None:
        self._app = app
        self._service = service
        self._believed = believed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_recorded = scope["path"] not in PROBES
        with entered(self._believed(headers), method=scope["method"], is_recorded=is_recorded) as entry:
            scope["trace_id"] = self._request_id(headers) or entry.place.trace_id
            await self._serve(scope, receive, send, entry)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        began = time.perf_counter()
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = scope["trace_id"]
                self._count(scope, status, time.perf_counter() - began, entry)
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception:
            log.exception("unhandled error", path=scope["path"])
            if status:
                raise
            answer = problem_response(INTERNAL_PROBLEM, Request(scope))
            await answer(scope, receive, send_marked)

    def _request_id(self, headers: Headers) -> str | None:
        given = headers.get("x-request-id", "")
        if not _REQUEST_ID.fullmatch(given):
            return None
        bind(request=given)
        return given

    def _count(self, scope: Scope, status: int, seconds: float, entry: Entry) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUESTS_SERVED.labels(self._service, scope["method"], route, str(status)).inc()
        REQUESTS_SECONDS.labels(self._service, scope["method"], route).observe(seconds)
        entry.answered(scope["method"], route, status)


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
        if not path.startswith(SIDECAR_PATHS):
            return True
        return compare_digest(headers.get("dapr-api-token", "").encode(), self._token)
