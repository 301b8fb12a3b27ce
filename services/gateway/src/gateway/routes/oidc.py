"""Sign-in with identity providers; the browser itself calls these."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from flowloom_contracts.sign_in import SignInProviders
from flowloom_servicekit.errors import FlowloomError, InvalidRequestError, problem_type, problems
from gateway.domain.providers import (
    NoMembershipError,
    ProviderNotFoundError,
    ProviderUnwellError,
    SignInRefusedError,
)
from gateway.domain.sign_in import TooManySignInsError
from gateway.parts import PartsOf
from gateway.routes.cookies import answered, is_secure, visit_of
from gateway.settings import Settings
from gateway.usecases.oidc import FLOW_LIFETIME, Answer, Arrival, Departure

router: Final = APIRouter(prefix="/v1/auth", tags=["auth"])
GONE_ELSEWHERE: Final = 303
SIGN_IN_PAGE: Final = "/sign-in?problem="
Parameter = Annotated[str, Query(max_length=4_096)]


@router.get("/providers")
async def list_sign_in_providers(parts: PartsOf) -> SignInProviders:
    """List the ways to sign in."""
    return parts.people.providers.describe()


@router.get(
    "/oidc/{provider}/start",
    status_code=GONE_ELSEWHERE,
    response_class=RedirectResponse,
    responses=problems(ProviderNotFoundError, ProviderUnwellError, TooManySignInsError, InvalidRequestError),
)
async def start_oidc_sign_in(
    provider: str,
    request: Request,
    parts: PartsOf,
    next_path: Annotated[str | None, Query(alias="next", description="Path to come back to.")] = None,
) -> Response:
    """Send the browser to a provider."""
    try:
        await parts.throttle.admit(f"provider {provider[:40]}", visit_of(request).address or "")
        departure = await parts.people.providers.start(provider, next_path)
    except FlowloomError as error:
        return _refused(error, request)
    return _sent_away(departure, parts.settings)


@router.get(
    "/oidc/{provider}/callback",
    status_code=GONE_ELSEWHERE,
    response_class=RedirectResponse,
    responses=problems(
        ProviderNotFoundError,
        ProviderUnwellError,
        SignInRefusedError,
        NoMembershipError,
        InvalidRequestError,
        TooManySignInsError,
    ),
)
async def finish_oidc_sign_in(
    provider: str,
    request: Request,
    parts: PartsOf,
    *,
    state: Parameter = "",
    code: Parameter = "",
    iss: Annotated[str | None, Query(max_length=2_048)] = None,
) -> Response:
    """Take the browser back from a provider: signed in, on the page that was asked for."""
    visit = visit_of(request)
    browser = request.cookies.get(flow_cookie(parts.settings), "")
    try:
        await parts.throttle.admit("provider callback", visit.address or "")
        arrival = await parts.people.providers.finish(
            provider, Answer(state, code, iss, browser), visit=visit, issuer=parts.issuer
        )
    except FlowloomError as error:
        return _refused(error, request)
    return _taken_back(arrival, parts.settings)


def flow_cookie(settings: Settings) -> str:
    """Return the name of the cookie that a browser keeps while it is elsewhere."""
    return "__Host-flowloom_signin" if is_secure(settings) else "flowloom_signin"


def _sent_away(departure: Departure, settings: Settings) -> Response:
    answer = RedirectResponse(departure.address, GONE_ELSEWHERE)
    # Lax, because the way back begins on the provider's page.
    answer.set_cookie(
        flow_cookie(settings),
        departure.browser,
        max_age=int(FLOW_LIFETIME.total_seconds()),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )
    return answer


def _taken_back(arrival: Arrival, settings: Settings) -> Response:
    answer = RedirectResponse(arrival.next_path, GONE_ELSEWHERE)
    answered(arrival.signed_in, answer, settings)
    name, secure = flow_cookie(settings), is_secure(settings)
    answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def _refused(error: FlowloomError, request: Request) -> Response:
    """Send people to the page where they can begin again; programs get the problem."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    name = problem_type(type(error)).rpartition("/")[2]
    return RedirectResponse(f"{SIGN_IN_PAGE}{name}", GONE_ELSEWHERE)
