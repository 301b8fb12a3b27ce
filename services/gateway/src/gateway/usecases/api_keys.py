"""API keys: made, listed, revoked."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.api import ApiKey, ApiKeyCreated, ApiKeyList, CreateApiKey, RotateApiKey
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from flowloom_servicekit.ids import new_id
from gateway.domain.api_keys import make_key
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.permissions import granted, unknown_scopes
from gateway.domain.principals import Principal
from gateway.domain.texts import plain
from gateway.ports import ApiKeyStore, KeptApiKey
from gateway.usecases.authenticate import Authenticator

MOST_KEYS: Final = 200


class ApiKeyNotFoundError(NotFoundError):
    """There is no such key in this workspace."""

    title = "API key not found"


class TooManyApiKeysError(ConflictError):
    """The workspace has as many keys as it can have."""

    title = "Too many API keys"


class KeyOfAnotherError(ForbiddenError):
    """The key acts for somebody else, and so would its successor."""

    title = "The key is somebody else's"


class AlreadyRotatedError(ConflictError):
    """Two keys act already."""

    title = "The key is being rotated"


class ScopeNotGrantedError(ForbiddenError):
    """A key would be allowed more than its maker."""

    title = "The key would be allowed more than you are"


async def create_key(
    request: CreateApiKey, principal: Principal, *, environment: str, keys: ApiKeyStore, clock: Clock
) -> ApiKeyCreated:
    """Make a key that may do at most what its maker may; its text leaves only here."""
    now = clock.now()
    check_scopes(request.scopes, principal)
    check_expiry(request.expires_at, now)
    if len(await keys.page(principal.workspace_id, after=None, limit=MOST_KEYS)) >= MOST_KEYS:
        raise TooManyApiKeysError(f"At most {MOST_KEYS}; revoke those that nobody uses.")
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


async def rotate_key(
    key_id: str,
    body: RotateApiKey,
    principal: Principal,
    *,
    environment: str,
    keys: ApiKeyStore,
    authenticator: Authenticator,
    clock: Clock,
) -> ApiKeyCreated:
    """Make the successor of one's own key; both act until the grace is over, then only the new one."""
    now, kept = clock.now(), await keys.find(principal.workspace_id, key_id)
    if kept is None or (kept.shown.expires_at is not None and kept.shown.expires_at <= now):
        raise ApiKeyNotFoundError(f"No key {key_id[:80]!r} here that acts.")
    if kept.user_id != principal.user_id:
        raise KeyOfAnotherError("Revoke it; who made it makes another.")
    check_scopes(kept.shown.scopes, principal)
    new = make_key(environment, secrets.choice)
    fresh = {"id": new_id(), "prefix": new.prefix, "created_at": now, "last_used_at": None}
    successor = KeptApiKey(kept.shown.model_copy(update=fresh), kept.user_id)
    ends_at = now + timedelta(hours=body.grace_hours)
    outcome = await keys.rotate(principal.workspace_id, key_id, successor, digest=new.digest, ends_at=ends_at)
    if outcome == "missing":
        raise ApiKeyNotFoundError("It was revoked meanwhile.")
    if outcome == "rotated":
        raise AlreadyRotatedError("Use its successor, or revoke one of the two.")
    authenticator.forget()
    return ApiKeyCreated(id=successor.shown.id, key=new.text)


async def revoke_key(
    key_id: str, principal: Principal, *, keys: ApiKeyStore, authenticator: Authenticator, clock: Clock
) -> None:
    """Revoke a key at once here, and within two seconds everywhere."""
    if not await keys.revoke(principal.workspace_id, key_id, now=clock.now()):
        raise ApiKeyNotFoundError(f"No key {key_id!r} here.")
    authenticator.forget()


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    """Raise InvalidRequestError for an end that is past or in no time zone."""
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now):
        raise _wrong("expires_at", "Give a moment in the future, with its time zone.")


def check_scopes(scopes: Sequence[str], principal: Principal) -> None:
    """Raise InvalidRequestError for unknown scopes, ScopeNotGrantedError for more than the maker has."""
    unknown = unknown_scopes(scopes)
    if unknown:
        raise _wrong("scopes", f"Unknown: {', '.join(repr(scope[:40]) for scope in unknown[:5])}.")
    # A wildcard must not widen a key that was made with a narrow one.
    wanted = granted(principal.role, scopes)
    if not wanted <= principal.permissions:
        raise ScopeNotGrantedError("Leave out: " + ", ".join(sorted(wanted - principal.permissions)))


def _wrong(field: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{field!r} is not acceptable.",
        errors=[FieldProblem(path=field, code="invalid_value", message=message)],
    )
