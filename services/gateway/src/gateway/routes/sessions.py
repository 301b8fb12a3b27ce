"""Set-up, sign-in, renewal and sign-out."""

from typing import Final

from fastapi import APIRouter, Request, Response

from flowloom_contracts.api import LogIn, Me, Session, SetUp
from flowloom_servicekit.errors import InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.sign_in import (
    AlreadySetUpError,
    ForeignPageError,
    SecondFactorRequiredError,
    SessionEndedError,
    SetUpTokenError,
    TooManySignInsError,
    WrongCodeError,
    WrongCredentialsError,
)
from gateway.parts import PartsOf
from gateway.routes.cookies import answered, cookie_name, forget, visit_of
from gateway.routes.guards import OwnPage, SignedIn
from gateway.usecases import sessions as usecases

router: Final = APIRouter(prefix="/v1", tags=["auth"])


@router.post(
    "/auth/setup",
    status_code=201,
    responses=problems(SetUpTokenError, AlreadySetUpError, InvalidRequestError, TooManySignInsError),
)
async def set_up(body: SetUp, request: Request, response: Response, parts: PartsOf) -> Session:
    """Create the first owner and sign them in; works once."""
    visit = visit_of(request)
    await parts.throttle.admit("set-up", visit.address or "")
    token = parts.settings.setup_token
    signed_in = await usecases.set_up(
        body,
        expected_token=token.get_secret_value() if token else None,
        visit=visit,
        accounts=parts.accounts,
        new_passwords=parts.people.new_passwords,
        issuer=parts.issuer,
        clock=parts.clock,
    )
    return answered(signed_in, response, parts.settings)


@router.post(
    "/auth/login",
    responses=problems(
        WrongCredentialsError,
        SecondFactorRequiredError,
        WrongCodeError,
        InvalidRequestError,
        TooManySignInsError,
    ),
)
async def log_in(body: LogIn, request: Request, response: Response, parts: PartsOf) -> Session:
    """Sign in with a password."""
    signed_in = await usecases.log_in(
        body,
        visit=visit_of(request),
        accounts=parts.accounts,
        passwords=parts.passwords,
        kept_passwords=parts.people.passwords,
        second_factors=parts.people.second_factors,
        throttle=parts.throttle,
        issuer=parts.issuer,
        audit=parts.audit,
        clock=parts.clock,
    )
    return answered(signed_in, response, parts.settings)


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
    signed_in = await parts.issuer.renew(presented, visit=visit_of(request))
    return answered(signed_in, response, parts.settings)


@router.post("/auth/logout", status_code=204, dependencies=[OwnPage], responses=problems(ForeignPageError))
async def log_out(request: Request, response: Response, parts: PartsOf) -> None:
    """End the session of the refresh cookie; its access tokens end with it."""
    presented = request.cookies.get(cookie_name(parts.settings))
    if presented:
        await usecases.log_out(
            presented, accounts=parts.accounts, authenticator=parts.authenticator, clock=parts.clock
        )
    forget(response, parts.settings)


@router.get("/me", tags=["auth"], responses=problems(UnauthenticatedError))
async def describe_me(principal: SignedIn, parts: PartsOf) -> Me:
    """Say who is signed in, where, and what they may do."""
    return await usecases.describe_me(principal, accounts=parts.accounts)
