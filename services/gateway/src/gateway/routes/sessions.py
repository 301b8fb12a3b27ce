"""Set-up, sign-in, renewal and sign-out."""

from typing import Final

from fastapi import APIRouter, Request, Response

from flowloom_contracts.api import LogIn, Me, Session, SetUp
from flowloom_servicekit.errors import InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.origins import is_loopback
from gateway.domain.sign_in import (
    AlreadySetUpError,
    ForeignPageError,
    SessionEndedError,
    SetUpTokenError,
    TooManySignInsError,
    WrongCredentialsError,
)
from gateway.parts import Parts, PartsOf
from gateway.routes.guards import OwnPage, SignedIn
from gateway.settings import Settings
from gateway.usecases import sessions as usecases

router: Final = APIRouter(prefix="/v1", tags=["auth"])


@router.post(
    "/auth/setup",
    status_code=201,
    responses=problems(SetUpTokenError, AlreadySetUpError, InvalidRequestError, TooManySignInsError),
)
async def set_up(body: SetUp, request: Request, response: Response, parts: PartsOf) -> Session:
    """Create the first owner and sign them in; works once."""
    await parts.throttle.admit("set-up", _address(request))
    token = parts.settings.setup_token
    signed_in = await usecases.set_up(
        body,
        expected_token=token.get_secret_value() if token else None,
        accounts=parts.accounts,
        passwords=parts.passwords,
        issuer=parts.issuer,
        clock=parts.clock,
    )
    return _answer(signed_in, response, parts)


@router.post(
    "/auth/login", responses=problems(WrongCredentialsError, InvalidRequestError, TooManySignInsError)
)
async def log_in(body: LogIn, request: Request, response: Response, parts: PartsOf) -> Session:
    """Sign in with a password."""
    signed_in = await usecases.log_in(
        body,
        address=_address(request),
        accounts=parts.accounts,
        passwords=parts.passwords,
        throttle=parts.throttle,
        issuer=parts.issuer,
    )
    return _answer(signed_in, response, parts)


@router.post(
    "/auth/refresh",
    dependencies=[OwnPage],
    responses=problems(SessionEndedError, ForeignPageError),
)
async def refresh_session(request: Request, response: Response, parts: PartsOf) -> Session:
    """Take the next access token for the refresh cookie, which is replaced too."""
    presented = request.cookies.get(cookie_name(parts.settings))
    if not presented:
        raise SessionEndedError("Sign in.")
    signed_in = await parts.issuer.renew(presented)
    return _answer(signed_in, response, parts)


@router.post("/auth/logout", status_code=204, dependencies=[OwnPage], responses=problems(ForeignPageError))
async def log_out(request: Request, response: Response, parts: PartsOf) -> None:
    """End the session of the refresh cookie; its access tokens end with it."""
    presented = request.cookies.get(cookie_name(parts.settings))
    if presented:
        await usecases.log_out(
            presented, accounts=parts.accounts, authenticator=parts.authenticator, clock=parts.clock
        )
    response.delete_cookie(
        cookie_name(parts.settings), path="/", secure=_is_secure(parts.settings), httponly=True
    )


@router.get("/me", tags=["auth"], responses=problems(UnauthenticatedError))
async def describe_me(principal: SignedIn, parts: PartsOf) -> Me:
    """Say who is signed in, where, and what they may do."""
    return await usecases.describe_me(principal, accounts=parts.accounts)


def cookie_name(settings: Settings) -> str:
    """Return the name of the refresh cookie; browsers refuse the prefix without TLS."""
    return "__Host-flowloom_refresh" if _is_secure(settings) else "flowloom_refresh"


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https:") or not is_loopback(settings.public_url)


def _answer(signed_in: usecases.SignedIn, response: Response, parts: Parts) -> Session:
    response.set_cookie(
        cookie_name(parts.settings),
        signed_in.refresh_token,
        max_age=int(usecases.REFRESH_LIFETIME.total_seconds()),
        path="/",
        secure=_is_secure(parts.settings),
        httponly=True,
        samesite="strict",
    )
    return signed_in.session


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
