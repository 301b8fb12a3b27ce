"""A whole gateway over fakes, for tests that go through its public interface."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey
from pydantic import SecretStr

from flowloom_servicekit.testing.bus import InMemoryEventBus
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from gateway.adapters.access_tokens import SignedAccessTokens
from gateway.adapters.key_ring import KEY_FILE, KeyRing, add_key
from gateway.adapters.leased_rate_limits import LeasedRateLimits
from gateway.adapters.signing_keys import only
from gateway.bootstrap import build_app
from gateway.bootstrap_desk import work_of
from gateway.desk import Desk
from gateway.domain.permissions import Role
from gateway.domain.rate_limits import rates_from
from gateway.live.connections import Connections
from gateway.live.persons import PersonWatch
from gateway.oidc_ports import Provider
from gateway.parts import Parts
from gateway.people_parts import PeopleParts
from gateway.settings import Settings
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.api_clients import InMemoryApiClients
from gateway.testing.audit import InMemoryAudit
from gateway.testing.automation import (
    InMemoryDeliveries,
    InMemoryOutbox,
    InMemoryTriggers,
    InMemoryVersions,
    SoleLeader,
)
from gateway.testing.control import ScriptedApprovals, ScriptedControl, ScriptedSchedules
from gateway.testing.desk import FakeDesk
from gateway.testing.mail import InMemoryMailer
from gateway.testing.members import fake_people
from gateway.testing.runs import ScriptedRuns
from gateway.testing.sign_in import CountingThrottle, QuickPasswords
from gateway.testing.sign_in_stores import InMemorySecondFactors
from gateway.testing.vault import InMemoryRules, InMemorySecrets
from gateway.testing.workflows import InMemoryWorkflows
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.hooks import HookBook
from gateway.usecases.intake import Intake
from gateway.usecases.relay_deliveries import DeliveryRelay
from gateway.usecases.relay_outbox import OutboxRelay
from gateway.usecases.relays import Relays
from gateway.usecases.runs import Startable
from gateway.usecases.sessions import SessionIssuer
from gateway.usecases.sharing import SharingBook

SETUP_TOKEN = "the-token-this-server-was-started-with"
SIDECAR_TOKEN = "the-sidecar-asks-for-this"
APP_TOKEN = "the-sidecar-shows-this"
PUBLIC_URL = "http://127.0.0.1:8080"

AsMember = Callable[[str, Role], Awaitable[httpx.AsyncClient]]
"""Signs in a new person with a role in a workspace of their own."""


def fake_settings(**changes: object) -> Settings:
    """Return settings that name nothing real."""
    given: dict[str, object] = {
        "database_url": SecretStr("postgresql+asyncpg://127.0.0.1/none"),
        "redis_url": SecretStr("redis://127.0.0.1/0"),
        "dapr_api_token": SecretStr(SIDECAR_TOKEN),
        "app_api_token": SecretStr(APP_TOKEN),
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
    audit: InMemoryAudit = field(default_factory=InMemoryAudit)
    accounts: InMemoryAccounts = field(default_factory=InMemoryAccounts)
    workflows: InMemoryWorkflows = field(default_factory=InMemoryWorkflows)
    streams: InMemoryStreams = field(default_factory=InMemoryStreams)
    passwords: QuickPasswords = field(default_factory=QuickPasswords)
    throttle: CountingThrottle = field(default_factory=CountingThrottle)
    platform: FakePlatform = field(default_factory=FakePlatform)
    signing_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    outbox: InMemoryOutbox = field(default_factory=InMemoryOutbox)
    deliveries: InMemoryDeliveries = field(default_factory=InMemoryDeliveries)
    secrets: InMemorySecrets = field(default_factory=InMemorySecrets)
    rules: InMemoryRules = field(default_factory=InMemoryRules)
    bus: InMemoryEventBus = field(default_factory=InMemoryEventBus)
    mailer: InMemoryMailer = field(default_factory=InMemoryMailer)
    desk: FakeDesk = field(init=False)
    keys_dir: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="flowloom-keys-")))
    providers: dict[str, Provider] = field(default_factory=dict)
    arriving: float = 0.0
    runs: ScriptedRuns = field(init=False)
    control: ScriptedControl = field(init=False)
    approvals: ScriptedApprovals = field(init=False)
    schedules: ScriptedSchedules = field(init=False)
    triggers: InMemoryTriggers = field(init=False)
    versions: InMemoryVersions = field(init=False)
    vault: KeyRing = field(init=False)
    second_factors: InMemorySecondFactors = field(init=False)
    clients: InMemoryApiClients = field(init=False)
    connections: Connections = field(init=False)
    persons: PersonWatch = field(init=False)
    sharing: SharingBook = field(init=False)
    agent_book: AgentBook = field(init=False)
    opened: Desk = field(init=False)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        self.desk = FakeDesk(self.outbox, clock=self.clock)
        self.runs = ScriptedRuns(streams=self.streams, clock=self.clock)
        self.control = ScriptedControl(self.runs, self.clock)
        self.approvals = ScriptedApprovals(self.clock)
        self.schedules = ScriptedSchedules(self.clock)
        self.triggers = InMemoryTriggers(self.deliveries)
        self.versions = InMemoryVersions(self.workflows, self.triggers, self.outbox)
        add_key(self.keys_dir / KEY_FILE)
        self.vault = KeyRing(self.keys_dir / KEY_FILE)
        self.clients = InMemoryApiClients(self.accounts.people)
        self.second_factors = InMemorySecondFactors(self.accounts.people)
        self.sharing = SharingBook(self.desk.shares, self.clock)
        self.agent_book = AgentBook(
            self.desk.agents, self.desk.mcp_servers, self.clock, programs=self.desk.mcp_programs
        )
        self.connections = Connections(credentials=self.accounts, sharing=self.sharing, clock=self.clock)
        self.persons = PersonWatch(
            people=self.desk.notifications,
            approvals=self.approvals,
            presence=self.desk.presence,
            teller=self.streams,
            clock=self.clock,
        )
        self.app = build_app(self.settings, self._open)

    @asynccontextmanager
    async def _open(self, settings: Settings) -> AsyncIterator[Parts]:
        tokens = SignedAccessTokens(only(self.signing_key), issuer=settings.public_url, clock=self.clock)
        self._watch()
        people = self._people()
        self.opened = self.desk.parts(
            people.members,
            self.clock,
            runs=self.runs,
            stores=Startable(self.workflows, self.versions, self.agent_book),
            sharing=self.sharing,
            mcp=self.desk.mcp_book(self.secrets, self.vault),
        )
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
            authenticator=self._authenticator(tokens),
            connections=self.connections,
            persons=self.persons,
            platform=self.platform,
            control=self.control,
            approvals=self.approvals,
            schedules=self.schedules,
            versions=self.versions,
            rules=self.rules,
            secrets=self.secrets,
            vault=self.vault,
            triggers=self.triggers,
            deliveries=self.deliveries,
            events=self.outbox,
            begun=self.outbox,
            hooks=HookBook(triggers=self.triggers, vault=self.vault, clock=self.clock),
            intake=Intake(self.deliveries, clock=self.clock, on_commit=lambda: None),
            relays=Relays(leadership=SoleLeader()),
            mailer=self.mailer,
            audit=self.audit,
            desk=self.opened,
            rates=LeasedRateLimits(rates_from(settings.rates), redis_url=None, clock=self.clock),
            people=people,
        )
        await self._stop()

    async def _stop(self) -> None:
        await asyncio.gather(self.persons.stop(), self.connections.stop())
        shutil.rmtree(self.keys_dir, ignore_errors=True)

    def _watch(self) -> None:
        self.connections.start()
        self.persons.start()

    def _authenticator(self, tokens: SignedAccessTokens) -> Authenticator:
        return Authenticator(
            tokens=tokens,
            accounts=self.accounts,
            keys=self.accounts,
            clients=self.clients,
            sharing=self.sharing,
            clock=self.clock,
        )

    def _people(self) -> PeopleParts:
        return fake_people(
            self.accounts.people,
            factors=self.second_factors,
            clients=self.clients,
            vault=self.vault,
            hasher=self.passwords,
            clock=self.clock,
            providers=self.providers,
            public_url=self.settings.public_url,
        )

    async def relay(self) -> None:
        """Carry out once what the relays would."""
        await OutboxRelay(
            outbox=self.outbox,
            schedules=self.schedules,
            policies=self.desk.policies,
            bus=self.bus,
            audit=self.audit,
            clock=self.clock,
        ).carry_out()
        work = work_of(self.opened, self.settings, self.mailer, self.vault, clock=self.clock)
        for carry_out in work:
            await carry_out()
        await DeliveryRelay(
            deliveries=self.deliveries,
            triggers=self.triggers,
            workflows=self.workflows,
            versions=self.versions,
            runs=self.runs,
            agents=self.agent_book,
            arriving=lambda: self.arriving,
            clock=self.clock,
        ).carry_out()


class Server(uvicorn.Server):
    """A gateway that really listens; its address is known once it has started."""

    @property
    def url(self) -> str:
        """Where it listens."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"
