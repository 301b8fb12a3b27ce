"""API clients: made, listed, revoked, and given tokens for their secret (RFC 6749 section 4.4)."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from flowloom_contracts.problem import Problem
from flowloom_contracts.sign_in import (
    ApiClient,
    ApiClientCreated,
    ApiClientList,
    CreateApiClient,
    OAuthToken,
    RotateApiClient,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from flowloom_servicekit.ids import new_id
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.permissions import EVERYTHING, unknown_scopes
from gateway.domain.principals import Principal
from gateway.domain.texts import plain
from gateway.domain.tokens import token_digest
from gateway.identity_ports import ApiClientStore, LiveClient
from gateway.ports import ACCESS_TOKEN_LIFETIME, AccessTokens, SignInThrottle, TokenSubject
from gateway.usecases.api_keys import check_expiry, check_scopes
from gateway.usecases.authenticate import Authenticator

SECRET_PREFIX: Final = "fls_"
"""By which scanners for leaked secrets know it."""

_NOBODY: Final = b"\0" * 32


class ApiClientNotFoundError(NotFoundError):
    """There is no such client in this workspace."""

    title = "API client not found"


class ClientOfAnotherError(ForbiddenError):
    """The client acts for somebody else, and whoever knew a secret of it would too."""

    title = "The API client is somebody else's"


class ClientIsRotatingError(ConflictError):
    """Two secrets work already."""

    title = "The secret is being rotated"


class OAuthProblem(Problem):
    """A problem that OAuth clients understand too (RFC 6749 section 5.2)."""

    error: str
    error_description: str = ""


class OAuthError(DomainError):
    """The token endpoint refuses a request."""

    status = 400
    title = "No token for this request"
    error = "invalid_request"

    def problem(self) -> Problem:
        """Return the problem with the words of OAuth."""
        plain_problem = super().problem().model_dump()
        return OAuthProblem(**plain_problem, error=self.error, error_description=self.detail)


class InvalidClientError(OAuthError):
    """Id or secret is wrong, or the client may act no longer."""

    status = 401
    title = "API client or secret is wrong"
    error = "invalid_client"


class UnsupportedGrantTypeError(OAuthError):
    """Only client credentials are exchanged for tokens here."""

    title = "This grant is not supported"
    error = "unsupported_grant_type"


class InvalidScopeError(OAuthError):
    """The client asks for more than it has."""

    title = "The scope is more than the client has"
    error = "invalid_scope"


async def create_client(
    request: CreateApiClient, principal: Principal, *, clients: ApiClientStore, clock: Clock
) -> ApiClientCreated:
    """Make a client that may do at most what its maker may; its secret leaves only here."""
    check_scopes(request.scopes, principal)
    check_expiry(request.expires_at, clock.now())
    secret = _new_secret()
    client = ApiClient(
        id=new_id(),
        name=plain(request.name, "name"),
        scopes=request.scopes,
        created_by=principal.email or "",
        created_at=clock.now(),
        expires_at=request.expires_at,
    )
    await clients.add(
        client,
        digest=token_digest(secret),
        workspace_id=principal.workspace_id,
        user_id=principal.user_id,
    )
    return ApiClientCreated(**client.model_dump(), client_secret=secret)


async def list_clients(
    principal: Principal, *, cursor: str | None, limit: int, clients: ApiClientStore
) -> ApiClientList:
    """Return a page of clients, newest first."""
    rows = await clients.page(principal.workspace_id, after=row_after(cursor), limit=limit + 1)
    return ApiClientList(
        items=rows[:limit], next_cursor=cursor_of(rows[limit - 1].id) if len(rows) > limit else None
    )


async def rotate_client(
    client_id: str, body: RotateApiClient, principal: Principal, *, clients: ApiClientStore, clock: Clock
) -> ApiClientCreated:
    """Give one's own client a new secret; the present one works until the grace is over."""
    now, kept = clock.now(), await clients.find(principal.workspace_id, client_id)
    if kept is None or (kept.shown.expires_at is not None and kept.shown.expires_at <= now):
        raise ApiClientNotFoundError(f"No API client {client_id[:80]!r} here that acts.")
    if kept.user_id != principal.user_id:
        raise ClientOfAnotherError("Revoke it; who made it makes another.")
    check_scopes(kept.shown.scopes, principal)
    secret, ends_at = _new_secret(), now + timedelta(hours=body.grace_hours)
    outcome = await clients.rotate(
        principal.workspace_id, client_id, digest=token_digest(secret), now=now, ends_at=ends_at
    )
    if outcome == "missing":
        raise ApiClientNotFoundError("It was revoked meanwhile.")
    if outcome == "rotated":
        raise ClientIsRotatingError("Two secrets work already; wait until the older one has ended.")
    shown = kept.shown.model_copy(update={"old_secret_until": ends_at})
    return ApiClientCreated(**shown.model_dump(), client_secret=secret)


async def revoke_client(
    client_id: str,
    principal: Principal,
    *,
    clients: ApiClientStore,
    authenticator: Authenticator,
    clock: Clock,
) -> None:
    """Revoke a client: its tokens end at once here, and within two seconds everywhere."""
    if not await clients.revoke(principal.workspace_id, client_id, now=clock.now()):
        raise ApiClientNotFoundError(f"No API client {client_id[:80]!r} here.")
    authenticator.forget()


async def exchange(
    body: bytes,
    authorization: str,
    *,
    address: str,
    clients: ApiClientStore,
    tokens: AccessTokens,
    throttle: SignInThrottle,
    clock: Clock,
) -> OAuthToken:
    """Return an access token for client credentials."""
    form = _form(body)
    client_id, secret = _credentials(form, authorization)
    if form.get("grant_type") != "client_credentials":
        raise UnsupportedGrantTypeError("Use grant_type=client_credentials.")
    await throttle.admit(f"client {client_id}", address)
    live = await clients.live(client_id, now=clock.now())
    given, expected = token_digest(secret), (_NOBODY,) if live is None else live.digests
    # Each is compared, so that the time tells nothing of which it was.
    if not sum(hmac.compare_digest(given, digest) for digest in expected) or live is None:
        raise InvalidClientError("Check both, then try again.")
    await throttle.forgive(f"client {client_id}", address)
    scope = _scope(form.get("scope", ""), live)
    await clients.touch(live.id, now=clock.now())
    subject = TokenSubject(
        user_id=live.user_id,
        session_id=live.id,
        workspace_id=live.workspace_id,
        role=live.role,
        scope=scope,
        client_id=live.id,
    )
    lifetime = int(ACCESS_TOKEN_LIFETIME.total_seconds())
    return OAuthToken(access_token=tokens.issue(subject), expires_in=lifetime, scope=scope)


def _new_secret() -> str:
    return f"{SECRET_PREFIX}{secrets.token_urlsafe(32)}"


def _form(body: bytes) -> dict[str, str]:
    """Read a form in which every name stands once."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=20
        )
    except ValueError as error:
        raise OAuthError("Send a form: application/x-www-form-urlencoded.") from error
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("A parameter stands twice.")
    return form


def _credentials(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """Return id and secret from the header or from the form, never from both."""
    in_form = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return in_form
    if in_form[1]:
        raise OAuthError("Send the secret once.")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidClientError("The header cannot be read.") from error
    return unquote_plus(client_id), unquote_plus(secret)


def _scope(asked: str, live: LiveClient) -> str:
    """Return what the token is for: all that the client has, or the part that it asks for."""
    wanted = asked.split()
    if unknown_scopes(wanted) or (EVERYTHING not in live.scopes and not set(wanted) <= set(live.scopes)):
        raise InvalidScopeError(f"It has: {' '.join(live.scopes)}.")
    return " ".join(wanted or live.scopes)
