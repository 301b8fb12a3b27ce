"""Answers a client has already: each JSON answer to a GET has a tag and is not sent twice (RFC 9110)."""

import hashlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.domain.etags import is_known, names_content, with_content

OK: Final = 200
NOT_MODIFIED: Final = 304
DIGEST_BYTES: Final = 16
_ABOUT_THE_BODY: Final = ("content-length", "content-type", "content-encoding")


class KnownAnswersMiddleware:
    """Gives a weak tag to answers that have none; that of a document goes on to name its revision."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what is no GET passes."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        held: Message | None = None

        async def judged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _may_be_known(message):
                held = message
            elif held is None:
                await send(message)
            else:
                start, held = held, None
                known = not message.get("more_body") and _is_known(scope, start, message.get("body", b""))
                await send(start)
                await send({"type": "http.response.body", "body": b""} if known else message)

        await self._app(scope, receive, judged)


def _may_be_known(start: Message) -> bool:
    kind = Headers(raw=start.get("headers", [])).get("content-type", "")
    return start["status"] == OK and kind.startswith("application/json")


def _is_known(scope: Scope, start: Message, body: bytes) -> bool:
    """Tag an answer, and make it a 304 where the client has it."""
    headers = MutableHeaders(scope=start)
    tag = _tag(headers, body)
    wanted = Headers(scope=scope).get("if-none-match")
    if wanted is None or not is_known(wanted, tag):
        return False
    start["status"] = NOT_MODIFIED
    for name in _ABOUT_THE_BODY:
        if name in headers:
            del headers[name]
    return True


def _tag(headers: MutableHeaders, body: bytes) -> str:
    """Return the tag of an answer, without the mark of a weak one; what has no tag of its content gets it."""
    own = headers.get("etag")
    if own is not None and names_content(own):
        return own
    digest = hashlib.blake2b(body, digest_size=DIGEST_BYTES).hexdigest()
    tag = f'"{digest}"' if own is None else with_content(own, digest)
    headers["etag"] = f"W/{tag}" if own is None else tag
    return tag
