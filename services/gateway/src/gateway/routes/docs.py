"""The page on which people read and try the interface; everything on it comes from this server."""

import gzip
import secrets
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import APIRouter, Header, Response

from gateway.domain.page_security import page_policy
from gateway.routes.conditional import IfNoneMatch, tag_of

router: Final = APIRouter(prefix="/v1/docs", include_in_schema=False)

Asset: TypeAlias = Literal["swagger-ui-bundle.js", "swagger-ui.css"]
MEDIA_TYPES: Final = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
BUNDLED_IN: Final = "fastapi_offline"
FRESH: Final = "public, max-age=86400"
PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Flowloom: interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" nonce="{nonce}" href="/v1/docs/swagger-ui.css">
</head>
<body>
<main id="interface"></main>
<noscript>This page needs JavaScript; see <a href="/v1/openapi.json">openapi.json</a>.</noscript>
<script nonce="{nonce}" src="/v1/docs/swagger-ui-bundle.js"></script>
<script nonce="{nonce}">
SwaggerUIBundle({{
  url: "/v1/openapi.json",
  dom_id: "#interface",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: false,
  validatorUrl: null,
}});
</script>
</body>
</html>
"""


@router.get("")
async def show_docs() -> Response:
    """Return the page, with a nonce of its own."""
    nonce = secrets.token_urlsafe(16)
    return Response(
        PAGE.format(nonce=nonce),
        media_type="text/html",
        headers={"content-security-policy": page_policy(nonce), "cache-control": "no-store"},
    )


@router.get("/{asset}")
async def get_docs_asset(
    asset: Asset,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return a part of the page."""
    plain, packed, tag = _asset(asset)
    headers = {"etag": tag, "cache-control": FRESH, "vary": "accept-encoding"}
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    media_type = MEDIA_TYPES[asset.rpartition(".")[2]]
    if "gzip" in accept_encoding:
        return Response(packed, media_type=media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(plain, media_type=media_type, headers=headers)


@cache
def _asset(asset: Asset) -> tuple[bytes, bytes, str]:
    """Return a file as it is, packed, and its tag; it is read and packed once."""
    plain = files(BUNDLED_IN).joinpath("static", asset).read_bytes()
    return plain, gzip.compress(plain, 6, mtime=0), tag_of(plain)
