"""Writes the bytes of a request, so that no caller can write a second request into the first."""

import re
from typing import Final

from flowloom_servicekit.outbound.decoding import OFFERED
from flowloom_servicekit.outbound.errors import RequestRefusedError
from flowloom_servicekit.outbound.request import OutboundRequest
from flowloom_servicekit.outbound.targets import Target

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
MAX_HEAD_BYTES: Final = 65_536
MAX_BODY_BYTES: Final = 105_000_000
"""As much as the largest output of a step."""
NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
OURS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"}
    | {"expect", "proxy-authorization", "proxy-connection"}
)
"""Headers that frame the message or belong to the connection: written here and nowhere else."""


def message(request: OutboundRequest, target: Target, *, compressed: bool) -> bytes:
    """Return head and body in one piece; raises `RequestRefusedError`."""
    method, body = request.method, request.body
    if method not in METHODS:
        raise RequestRefusedError(f"{method!r} is none of {', '.join(sorted(METHODS))}")
    encoding = OFFERED if compressed else "identity"
    lines = [
        f"{method} {target.path} HTTP/1.1\r\nhost: {target.origin.netloc}\r\naccept-encoding: {encoding}"
    ]
    names = set()
    for name, value in request.headers.items():
        lowered = name.lower()
        names.add(lowered)
        if lowered == "accept-encoding":
            continue  # we say what we can decompress
        if lowered in OURS or not NAME.fullmatch(name):
            raise RequestRefusedError(f"the header {name!r} cannot be set")
        if not VALUE.fullmatch(value):
            raise RequestRefusedError(f"the header {name!r} has a character that HTTP does not allow")
        lines.append(f"{lowered}: {value.strip()}")
    if "user-agent" not in names:
        lines.append("user-agent: flowloom")
    if "accept" not in names:
        lines.append("accept: */*")
    if body is not None or method in WITH_BODY:
        lines.append(f"content-length: {len(body or b'')}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    _check_sizes(head, body or b"")
    return head + body if body else head


def _check_sizes(head: bytes, body: bytes) -> None:
    if len(head) > MAX_HEAD_BYTES:
        raise RequestRefusedError(f"its head has {len(head):,} bytes; at most {MAX_HEAD_BYTES:,} are sent")
    if len(body) > MAX_BODY_BYTES:
        raise RequestRefusedError(f"its body has {len(body):,} bytes; at most {MAX_BODY_BYTES:,} are sent")
