"""Secrets of a workspace; their values go in and never come out."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.api import SaveSecret, Secret, SecretList
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import PageCursor, PageLimit, SecretManager, SecretReader
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


@router.put("/{name}")
async def save_secret(name: str, body: SaveSecret, principal: SecretManager, parts: PartsOf) -> Secret:
    """Store a value, new or over the old one; steps that start from now on get it."""
    return await usecases.save_secret(
        name, body, principal, secrets=parts.secrets, vault=parts.vault, clock=parts.clock
    )


@router.delete("/{name}", status_code=204, responses=problems(usecases.SecretNotFoundError))
async def delete_secret(name: str, principal: SecretManager, parts: PartsOf) -> None:
    """Delete a secret."""
    await usecases.delete_secret(name, principal, secrets=parts.secrets)
