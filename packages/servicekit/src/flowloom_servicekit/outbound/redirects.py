"""Where a redirect leads and what may be taken along."""

from dataclasses import replace
from typing import Final

from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.request import OutboundRequest
from flowloom_servicekit.outbound.targets import Target, resolve_location

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
KEEPS_METHOD: Final = frozenset({307, 308})
ABOUT_THE_BODY: Final = frozenset({"content-type", "content-language", "content-encoding"})
TO_ANYBODY: Final = frozenset({"accept", "accept-language", "user-agent"}) | ABOUT_THE_BODY
"""What another origin may see: any other header may be a secret, whatever its name."""


def next_hop(
    request: OutboundRequest, here: Target, status: int, location: str
) -> tuple[OutboundRequest, Target]:
    """Return the request to send next and to where; raises `AddressRefusedError`."""
    # Header bytes were read one to one; servers mean UTF-8.
    there = resolve_location(here, location.encode("latin-1").decode("utf-8", "replace"))
    if here.origin.scheme == "https" and there.origin.scheme == "http":
        raise AddressRefusedError(f"{here.origin} redirects from https to http")
    headers, method, body = dict(request.headers), request.method, request.body
    if status not in KEEPS_METHOD and (method == "POST" or (status == 303 and method != "HEAD")):
        method, body = "GET", None
    if body is None:
        headers = {name: value for name, value in headers.items() if name.lower() not in ABOUT_THE_BODY}
    if there.origin != here.origin:
        if body is not None:
            raise AddressRefusedError(f"{here.origin} redirects a request with a body to {there.origin}")
        headers = {name: value for name, value in headers.items() if name.lower() in TO_ANYBODY}
    return replace(request, method=method, url=there, headers=headers, body=body), there
