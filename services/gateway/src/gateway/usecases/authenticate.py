"""From a credential to a principal: tokens and keys, and whether they still count."""

from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from typing import Final, Generic, TypeVar

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UnauthenticatedError
from gateway.domain.api_keys import digest_of, is_well_formed
from gateway.domain.permissions import EVERYTHING, granted
from gateway.domain.principals import Principal
from gateway.identity_ports import ApiClientStore, LiveClient
from gateway.ports import AccessTokens, AccountStore, ApiKeyStore, TokenClaims
from gateway.usecases.sharing import SharingBook

TRUST_SECONDS: Final = 1.0
"""How long a session or key found alive is not asked for again; revocation must hold within 2 s."""

KEY_PREFIX: Final = "flk_"
_KEPT: Final = 4_096
_TOUCH_EVERY: Final = timedelta(minutes=1)

K = TypeVar("K")
V = TypeVar("V")


class Authenticator:
    """Judges credentials; every answer is at most a second old."""

    def __init__(
        self,
        *,
        tokens: AccessTokens,
        accounts: AccountStore,
        keys: ApiKeyStore,
        clients: ApiClientStore,
        sharing: SharingBook,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._keys = keys
        self._sharing = sharing
        self._clock = clock
        self._sessions: _Recent[str, Principal] = _Recent(clock)
        self._live_keys: _Recent[bytes, Principal] = _Recent(clock)
        self._clients = clients
        self._live_clients: _Recent[str, LiveClient] = _Recent(clock)

    async def by_credential(self, credential: str) -> Principal:
        """Return who holds an access token or API key; raise UnauthenticatedError if nobody does."""
        if credential.startswith(KEY_PREFIX):
            return await self.by_key(credential)
        return await self.by_token(credential)

    async def by_token(self, token: str) -> Principal:
        """Return the person of an access token, with the role they have now."""
        claims = self._tokens.verify(token)
        if claims.client_id is not None:
            return await self._by_client(claims.client_id, claims)
        known = self._sessions.get(claims.session_id)
        if known is None:
            live = await self._accounts.live_session(claims.session_id, now=self._clock.now())
            if live is None:
                raise UnauthenticatedError("The session has ended.")
            known = Principal(
                user_id=live.user.id,
                workspace_id=live.workspace_id,
                role=live.role,
                permissions=granted(live.role, (EVERYTHING,)),
                email=live.user.email,
                session_id=live.id,
            )
            self._sessions.put(claims.session_id, known)
        if (known.user_id, known.workspace_id) != (claims.user_id, claims.workspace_id):
            raise UnauthenticatedError("The access token is not one of ours.")
        return await self._sharing.limited(replace(known, token_expires_at=claims.expires_at))

    async def _by_client(self, client_id: str, claims: TokenClaims) -> Principal:
        """Return the client of an access token, within the scopes that it asked for."""
        live = self._live_clients.get(client_id)
        if live is None:
            live = await self._clients.live(client_id, now=self._clock.now())
            if live is None:
                raise UnauthenticatedError("The API client is revoked or has expired.")
            self._live_clients.put(client_id, live)
        if (live.user_id, live.workspace_id) != (claims.user_id, claims.workspace_id):
            raise UnauthenticatedError("The access token is not one of ours.")
        client = Principal(
            user_id=live.user_id,
            workspace_id=live.workspace_id,
            role=live.role,
            permissions=granted(live.role, live.scopes) & granted(live.role, claims.scopes),
            email=live.email,
            client_id=live.id,
            token_expires_at=claims.expires_at,
        )
        return await self._sharing.limited(client)

    async def by_key(self, text: str) -> Principal:
        """Return the key as a principal."""
        if not is_well_formed(text):
            raise UnauthenticatedError("The API key is not one of ours.")
        digest = digest_of(text)
        known = self._live_keys.get(digest)
        if known is not None:
            return await self._sharing.limited(known)
        now = self._clock.now()
        live = await self._keys.live_key(digest, now=now)
        if live is None:
            raise UnauthenticatedError("The API key is unknown, revoked or has expired.")
        if live.last_used_at is None or now - live.last_used_at > _TOUCH_EVERY:
            await self._keys.touch(live.id, now=now)
        principal = Principal(
            user_id=live.user_id,
            workspace_id=live.workspace_id,
            role=live.role,
            permissions=granted(live.role, live.scopes),
            email=live.email,
            key_id=live.id,
        )
        self._live_keys.put(digest, principal)
        return await self._sharing.limited(principal)

    def forget(self) -> None:
        """Ask the store again for everybody: something was revoked here."""
        self._sessions.clear()
        self._live_keys.clear()
        self._live_clients.clear()


class _Recent(Generic[K, V]):
    """What was true less than a second ago, bounded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        if found is None or found[0] <= self._clock.monotonic():
            return None
        return found[1]

    def put(self, key: K, value: V) -> None:
        self._kept[key] = (self._clock.monotonic() + TRUST_SECONDS, value)
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        self._kept.clear()
