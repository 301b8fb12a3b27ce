"""Passwords: changed by who knows the old one, replaced by who reads the mail."""

import secrets
from datetime import timedelta
from typing import Final

import structlog

from flowloom_contracts.sign_in import ChangePassword, ForgottenPassword, ResetPassword
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError, NotFoundError, UnauthenticatedError
from gateway.domain.principals import Principal
from gateway.domain.sign_in import WrongCredentialsError
from gateway.domain.texts import account_key
from gateway.domain.tokens import token_digest
from gateway.identity_ports import PasswordStore
from gateway.mail_ports import Mail, Mailer, MailNotSentError
from gateway.ports import AccountStore, PasswordHasher, SignInThrottle, Visit
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.mails import password_changed_mail, reset_mail
from gateway.usecases.new_passwords import NewPasswords
from gateway.usecases.sessions import SessionIssuer, SignedIn

log = structlog.get_logger(__name__)

PAGE: Final = "/reset-password#"
LINK_MINUTES: Final = 30


class ResetLinkNotFoundError(NotFoundError):
    """There is no such link, or it was used or has expired."""

    title = "The link does not work any more"


class NoPasswordError(ConflictError):
    """The account signs in with an identity provider."""

    title = "This account has no password"


async def mail_reset_link(
    body: ForgottenPassword,
    *,
    public_url: str,
    accounts: AccountStore,
    passwords: PasswordStore,
    mailer: Mailer,
    clock: Clock,
) -> None:
    """Mail a link if the address has an account with a password; the caller has been answered already."""
    key = account_key(body.email)
    account = await accounts.find_account(key) if key.isprintable() else None
    if account is None or account.password_hash is None:
        return
    now, token = clock.now(), secrets.token_urlsafe(32)
    until = now + timedelta(minutes=LINK_MINUTES)
    await passwords.add_reset(account.user.id, token_digest(token), now=now, until=until)
    link = f"{public_url}{PAGE}{token}"
    await tell(mailer, reset_mail(to=account.user.email, link=link, minutes=LINK_MINUTES))


async def reset_password(
    body: ResetPassword,
    *,
    passwords: PasswordStore,
    new_passwords: NewPasswords,
    authenticator: Authenticator,
    mailer: Mailer,
    clock: Clock,
) -> None:
    """Set a password by a link; nobody is signed in by it, so that a second factor is asked for."""
    digest = token_digest(body.token.get_secret_value())
    user = await passwords.find_reset(digest, now=clock.now())
    if user is None:
        raise ResetLinkNotFoundError("Ask for another.")
    hashed = await new_passwords.hashed(body.password.get_secret_value(), user.email)
    if await passwords.use_reset(digest, hashed, now=clock.now()) is None:
        raise ResetLinkNotFoundError("Ask for another.")
    authenticator.forget()
    await tell(mailer, password_changed_mail(to=user.email, at=clock.now()))


async def change_password(
    body: ChangePassword,
    principal: Principal,
    *,
    visit: Visit,
    passwords: PasswordStore,
    hasher: PasswordHasher,
    new_passwords: NewPasswords,
    throttle: SignInThrottle,
    issuer: SessionIssuer,
    authenticator: Authenticator,
    mailer: Mailer,
    clock: Clock,
) -> SignedIn:
    """Set a password; all sessions end, and the caller goes on in a new one."""
    await confirm_password(
        body.current_password.get_secret_value(),
        principal,
        visit=visit,
        passwords=passwords,
        hasher=hasher,
        throttle=throttle,
    )
    about = principal.email or ""
    hashed = await new_passwords.hashed(body.new_password.get_secret_value(), about, field="new_password")
    await passwords.put(principal.user_id, hashed, now=clock.now())
    authenticator.forget()
    found = await passwords.of_user(principal.user_id)
    if found is None:
        raise UnauthenticatedError("The account is gone.")
    await tell(mailer, password_changed_mail(to=found[0].email, at=clock.now()))
    return await issuer.open(found[0], workspace_id=principal.workspace_id, role=principal.role, visit=visit)


async def confirm_password(
    password: str,
    principal: Principal,
    *,
    visit: Visit,
    passwords: PasswordStore,
    hasher: PasswordHasher,
    throttle: SignInThrottle,
) -> None:
    """Raise WrongCredentialsError unless the caller knows their password; guessing is throttled."""
    found = await passwords.of_user(principal.user_id)
    if found is None or found[1] is None:
        raise NoPasswordError("It signs in with an identity provider, which keeps the password.")
    key, address = f"password of {principal.user_id}", visit.address or ""
    await throttle.admit(key, address)
    if not await hasher.matches(password, found[1]):
        raise WrongCredentialsError("The password is not yours.")
    await throttle.forgive(key, address)


async def tell(mailer: Mailer, mail: Mail) -> None:
    """Send a notice; what was done stays done when it cannot be sent."""
    try:
        await mailer.send(mail)
    except MailNotSentError as error:
        log.warning("a mail about a password was not sent", error=repr(error))
