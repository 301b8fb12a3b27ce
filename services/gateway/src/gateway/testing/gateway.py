"""A whole gateway over fakes, for tests that go through its public interface."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey
from pydantic import SecretStr

from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from gateway.adapters.access_tokens import SignedAccessTokens
from gateway.bootstrap import build_app
from gateway.domain.permissions import Role
from gateway.live.connections import Connections
from gateway.parts import Parts
from gateway.settings import Settings
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.runs import ScriptedRuns
from gateway.testing.sign_in import CountingThrottle, QuickPasswords
from gateway.testing.workflows import InMemoryWorkflows
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.sessions import SessionIssuer

SETUP_TOKEN = "the-token-this-server-was-started-with"
PUBLIC_URL = "http://127.0.0.1:8080"

AsMember = Callable[[str, Role], Awaitable[httpx.AsyncClient]]
"""Signs in a new person with a role in a workspace of their own."""


def fake_settings(**changes: object) -> Settings:
    """Return settings that name nothing real."""
    given: dict[str, object] = {
        "database_url": SecretStr("postgresql+asyncpg://127.0.0.1/none"),
        "redis_url": SecretStr("redis://127.0.0.1/0"),
        "dapr_api_token": SecretStr("sidecar"),
        "app_api_token": SecretStr("app"),
        "setup_token": SecretStr(SETUP_TOKEN),
        "public_url": PUBLIC_URL,
    }
    return Settings.model_validate(given | changes)


class FakePlatform:
    """See `Platform`."""

    def __init__(self) -> None:
        self.missing: list[str] = []

    async def unwell(self) -> list[str]:
        """Return what the test said is missing."""
        return self.missing


@dataclass(slots=True)
class FakeGateway:
    """The fakes behind one application; `app` serves them."""

    settings: Settings = field(default_factory=fake_settings)
    clock: FakeClock = field(default_factory=FakeClock)
    accounts: InMemoryAccounts = field(default_factory=InMemoryAccounts)
    workflows: InMemoryWorkflows = field(default_factory=InMemoryWorkflows)
    streams: InMemoryStreams = field(default_factory=InMemoryStreams)
    passwords: QuickPasswords = field(default_factory=QuickPasswords)
    throttle: CountingThrottle = field(default_factory=CountingThrottle)
    platform: FakePlatform = field(default_factory=FakePlatform)
    signing_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    runs: ScriptedRuns = field(init=False)
    connections: Connections = field(init=False)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        self.runs = ScriptedRuns(streams=self.streams, clock=self.clock)
        self.connections = Connections(credentials=self.accounts, clock=self.clock)
        self.app = build_app(self.settings, self._open)

    @asynccontextmanager
    async def _open(self, settings: Settings) -> AsyncIterator[Parts]:
        tokens = SignedAccessTokens(self.signing_key, issuer=settings.public_url, clock=self.clock)
        self.connections.start()
        yield Parts(
            settings=settings,
            clock=self.clock,
            accounts=self.accounts,
            keys=self.accounts,
            workflows=self.workflows,
            runs=self.runs,
            streams=self.streams,
            pages=self.streams,
            passwords=self.passwords,
            throttle=self.throttle,
            tokens=tokens,
            issuer=SessionIssuer(accounts=self.accounts, tokens=tokens, clock=self.clock),
            authenticator=Authenticator(
                tokens=tokens, accounts=self.accounts, keys=self.accounts, clock=self.clock
            ),
            connections=self.connections,
            platform=self.platform,
        )
        await self.connections.stop()


class Server(uvicorn.Server):
    """A gateway that really listens; its address is known once it has started."""

    @property
    def url(self) -> str:
        """Where it listens."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"
