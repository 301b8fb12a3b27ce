"""The browser application: the built files, and its one document with a fresh nonce in every answer."""

import secrets
from pathlib import Path
from typing import Final

import anyio
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.domain.page_security import application_policy

NONCE: Final = "__CSP_NONCE__"
"""Stands in the built document wherever a nonce belongs."""

RESERVED: Final = frozenset({"v1", "hooks", "internal", "socket.io", ".well-known", "docs", "dapr"})
"""First parts of paths that belong to programs."""

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""The names of assets hold a hash of their content."""


class Assets(StaticFiles):
    """Files whose names change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file that may be kept for ever."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = FOR_EVER
        return response


def serve_page(app: FastAPI, folder: Path) -> None:
    """Serve the built application behind all other routes of `app`.

    Every path that a person opens in a browser is the same document: the application routes itself.
    """
    document = folder / "index.html"

    async def open_page(request: Request) -> Response:
        first = request.url.path.split("/")[1]
        if first in RESERVED or "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        text = await anyio.Path(document).read_text(encoding="utf-8")
        nonce = secrets.token_urlsafe(16)
        return HTMLResponse(
            text.replace(NONCE, nonce),
            headers={"content-security-policy": application_policy(nonce), "cache-control": "no-store"},
        )

    app.mount("/assets", Assets(directory=folder / "assets"), name="assets")
    app.router.routes.append(Route("/{path:path}", open_page, methods=["GET"], include_in_schema=False))
