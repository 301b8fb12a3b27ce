"""Goes on in the trace that the page of somebody signed in has begun; a stranger's has no effect."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.datastructures import Headers

from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.tracing import TRACEPARENT, TraceContext
from gateway.ports import AccessTokens

BEARER: Final = "bearer "
HALF: Final = 16
"""Hexadecimal digits: half of a trace id, and the end of a session's."""

_NOTHING: Final[Mapping[str, str]] = {}


def trace_of_page(headers: Headers, *, tokens: Callable[[], AccessTokens]) -> Mapping[str, str]:
    """Return the `traceparent` of a page, or nothing.

    Its trace id begins with the end of its session's id: nobody joins the traces of somebody else. Whether a
    trace is kept, only we decide; so the flag goes, and baggage is not even read.
    """
    place = TraceContext.parsed(headers.get(TRACEPARENT, ""))
    signed = headers.get("authorization", "")
    if place is None or signed[: len(BEARER)].lower() != BEARER:
        return _NOTHING
    try:
        claims = tokens().verify(signed[len(BEARER) :])
    except UnauthenticatedError:
        return _NOTHING
    if not place.trace_id.startswith(claims.session_id.replace("-", "")[-HALF:]):
        return _NOTHING
    return {TRACEPARENT: TraceContext(place.trace_id, place.span_id).header()}
