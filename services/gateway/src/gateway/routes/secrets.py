"""Secrets of a workspace; their values go in and never come out."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.api import SaveSecret, Secret, SecretList
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, IfNoneMatch, PageCursor, PageLimit, SecretManager, SecretReader
from gateway.usecases import secrets as usecases

router: Final = APIRouter(
    prefix="/v1/secrets",
    tags=["secrets"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


@router.get("")
async def list_secrets(
    principal: SecretReader, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> SecretList:
    """List the names, newest first."""
    return await usecases.list_secrets(principal, cursor=cursor, limit=limit, secrets=parts.secrets)


@router.put("/{name}", responses=problems(usecases.StaleSecretError, usecases.SecretNameTakenError))
async def save_secret(
    *,
    name: str,
    body: SaveSecret,
    response: Response,
    principal: SecretManager,
    parts: PartsOf,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Secret:
    """Store a value, new or over the old one; steps that start from now on get it.

    With `If-Match` only over the value that was known, with `If-None-Match: *` only where there is none.
    """
    only = usecases.Only(if_match, if_none_match)
    saved = await usecases.save_secret(
        name, body, principal, only=only, secrets=parts.secrets, vault=parts.vault, clock=parts.clock
    )
    response.headers["etag"] = saved.etag
    return saved


@router.delete("/{name}", status_code=204, responses=problems(usecases.SecretNotFoundError))
async def delete_secret(name: str, principal: SecretManager, parts: PartsOf) -> None:
    """Delete a secret."""
    await usecases.delete_secret(name, principal, secrets=parts.secrets)
