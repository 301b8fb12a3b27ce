"""Who may pass: one dependency per permission, used by every route that is not open to all."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError
from gateway.domain.origins import is_same_origin
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.domain.sign_in import ForeignPageError
from gateway.parts import PartsOf

CSRF_HEADER: Final = "x-flowloom-csrf"

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Access token of a session.")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="`flk_…`")


async def signed_in(
    parts: PartsOf,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    key: Annotated[str | None, Depends(_api_key)],
) -> Principal:
    """Return who is asking; raise UnauthenticatedError if nobody says so."""
    if bearer is not None:
        return await parts.authenticator.by_token(bearer.credentials)
    if key is not None:
        return await parts.authenticator.by_key(key)
    raise UnauthenticatedError("Send an access token or an API key.")


def allowed(permission: Permission) -> Callable[[Principal], Awaitable[Principal]]:
    """Return a dependency that lets those pass who have a permission."""

    async def check(principal: Annotated[Principal, Depends(signed_in)]) -> Principal:
        if permission not in principal.permissions:
            raise ForbiddenError(f"This needs the permission {permission.value!r}.")
        return principal

    return check


def from_our_page(request: Request, parts: PartsOf) -> None:
    """Refuse calls with a cookie that another page made."""
    origin = request.headers.get("origin")
    if request.headers.get(CSRF_HEADER) != "1":
        raise ForeignPageError("Send the header `X-Flowloom-CSRF: 1`.")
    if origin is None or not is_same_origin(origin, parts.settings.public_url):
        raise ForeignPageError("Send the `Origin` of the page that this server serves.")


SignedIn = Annotated[Principal, Depends(signed_in)]
WorkflowReader = Annotated[Principal, Depends(allowed(Permission.WORKFLOWS_READ))]
WorkflowWriter = Annotated[Principal, Depends(allowed(Permission.WORKFLOWS_WRITE))]
RunReader = Annotated[Principal, Depends(allowed(Permission.RUNS_READ))]
RunStarter = Annotated[Principal, Depends(allowed(Permission.RUNS_START))]
RunCanceller = Annotated[Principal, Depends(allowed(Permission.RUNS_CANCEL))]
KeyManager = Annotated[Principal, Depends(allowed(Permission.API_KEYS_MANAGE))]

OwnPage = Depends(from_our_page)
PageCursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")]
PageLimit = Annotated[int, Query(ge=1, le=200)]
