"""Sessions: set-up, sign-in, renewal and sign-out."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flowloom_contracts.api import LogIn, Me, Session, SetUp, User
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.domain.principals import Principal
from gateway.domain.sign_in import (
    AlreadySetUpError,
    SessionEndedError,
    SetUpTokenError,
    WrongCredentialsError,
)
from gateway.domain.texts import account_key, plain
from gateway.ports import (
    ACCESS_TOKEN_LIFETIME,
    AccessTokens,
    AccountStore,
    NewOwner,
    NewSession,
    PasswordHasher,
    Renewal,
    SignInThrottle,
    TokenSubject,
)
from gateway.usecases.authenticate import Authenticator

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

    async def open(self, user: User, *, workspace_id: str, role: Role) -> SignedIn:
        """Open a session."""
        now = self._clock.now()
        refresh = secrets.token_urlsafe(32)
        session = NewSession(
            id=new_id(),
            user_id=user.id,
            workspace_id=workspace_id,
            refresh_digest=refresh_digest(refresh),
            refresh_until=now + REFRESH_LIFETIME,
            ends_at=now + SESSION_LIFETIME,
        )
        await self._accounts.open_session(session, now=now)
        subject = TokenSubject(user_id=user.id, session_id=session.id, workspace_id=workspace_id, role=role)
        return self._signed_in(user, subject, refresh)

    async def renew(self, presented: str) -> SignedIn:
        """Swap a refresh token for the next; raise SessionEndedError if it does not count."""
        now = self._clock.now()
        refresh = secrets.token_urlsafe(32)
        live = await self._accounts.renew_session(
            Renewal(
                presented=refresh_digest(presented),
                replacement=refresh_digest(refresh),
                refresh_until=now + REFRESH_LIFETIME,
                now=now,
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
    accounts: AccountStore,
    passwords: PasswordHasher,
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
        password_hash=await passwords.hash(request.password.get_secret_value()),
        workspace_id=new_id(),
        workspace=workspace,
    )
    if not await accounts.create_owner(owner, now=clock.now()):
        raise AlreadySetUpError("Sign in instead.")
    return await issuer.open(
        User(id=owner.user_id, email=email), workspace_id=owner.workspace_id, role=Role.OWNER
    )


async def log_in(
    request: LogIn,
    *,
    address: str,
    accounts: AccountStore,
    passwords: PasswordHasher,
    throttle: SignInThrottle,
    issuer: SessionIssuer,
) -> SignedIn:
    """Open a session for a password; unknown addresses take the same time and get the same answer."""
    key = account_key(request.email)
    await throttle.admit(key, address)
    account = await accounts.find_account(key) if key.isprintable() else None
    stored = account.password_hash if account else None
    if not await passwords.matches(request.password.get_secret_value(), stored) or account is None:
        raise WrongCredentialsError("Check both, then try again.")
    await throttle.forgive(key, address)
    return await issuer.open(account.user, workspace_id=account.workspace.id, role=account.role)


async def describe_me(principal: Principal, *, accounts: AccountStore) -> Me:
    """Return who is asking, where, and what they may do."""
    found = await accounts.find_member(principal.user_id, principal.workspace_id)
    if found is None:
        raise UnauthenticatedError("You are no longer a member of this workspace.")
    user, workspace, role = found
    return Me(user=user, workspace=workspace, role=role.value, permissions=sorted(principal.permissions))


async def log_out(
    presented: str, *, accounts: AccountStore, authenticator: Authenticator, clock: Clock
) -> None:
    """End the session of a refresh token: at once here, within two seconds everywhere."""
    await accounts.close_session(refresh_digest(presented), now=clock.now())
    authenticator.forget()
