"""API keys: made, listed, revoked."""

import secrets

from flowloom_contracts.api import ApiKey, ApiKeyCreated, ApiKeyList, CreateApiKey
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, NotFoundError
from flowloom_servicekit.ids import new_id
from gateway.domain.api_keys import make_key
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.permissions import granted, unknown_scopes
from gateway.domain.principals import Principal
from gateway.domain.texts import plain
from gateway.ports import ApiKeyStore
from gateway.usecases.authenticate import Authenticator


class ApiKeyNotFoundError(NotFoundError):
    """There is no such key in this workspace."""

    title = "API key not found"


class ScopeNotGrantedError(ForbiddenError):
    """A key would be allowed more than its maker."""

    title = "The key would be allowed more than you are"


async def create_key(
    request: CreateApiKey, principal: Principal, *, environment: str, keys: ApiKeyStore, clock: Clock
) -> ApiKeyCreated:
    """Make a key that may do at most what its maker may; its text leaves only here."""
    now = clock.now()
    _check_scopes(request, principal)
    if request.expires_at is not None and (request.expires_at.tzinfo is None or request.expires_at <= now):
        raise _wrong("expires_at", "Give a moment in the future, with its time zone.")
    new = make_key(environment, secrets.choice)
    key = ApiKey(
        id=new_id(),
        name=plain(request.name, "name"),
        prefix=new.prefix,
        scopes=request.scopes,
        created_at=now,
        expires_at=request.expires_at,
    )
    await keys.add(key, digest=new.digest, workspace_id=principal.workspace_id, user_id=principal.user_id)
    return ApiKeyCreated(id=key.id, key=new.text)


async def list_keys(principal: Principal, *, cursor: str | None, limit: int, keys: ApiKeyStore) -> ApiKeyList:
    """Return a page of keys, newest first."""
    rows = await keys.page(principal.workspace_id, after=row_after(cursor), limit=limit + 1)
    return ApiKeyList(
        items=rows[:limit], next_cursor=cursor_of(rows[limit - 1].id) if len(rows) > limit else None
    )


async def revoke_key(
    key_id: str, principal: Principal, *, keys: ApiKeyStore, authenticator: Authenticator, clock: Clock
) -> None:
    """Revoke a key at once here, and within two seconds everywhere."""
    if not await keys.revoke(principal.workspace_id, key_id, now=clock.now()):
        raise ApiKeyNotFoundError(f"No key {key_id!r} here.")
    authenticator.forget()


def _check_scopes(request: CreateApiKey, principal: Principal) -> None:
    unknown = unknown_scopes(request.scopes)
    if unknown:
        raise _wrong("scopes", f"Unknown: {', '.join(repr(scope[:40]) for scope in unknown[:5])}.")
    # A wildcard must not widen a key that was made with a narrow one.
    wanted = granted(principal.role, request.scopes)
    if not wanted <= principal.permissions:
        raise ScopeNotGrantedError("Leave out: " + ", ".join(sorted(wanted - principal.permissions)))


def _wrong(field: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{field!r} is not acceptable.",
        errors=[FieldProblem(path=field, code="invalid_value", message=message)],
    )
