"""Answers that a client may already have: entity tags and 304 (RFC 9110, section 13)."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Header, Response

from gateway.domain.etags import is_known, with_content

IfNoneMatch = Annotated[
    str | None, Header(description="`ETag` of the answer you have; 304 says that it is still right.")
]
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {  # as FastAPI spells an entry of `responses=`
    304: {"description": "What you have is still right."}
}
REVALIDATE: Final = "private, no-cache"
"""May be kept by whoever asked, and must be asked about each time."""


def tag_of(body: bytes) -> str:
    """Return a strong tag of what is sent; nobody needs to read that again to tag it."""
    return with_content('"whole"', hashlib.sha256(body).hexdigest()[:32])


def document_answer(
    body: bytes, tag: str, *, if_none_match: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return JSON under its tag, or 304 where the client has it."""
    sent = {**(headers or {}), "etag": tag, "cache-control": REVALIDATE}
    if if_none_match is not None and is_known(if_none_match, tag):
        return Response(status_code=304, headers=sent)
    return Response(body, media_type="application/json", headers=sent)
