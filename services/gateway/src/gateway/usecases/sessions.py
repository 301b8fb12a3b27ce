"""Sessions: set-up, sign-in, renewal and sign-out."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.api import LogIn, Me, Session, SetUp, User
from flowloom_contracts.audit import AuditAction, AuditActor, AuditTarget
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.ids import new_id
from gateway.audit_ports import AuditLog
from gateway.domain.audit import INSTALLATION, Deed
from gateway.domain.permissions import Role
from gateway.domain.principals import Principal
from gateway.domain.sign_in import (
    AlreadySetUpError,
    SecondFactorRequiredError,
    SessionEndedError,
    SetUpTokenError,
    WrongCredentialsError,
)
from gateway.domain.texts import account_key, plain
from gateway.identity_ports import PasswordStore
from gateway.ports import (
    ACCESS_TOKEN_LIFETIME,
    AccessTokens,
    Account,
    AccountStore,
    NewOwner,
    NewSession,
    PasswordHasher,
    Renewal,
    SignInThrottle,
    TokenSubject,
    Visit,
)
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.new_passwords import NewPasswords
from gateway.usecases.second_factor import SecondFactors

REFRESH_LIFETIME: Final = timedelta(days=14)
SESSION_LIFETIME: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The answer of a sign-in, and the refresh token for its cookie."""

    session: Session
    refresh_token: str


class SessionIssuer:
    """Opens and renews sessions; refresh tokens are 256 random bits of which only a digest is kept."""

    def __init__(self, *, accounts: AccountStore, tokens: AccessTokens, clock: Clock) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._clock = clock

    async def open(self, user: User, *, workspace_id: str, role: Role, visit: Visit) -> SignedIn:
        """Open a session; its id was never known to anybody before."""
        now = self._clock.now()
        refresh = secrets.token_urlsafe(32)
        session = NewSession(
            id=new_id(),
            user_id=user.id,
            workspace_id=workspace_id,
            refresh_digest=refresh_digest(refresh),
            refresh_until=now + REFRESH_LIFETIME,
            ends_at=now + SESSION_LIFETIME,
            visit=visit,
        )
        await self._accounts.open_session(session, now=now)
        subject = TokenSubject(user_id=user.id, session_id=session.id, workspace_id=workspace_id, role=role)
        return self._signed_in(user, subject, refresh)

    async def renew(self, presented: str, *, visit: Visit) -> SignedIn:
        """Swap a refresh token for the next; raise SessionEndedError if it does not count."""
        now = self._clock.now()
        refresh = secrets.token_urlsafe(32)
        live = await self._accounts.renew_session(
            Renewal(
                presented=refresh_digest(presented),
                replacement=refresh_digest(refresh),
                refresh_until=now + REFRESH_LIFETIME,
                now=now,
                visit=visit,
            )
        )
        if live is None:
            raise SessionEndedError("Sign in again.")
        subject = TokenSubject(
            user_id=live.user.id, session_id=live.id, workspace_id=live.workspace_id, role=live.role
        )
        return self._signed_in(live.user, subject, refresh)

    def _signed_in(self, user: User, subject: TokenSubject, refresh: str) -> SignedIn:
        session = Session(
            access_token=self._tokens.issue(subject),
            expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
            user=user,
        )
        return SignedIn(session=session, refresh_token=refresh)


def refresh_digest(token: str) -> bytes:
    """Return what is kept of a refresh token."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


async def set_up(
    request: SetUp,
    *,
    expected_token: str | None,
    visit: Visit,
    accounts: AccountStore,
    new_passwords: NewPasswords,
    issuer: SessionIssuer,
    clock: Clock,
) -> SignedIn:
    """Create the first owner, once, for whoever holds the token this server was started with."""
    given = request.setup_token.get_secret_value().encode(errors="replace")
    if expected_token is None or not hmac.compare_digest(given, expected_token.encode()):
        raise SetUpTokenError("It is printed or kept by whoever started the server.")
    email, workspace = plain(request.email, "email"), plain(request.workspace, "workspace")
    if await accounts.is_set_up():
        raise AlreadySetUpError("Sign in instead.")
    owner = NewOwner(
        user_id=new_id(),
        email=email,
        password_hash=await new_passwords.hashed(request.password.get_secret_value(), email, workspace),
        workspace_id=new_id(),
        workspace=workspace,
    )
    if not await accounts.create_owner(owner, now=clock.now()):
        raise AlreadySetUpError("Sign in instead.")
    return await issuer.open(
        User(id=owner.user_id, email=email), workspace_id=owner.workspace_id, role=Role.OWNER, visit=visit
    )


async def log_in(
    request: LogIn,
    *,
    visit: Visit,
    accounts: AccountStore,
    passwords: PasswordHasher,
    kept_passwords: PasswordStore,
    second_factors: SecondFactors,
    throttle: SignInThrottle,
    issuer: SessionIssuer,
    audit: AuditLog,
    clock: Clock,
) -> SignedIn:
    """Open a session for a password; unknown addresses take the same time and get the same answer."""
    key, address = account_key(request.email), visit.address or ""
    async with passwords.turn() as hashing:
        await throttle.admit(key, address)
        account = await accounts.find_account(key) if key.isprintable() else None
        stored = account.password_hash if account else None
        password = request.password.get_secret_value()
        if not await hashing.matches(password, stored) or account is None or stored is None:
            await audit.add(_refused(key, account, visit, at=clock.now()))
            raise WrongCredentialsError("Check both, then try again.")
        if account.has_second_factor:
            if request.totp is None:
                raise SecondFactorRequiredError("Send it as `totp`.")
            await second_factors.check(account.user.id, request.totp.get_secret_value())
        await throttle.forgive(key, address)
        newer = await hashing.renewed(password, stored)
        if newer is not None:
            await kept_passwords.rehash(account.user.id, stored, newer)
        return await issuer.open(
            account.user, workspace_id=account.workspace.id, role=account.role, visit=visit
        )


def _refused(key: str, account: Account | None, visit: Visit, *, at: datetime) -> Deed:
    """Return what is written down of a wrong password, in the workspace of the account or of nobody."""
    return Deed(
        action=AuditAction.SESSION_REFUSED,
        workspace_id=INSTALLATION if account is None else account.workspace.id,
        actor=AuditActor(kind="nobody"),
        at=at,
        target=None if account is None else AuditTarget(kind="user", id=account.user.id),
        details={"account": key, "address": visit.address},
        outcome="refused",
    )


async def describe_me(principal: Principal, *, accounts: AccountStore) -> Me:
    """Return who is asking, where, and what they may do."""
    found = await accounts.find_member(principal.user_id, principal.workspace_id)
    if found is None:
        raise UnauthenticatedError("You are no longer a member of this workspace.")
    user, workspace, role = found
    return Me(user=user, workspace=workspace, role=role.name, permissions=sorted(principal.permissions))


async def log_out(
    presented: str, *, accounts: AccountStore, authenticator: Authenticator, clock: Clock
) -> None:
    """End the session of a refresh token: at once here, within two seconds everywhere."""
    await accounts.close_session(refresh_digest(presented), now=clock.now())
    authenticator.forget()
