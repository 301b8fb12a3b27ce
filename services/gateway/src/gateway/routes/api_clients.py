"""API clients of a workspace, and the endpoint where they get their tokens."""

from typing import Final

from fastapi import APIRouter, Request

from flowloom_contracts.sign_in import (
    ApiClientCreated,
    ApiClientList,
    CreateApiClient,
    OAuthToken,
    RotateApiClient,
)
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.sign_in import TooManySignInsError
from gateway.parts import PartsOf
from gateway.routes.cookies import visit_of
from gateway.routes.guards import ClientManager, PageCursor, PageLimit
from gateway.usecases import api_clients as usecases
from gateway.usecases.api_keys import ScopeNotGrantedError

router: Final = APIRouter(tags=["api-keys"])
SIGNED_IN: Final = problems(UnauthenticatedError, ForbiddenError, InvalidRequestError)
FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "scope": {"type": "string"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                    },
                },
                "example": {"grant_type": "client_credentials", "scope": "runs:start"},
            }
        },
    }
}


@router.post(
    "/v1/api-clients",
    status_code=201,
    responses={**SIGNED_IN, **problems(ForbiddenError, ScopeNotGrantedError)},
)
async def create_api_client(
    body: CreateApiClient, principal: ClientManager, parts: PartsOf
) -> ApiClientCreated:
    """Make a client for a program; this answer is the only place where its secret can be read."""
    return await usecases.create_client(body, principal, clients=parts.people.clients, clock=parts.clock)


@router.get("/v1/api-clients", responses=SIGNED_IN)
async def list_api_clients(
    principal: ClientManager, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> ApiClientList:
    """List the clients that were not revoked, newest first."""
    return await usecases.list_clients(principal, cursor=cursor, limit=limit, clients=parts.people.clients)


@router.post(
    "/v1/api-clients/{client_id}/rotate",
    status_code=201,
    responses={
        **SIGNED_IN,
        **problems(
            usecases.ApiClientNotFoundError,
            usecases.ClientIsRotatingError,
            usecases.ClientOfAnotherError,
            ScopeNotGrantedError,
            ForbiddenError,
        ),
    },
)
async def rotate_api_client(
    client_id: str, principal: ClientManager, parts: PartsOf, body: RotateApiClient | None = None
) -> ApiClientCreated:
    """Give your own client a new secret; its id stays, and the old secret works a while longer."""
    return await usecases.rotate_client(
        client_id, body or RotateApiClient(), principal, clients=parts.people.clients, clock=parts.clock
    )


@router.delete(
    "/v1/api-clients/{client_id}",
    status_code=204,
    responses={**SIGNED_IN, **problems(usecases.ApiClientNotFoundError)},
)
async def revoke_api_client(client_id: str, principal: ClientManager, parts: PartsOf) -> None:
    """Revoke a client; its tokens stop working within two seconds."""
    await usecases.revoke_client(
        client_id,
        principal,
        clients=parts.people.clients,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )


@router.post(
    "/v1/oauth/token",
    openapi_extra=FORM,
    responses=problems(
        usecases.OAuthError,
        usecases.UnsupportedGrantTypeError,
        usecases.InvalidScopeError,
        usecases.InvalidClientError,
        TooManySignInsError,
    ),
)
async def issue_token(request: Request, parts: PartsOf) -> OAuthToken:
    """Exchange an API client's id and secret for an access token (OAuth 2.0, client credentials)."""
    return await usecases.exchange(
        await request.body(),
        request.headers.get("authorization", ""),
        address=visit_of(request).address or "",
        clients=parts.people.clients,
        tokens=parts.tokens,
        throttle=parts.throttle,
        clock=parts.clock,
    )
