"""The real parts of what starts runs by itself; `bootstrap` puts them beside the others."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypedDict

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.dapr.publish import EventBus
from flowloom_servicekit.database import Database
from gateway.adapters.audit_trail import PostgresAuditLog
from gateway.adapters.key_ring import KEY_FILE, KeyRing
from gateway.adapters.leadership import AdvisoryLeadership
from gateway.adapters.orchestrator_control import OrchestratorSchedules
from gateway.adapters.orchestrator_figures import OrchestratorPolicies
from gateway.adapters.postgres_deliveries import PostgresDeliveryStore
from gateway.adapters.postgres_outbox import PostgresOutbox
from gateway.adapters.postgres_triggers import PostgresTriggerStore
from gateway.adapters.postgres_versions import PostgresVersionStore
from gateway.audit_ports import AuditLog, BegunDeeds
from gateway.control_ports import Schedules
from gateway.ports import Runs, WorkflowStore
from gateway.settings import Settings
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.hooks import HookBook
from gateway.usecases.intake import Intake
from gateway.usecases.relay_deliveries import DeliveryRelay
from gateway.usecases.relay_outbox import OutboxRelay
from gateway.usecases.relays import Relays, Tidying
from gateway.version_ports import DeliveryStore, EventStore, TriggerStore, VersionStore


class AutomationParts(TypedDict):
    """What the routes see of it."""

    schedules: Schedules
    versions: VersionStore
    triggers: TriggerStore
    deliveries: DeliveryStore
    events: EventStore
    begun: BegunDeeds
    audit: AuditLog
    hooks: HookBook
    intake: Intake
    relays: Relays


@dataclass(frozen=True, slots=True)
class Automation:
    """Versions, triggers, deliveries and the relays that carry them out."""

    clock: Clock
    vault: KeyRing
    versions: PostgresVersionStore
    triggers: PostgresTriggerStore
    deliveries: PostgresDeliveryStore
    outbox: PostgresOutbox
    audit: PostgresAuditLog
    schedules: OrchestratorSchedules
    policies: OrchestratorPolicies
    leadership: AdvisoryLeadership
    relays: Relays
    intake: Intake
    hooks: HookBook

    def parts(self) -> AutomationParts:
        """Return what the routes see of it."""
        return AutomationParts(
            schedules=self.schedules,
            versions=self.versions,
            triggers=self.triggers,
            deliveries=self.deliveries,
            events=self.outbox,
            begun=self.outbox,
            audit=self.audit,
            hooks=self.hooks,
            intake=self.intake,
            relays=self.relays,
        )

    @asynccontextmanager
    async def working(
        self,
        bus: EventBus,
        workflows: WorkflowStore,
        runs: Runs,
        *more: Callable[[], Awaitable[int]],
        agents: AgentBook,
    ) -> AsyncIterator[None]:
        """Let the relays work beside the requests; at the end take in what has arrived, then stop."""
        delivering = DeliveryRelay(
            deliveries=self.deliveries,
            triggers=self.triggers,
            workflows=workflows,
            versions=self.versions,
            runs=runs,
            agents=agents,
            arriving=self.intake.per_second,
            clock=self.clock,
        )
        telling = OutboxRelay(
            outbox=self.outbox,
            schedules=self.schedules,
            policies=self.policies,
            bus=bus,
            audit=self.audit,
            clock=self.clock,
        )
        tidying = Tidying(deliveries=self.deliveries, events=self.outbox, clock=self.clock)
        self.relays.start(delivering.carry_out, telling.carry_out, tidying.carry_out, *more)
        try:
            yield
        finally:
            await self.intake.settled()
            await self.relays.stop()
            await self.leadership.close()


def open_automation(settings: Settings, *, database: Database, invoker: Invoker, clock: Clock) -> Automation:
    """Return the parts; raise KeyFileError without the vault's keys."""
    leadership = AdvisoryLeadership(settings.database_url.get_secret_value(), clock)
    relays = Relays(leadership=leadership)
    vault = KeyRing(settings.keys_dir / KEY_FILE)
    triggers, deliveries = PostgresTriggerStore(database), PostgresDeliveryStore(database)
    return Automation(
        clock=clock,
        vault=vault,
        versions=PostgresVersionStore(database),
        triggers=triggers,
        deliveries=deliveries,
        outbox=PostgresOutbox(database),
        audit=PostgresAuditLog(database),
        schedules=OrchestratorSchedules(invoker),
        policies=OrchestratorPolicies(invoker),
        leadership=leadership,
        relays=relays,
        intake=Intake(deliveries, clock=clock, on_commit=relays.wake),
        hooks=HookBook(triggers=triggers, vault=vault, clock=clock),
    )
