"""What sign-in with identity providers needs from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.base import JsonValue
from gateway.domain.providers import MembershipRule
from gateway.ports import LiveSession


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in that has left for a provider: what must come back, and with which browser."""

    state_digest: bytes
    browser_digest: bytes
    provider: str
    nonce: str
    verifier: str
    next_path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the browser takes to the provider."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser has brought back, and what it was sent with."""

    code: str
    issuer: str | None
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A person as a provider's verified claims tell of them."""

    issuer: str
    subject: str
    provider: str
    address: str
    memberships: Mapping[str, str]


class FlowStore(Protocol):
    """Sign-ins that are under way; each comes back once."""

    async def add(self, flow: Flow, *, now: datetime) -> None:
        """Store a flow, and forget those that are over."""

    async def take(self, state_digest: bytes, browser_digest: bytes, *, now: datetime) -> Flow | None:
        """Use up a flow; None if it is unknown, over, used, or of another browser."""


class IdentityStore(Protocol):
    """Accounts of people who sign in elsewhere, found by issuer and subject alone."""

    async def sign_in(self, person: Elsewhere, *, now: datetime) -> LiveSession | None:
        """Return who it is and where they enter; the `id` is empty, since no session is open yet.

        Makes the account at the first time, gives and takes the memberships that this provider decides about,
        and returns None when no workspace lets the person in.
        """


class Provider(Protocol):
    """One identity provider."""

    @property
    def id(self) -> str:
        """Return its name in paths."""

    @property
    def title(self) -> str:
        """Return its name for people."""

    @property
    def rules(self) -> tuple[MembershipRule, ...]:
        """Return what decides about memberships."""

    async def address(self, leaving: Leaving) -> str:
        """Return where to send the browser."""

    async def claims(self, returned: Returned) -> Mapping[str, JsonValue]:
        """Redeem a code; raise SignInRefusedError unless the provider's signed answer is to our question."""
