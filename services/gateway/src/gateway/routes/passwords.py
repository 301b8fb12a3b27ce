"""Passwords: forgotten, replaced by a link, changed."""

from typing import Final

from fastapi import APIRouter, BackgroundTasks, Request, Response

from flowloom_contracts.api import Session
from flowloom_contracts.sign_in import ChangePassword, ForgottenPassword, ResetPassword
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.sign_in import TooManySignInsError, WrongCredentialsError
from gateway.domain.texts import account_key
from gateway.parts import PartsOf
from gateway.routes.cookies import answered, visit_of
from gateway.routes.guards import InPerson
from gateway.usecases import passwords as usecases

router: Final = APIRouter(tags=["auth"], responses=problems(InvalidRequestError, TooManySignInsError))


@router.post("/v1/auth/password/forgot", status_code=202)
async def forget_password(
    body: ForgottenPassword, request: Request, background: BackgroundTasks, parts: PartsOf
) -> None:
    """Mail a link to choose a new password; the answer is the same whether the address is known or not."""
    address = visit_of(request).address or ""
    await parts.throttle.admit(f"reset of {account_key(body.email)}", address)
    background.add_task(
        usecases.mail_reset_link,
        body,
        public_url=parts.settings.public_url,
        accounts=parts.accounts,
        passwords=parts.people.passwords,
        mailer=parts.mailer,
        clock=parts.clock,
    )


@router.post("/v1/auth/password/reset", status_code=204, responses=problems(usecases.ResetLinkNotFoundError))
async def reset_password(body: ResetPassword, request: Request, parts: PartsOf) -> None:
    """Choose a password with the link of the mail; every session of the account ends."""
    await parts.throttle.admit("reset link", visit_of(request).address or "")
    await usecases.reset_password(
        body,
        passwords=parts.people.passwords,
        new_passwords=parts.people.new_passwords,
        authenticator=parts.authenticator,
        mailer=parts.mailer,
        clock=parts.clock,
    )


@router.post(
    "/v1/me/password",
    responses=problems(UnauthenticatedError, WrongCredentialsError, ForbiddenError, usecases.NoPasswordError),
)
async def change_password(
    body: ChangePassword, principal: InPerson, parts: PartsOf, *, request: Request, response: Response
) -> Session:
    """Change one's own password; every session ends, and the answer is a new one."""
    signed_in = await usecases.change_password(
        body,
        principal,
        visit=visit_of(request),
        passwords=parts.people.passwords,
        hasher=parts.passwords,
        new_passwords=parts.people.new_passwords,
        throttle=parts.throttle,
        issuer=parts.issuer,
        authenticator=parts.authenticator,
        mailer=parts.mailer,
        clock=parts.clock,
    )
    return answered(signed_in, response, parts.settings)
