"""The caller's own second factor."""

from typing import Final

from fastapi import APIRouter, Request

from flowloom_contracts.api import User
from flowloom_contracts.sign_in import (
    ConfirmCode,
    ConfirmPassword,
    RecoveryCodes,
    SecondFactor,
    SecondFactorBegun,
)
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.principals import Principal
from gateway.domain.sign_in import TooManySignInsError, WrongCodeError, WrongCredentialsError
from gateway.parts import Parts, PartsOf
from gateway.routes.cookies import visit_of
from gateway.routes.guards import InPerson
from gateway.usecases.mails import second_factor_mail
from gateway.usecases.passwords import NoPasswordError, confirm_password, tell
from gateway.usecases.second_factor import SecondFactorOffError, SecondFactorOnError

router: Final = APIRouter(
    prefix="/v1/me/totp", tags=["auth"], responses=problems(UnauthenticatedError, ForbiddenError)
)
CONFIRMED: Final = problems(
    UnauthenticatedError,
    WrongCredentialsError,
    TooManySignInsError,
    InvalidRequestError,
    NoPasswordError,
)


@router.get("")
async def describe_totp(principal: InPerson, parts: PartsOf) -> SecondFactor:
    """Say whether sign-in asks for a code, and how many recovery codes are left."""
    return await parts.people.second_factors.describe(principal.user_id)


@router.post("", status_code=201, responses={**CONFIRMED, **problems(NoPasswordError, SecondFactorOnError)})
async def begin_totp(
    body: ConfirmPassword, principal: InPerson, request: Request, parts: PartsOf
) -> SecondFactorBegun:
    """Make a secret for an authenticator; nothing changes before a code of it is confirmed."""
    await _confirm(body, principal, request, parts)
    user = User(id=principal.user_id, email=principal.email or "")
    return await parts.people.second_factors.begin(user)


@router.post(
    "/confirm",
    responses={
        **problems(UnauthenticatedError, WrongCodeError, TooManySignInsError, InvalidRequestError),
        **problems(SecondFactorOffError, SecondFactorOnError),
    },
)
async def confirm_totp(
    body: ConfirmCode, principal: InPerson, request: Request, parts: PartsOf
) -> RecoveryCodes:
    """Ask for codes from now on; the recovery codes are shown only here."""
    await parts.throttle.admit(f"code of {principal.user_id}", visit_of(request).address or "")
    codes = await parts.people.second_factors.confirm(principal.user_id, body.code)
    await _tell(principal, parts, enabled=True)
    return codes


@router.post("/recovery-codes", responses={**CONFIRMED, **problems(NoPasswordError, SecondFactorOffError)})
async def renew_recovery_codes(
    body: ConfirmPassword, principal: InPerson, request: Request, parts: PartsOf
) -> RecoveryCodes:
    """Replace the recovery codes; the old ones work no longer."""
    await _confirm(body, principal, request, parts)
    return await parts.people.second_factors.renew_recovery(principal.user_id)


@router.post("/disable", status_code=204, responses=CONFIRMED)
async def disable_totp(body: ConfirmPassword, principal: InPerson, request: Request, parts: PartsOf) -> None:
    """Ask for no code any more."""
    await _confirm(body, principal, request, parts)
    await parts.people.second_factors.remove(principal.user_id)
    await _tell(principal, parts, enabled=False)


async def _confirm(body: ConfirmPassword, principal: Principal, request: Request, parts: Parts) -> None:
    await confirm_password(
        body.password.get_secret_value(),
        principal,
        visit=visit_of(request),
        passwords=parts.people.passwords,
        hasher=parts.passwords,
        throttle=parts.throttle,
    )


async def _tell(principal: Principal, parts: Parts, *, enabled: bool) -> None:
    to = principal.email or ""
    await tell(parts.mailer, second_factor_mail(to=to, enabled=enabled, at=parts.clock.now()))
