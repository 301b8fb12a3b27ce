"""What anybody may read: the keys with which access tokens can be verified."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from gateway.parts import PartsOf

router: Final = APIRouter(include_in_schema=False)


@router.get("/.well-known/jwks.json")
async def get_public_keys(parts: PartsOf) -> JSONResponse:
    """Return the key set."""
    return JSONResponse(parts.tokens.public_keys(), headers={"cache-control": "public, max-age=300"})
