"""API keys of a workspace."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.api import ApiKeyCreated, ApiKeyList, CreateApiKey, RotateApiKey
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import KeyManager, PageCursor, PageLimit
from gateway.usecases import api_keys as usecases

router: Final = APIRouter(
    prefix="/v1/api-keys",
    tags=["api-keys"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError),
)


@router.post("", status_code=201, responses=problems(usecases.TooManyApiKeysError, ForbiddenError))
async def create_api_key(body: CreateApiKey, principal: KeyManager, parts: PartsOf) -> ApiKeyCreated:
    """Make a key; this answer is the only place where it can be read."""
    return await usecases.create_key(
        body,
        principal,
        environment=parts.settings.key_environment,
        keys=parts.keys,
        clock=parts.clock,
    )


@router.get("")
async def list_api_keys(
    principal: KeyManager, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> ApiKeyList:
    """List the keys that were not revoked, newest first."""
    return await usecases.list_keys(principal, cursor=cursor, limit=limit, keys=parts.keys)


@router.post(
    "/{key_id}/rotate",
    status_code=201,
    responses=problems(
        usecases.ApiKeyNotFoundError,
        usecases.AlreadyRotatedError,
        usecases.KeyOfAnotherError,
        usecases.ScopeNotGrantedError,
        ForbiddenError,
    ),
)
async def rotate_api_key(
    key_id: str, principal: KeyManager, parts: PartsOf, body: RotateApiKey | None = None
) -> ApiKeyCreated:
    """Replace your own key by a new one with the same scopes and end; the old one works a while longer."""
    return await usecases.rotate_key(
        key_id,
        body or RotateApiKey(),
        principal,
        environment=parts.settings.key_environment,
        keys=parts.keys,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )


@router.delete("/{key_id}", status_code=204, responses=problems(usecases.ApiKeyNotFoundError))
async def revoke_api_key(key_id: str, principal: KeyManager, parts: PartsOf) -> None:
    """Revoke a key; it stops working within two seconds."""
    await usecases.revoke_key(
        key_id, principal, keys=parts.keys, authenticator=parts.authenticator, clock=parts.clock
    )
