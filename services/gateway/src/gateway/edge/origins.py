"""Pages of other origins: those that the operator names may call, with a header and never with a cookie."""

from collections.abc import Sequence
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

PREFLIGHT_SECONDS: Final = 600
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
ASKED: Final = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "X-API-Key",
    "X-Request-ID",
)
TOLD: Final = (
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)


def allow_origins(app: ASGIApp, *, origins: Sequence[str]) -> ASGIApp:
    """Return the application for pages of exactly these origins; without any it is as it was."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=METHODS,
        allow_headers=ASKED,
        expose_headers=TOLD,
        allow_credentials=False,
        max_age=PREFLIGHT_SECONDS,
    )
