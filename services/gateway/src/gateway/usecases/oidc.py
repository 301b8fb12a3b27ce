"""Sign-in with an identity provider: sent there, taken back once, let in by what its claims decide."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from authlib.common.security import generate_token

from flowloom_contracts.sign_in import SignInProvider, SignInProviders
from flowloom_servicekit.clock import Clock
from gateway.domain.next_paths import own_path
from gateway.domain.providers import (
    NoMembershipError,
    ProviderNotFoundError,
    SignInRefusedError,
    memberships,
    shown_address,
)
from gateway.domain.tokens import token_digest
from gateway.oidc_ports import Elsewhere, Flow, FlowStore, IdentityStore, Leaving, Provider, Returned
from gateway.ports import Visit
from gateway.usecases.sessions import SessionIssuer, SignedIn

FLOW_LIFETIME: Final = timedelta(minutes=10)
VERIFIER_CHARS: Final = 64
PATH: Final = "/v1/auth/oidc"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and the secret that it keeps in a cookie meanwhile."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new session, and the page that was asked for before."""

    signed_in: SignedIn
    next_path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in the address of the callback."""

    state: str
    code: str
    issuer: str | None
    browser: str


class ProviderSignIn:
    """All providers of this server."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        flows: FlowStore,
        identities: IdentityStore,
        public_url: str,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._flows = flows
        self._identities = identities
        self._public_url = public_url
        self._clock = clock

    def describe(self) -> SignInProviders:
        """Return the ways to sign in."""
        items = [
            SignInProvider(id=one.id, title=one.title, start=f"{PATH}/{one.id}/start")
            for one in self._providers.values()
        ]
        return SignInProviders(password=True, items=items)

    async def start(self, provider_id: str, next_path: str | None) -> Departure:
        """Begin a sign-in: state, nonce and verifier stay here, bound to this browser."""
        provider = self._provider(provider_id)
        now, browser = self._clock.now(), secrets.token_urlsafe(32)
        leaving = Leaving(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=generate_token(VERIFIER_CHARS),
            redirect_uri=self._redirect_uri(provider),
        )
        address = await provider.address(leaving)
        flow = Flow(
            state_digest=token_digest(leaving.state),
            browser_digest=token_digest(browser),
            provider=provider.id,
            nonce=leaving.nonce,
            verifier=leaving.verifier,
            next_path=own_path(next_path),
            expires_at=now + FLOW_LIFETIME,
        )
        await self._flows.add(flow, now=now)
        return Departure(address, browser)

    async def finish(
        self, provider_id: str, answer: Answer, *, visit: Visit, issuer: SessionIssuer
    ) -> Arrival:
        """Take a browser back; raise SignInRefusedError for any answer that this browser did not ask for."""
        provider = self._provider(provider_id)
        flow = await self._flows.take(
            token_digest(answer.state), token_digest(answer.browser), now=self._clock.now()
        )
        if flow is None or flow.provider != provider.id:
            raise SignInRefusedError(
                "Begin again: the sign-in was finished, given up, or of another browser."
            )
        if not answer.code:
            raise SignInRefusedError("The provider has refused.")
        returned = Returned(
            code=answer.code,
            issuer=answer.issuer,
            nonce=flow.nonce,
            verifier=flow.verifier,
            redirect_uri=self._redirect_uri(provider),
        )
        claims = await provider.claims(returned)
        subject, issued_by = str(claims["sub"]), str(claims["iss"])
        person = Elsewhere(
            issuer=issued_by,
            subject=subject,
            provider=provider.id,
            address=shown_address(claims, subject=subject, provider=provider.id),
            memberships=memberships(provider.rules, claims),
        )
        entered = await self._identities.sign_in(person, now=self._clock.now())
        if entered is None:
            raise NoMembershipError("Ask who manages the workspace to let you in.")
        signed_in = await issuer.open(
            entered.user, workspace_id=entered.workspace_id, role=entered.role, visit=visit
        )
        return Arrival(signed_in, flow.next_path)

    def _provider(self, provider_id: str) -> Provider:
        provider = self._providers.get(provider_id)
        if provider is None:
            raise ProviderNotFoundError(f"No provider {provider_id[:40]!r} here.")
        return provider

    def _redirect_uri(self, provider: Provider) -> str:
        return f"{self._public_url}{PATH}/{provider.id}/callback"
