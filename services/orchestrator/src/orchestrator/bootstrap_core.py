"""The parts of a process that carry runs on, and its connections."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from redis.asyncio import Redis

from flowloom_contracts.topics import AppId
from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.workspace_models import WorkspaceModels, asked_of
from flowloom_servicekit.background import run_beside
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.control import ControlChannel
from flowloom_servicekit.dapr.invoke import ServiceInvoker
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.dapr.workflows import WorkflowEngine
from flowloom_servicekit.database import Database
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.redis_client import connect_redis
from orchestrator.adapters.invoked_rules import InvokedRules
from orchestrator.adapters.invoked_workflows import InvokedWorkflowDocuments
from orchestrator.adapters.postgres_approvals import PostgresApprovals
from orchestrator.adapters.postgres_archive import PostgresArchive
from orchestrator.adapters.postgres_counts import PostgresRunCounts
from orchestrator.adapters.postgres_events import PostgresEvents
from orchestrator.adapters.postgres_files import PostgresFiles
from orchestrator.adapters.postgres_journal import PostgresJournal
from orchestrator.adapters.postgres_outbox import PostgresOutbox
from orchestrator.adapters.postgres_paces import PostgresPaces
from orchestrator.adapters.postgres_policies import PostgresPolicies
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.postgres_stats import PostgresStats
from orchestrator.adapters.postgres_views import PostgresRunViews
from orchestrator.adapters.postgres_workspace_budgets import PostgresWorkspaceBudgets
from orchestrator.adapters.redis_streams import RedisStreams
from orchestrator.bootstrap_people import call_policy
from orchestrator.bootstrap_queue import slots_of
from orchestrator.bootstrap_steps import value_store
from orchestrator.dependencies import Dependencies
from orchestrator.domain.admission import Slots
from orchestrator.domain.files import FileLimits
from orchestrator.domain.records import OutboxKind
from orchestrator.local_steps import LocalSteps
from orchestrator.ports.runs import RunStore
from orchestrator.settings import Settings
from orchestrator.step_context import StepParts
from orchestrator.usecases.archive_run import LongStreams
from orchestrator.usecases.ask_models import ModelQuestions
from orchestrator.usecases.budget_book import BudgetBook
from orchestrator.usecases.call_mcp import AgentCalls, McpTools
from orchestrator.usecases.control_runs import Controls
from orchestrator.usecases.fork_run import Forks
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.guard_calls import CallGuard
from orchestrator.usecases.hear_events import EventDelivery
from orchestrator.usecases.keep_files import RunFiles
from orchestrator.usecases.keep_values import ValueKeeper
from orchestrator.usecases.pace_calls import CallPaces
from orchestrator.usecases.publish_audits import AuditPublisher
from orchestrator.usecases.publish_events import UserEventPublisher
from orchestrator.usecases.publish_notices import NoticePublisher
from orchestrator.usecases.read_runs import History
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.rule_starts import RuledRunStore
from orchestrator.usecases.runs_below import RunsBelow
from orchestrator.usecases.schedules import Schedules
from orchestrator.usecases.stops import StopRegistry
from orchestrator.usecases.workflow_tools import WorkflowTools


@dataclass(frozen=True)
class Outside:
    """Connections that this process holds to what is not its own."""

    redis: Redis
    channel: ControlChannel
    sidecar: Sidecar
    invoker: ServiceInvoker
    bus: EventPublisher
    model: OpenAICaller
    models: WorkspaceModels
    model_settings: ModelSettings

    @classmethod
    async def opened(cls, settings: Settings, stack: AsyncExitStack) -> "Outside":
        """Open everything; it is closed in reverse order with the stack."""
        redis = connect_redis(settings.redis_url.get_secret_value())
        stack.push_async_callback(redis.aclose)
        channel = ControlChannel(settings.redis_url.get_secret_value())
        stack.push_async_callback(channel.close)
        sidecar = await stack.enter_async_context(Sidecar(settings))
        model_settings = ModelSettings()
        client = await stack.enter_async_context(model_client(model_settings))
        invoker = ServiceInvoker(sidecar, ServiceIdentity(AppId.ORCHESTRATOR, settings.keys_dir))
        model = OpenAICaller(client, model_settings)
        models = WorkspaceModels(asked_of(invoker), model_settings, model, allow=settings.outbound_origins)
        stack.push_async_callback(models.aclose)
        return cls(
            redis=redis,
            channel=channel,
            sidecar=sidecar,
            invoker=invoker,
            bus=EventPublisher(sidecar, AppId.ORCHESTRATOR),
            model=model,
            models=models,
            model_settings=model_settings,
        )


class StoresOfProcess:
    """The adapters on one database."""

    def __init__(self, database: Database, slots: Slots) -> None:
        self.runs = PostgresRunStore(database, slots)
        self.counts = PostgresRunCounts(database)
        self.views = PostgresRunViews(database, self.runs)
        self.journal = PostgresJournal(database)
        self.archive = PostgresArchive(database)
        self.stats = PostgresStats(database)
        self.policies = PostgresPolicies(database)
        self.budgets = PostgresWorkspaceBudgets(database)
        self.files = PostgresFiles(database)
        self.paces = PostgresPaces(database)


class Core:
    """What carries runs on in this process."""

    def __init__(
        self, settings: Settings, database: Database, outside: Outside, engine: WorkflowEngine
    ) -> None:
        self._settings, self._database, self._outside = settings, database, outside
        self.clock = SystemClock()
        self.stores = StoresOfProcess(database, slots_of(settings))
        self.streams = RedisStreams(outside.redis)
        self.relay = OutboxRelay(
            outbox=PostgresOutbox(database),
            streams=self.streams,
            archive=self.stores.archive,
            engine=engine,
            bus=outside.bus,
            clock=self.clock,
        )
        self.long_streams = LongStreams(
            streams=self.streams,
            archive=self.stores.archive,
            outbox=PostgresOutbox(database),
            clock=self.clock,
        )
        self.values = ValueKeeper(value_store(settings, database))
        self.rules = InvokedRules(outside.invoker, self.clock)
        at_once = max(settings.database_pool_size - 4, 1)
        self.gate = RunGate(
            self.stores.runs, self.relay, values=self.values, rules=self.rules, at_once=at_once
        )
        self.stops = StopRegistry()
        self.budgets = BudgetBook(self.stores.budgets, self.clock)
        policy = call_policy(settings, outside.model_settings)
        self.guard = CallGuard(
            journal=self.stores.journal,
            gate=self.gate,
            relay=self.relay,
            rules=self.rules,
            budgets=self.budgets,
            policy=policy,
            paces=CallPaces(self.stores.paces, policy.pace, self.clock),
            clock=self.clock,
        )

    def ruled(self, runs: RunStore) -> RunStore:
        """Return the store that takes new runs only where the workspace's rules let them start."""
        return RuledRunStore(runs, rules=self.rules, counts=self.stores.counts, clock=self.clock)

    def events(self, stack: AsyncExitStack) -> EventDelivery:
        """Have users' events sent and heard."""
        window_s = self._settings.event_window_seconds
        events = EventDelivery(
            events=PostgresEvents(self._database), gate=self.gate, clock=self.clock, window_s=window_s
        )
        self.relay.also(OutboxKind.AWAIT, events.look_back)
        publisher = UserEventPublisher(self._outside.bus, self.values)
        self.relay.also(OutboxKind.USER_EVENT, publisher.publish)
        notices = NoticePublisher(self._outside.bus, self.stores.runs)
        self.relay.also(OutboxKind.NOTICE, notices.publish)
        audits = AuditPublisher(self._outside.bus, self.stores.runs)
        self.relay.also(OutboxKind.AUDIT, audits.publish)
        run_beside(stack, "events", events.run)
        return events

    def dependencies(
        self, runs: RunStore, *, events: EventDelivery, mcp: McpTools, schedules: Schedules
    ) -> Dependencies:
        """Return what routes work with."""
        stores, forks = self.stores, Forks(self.stores.views, self.values, self.stores.files)
        documents = InvokedWorkflowDocuments(self._outside.invoker)
        below = RunsBelow(runs, self.gate, self.relay, forks, documents, self.clock)
        return Dependencies(
            runs=runs,
            views=stores.views,
            journal=stores.journal,
            history=History(
                views=stores.views, streams=self.streams, archive=stores.archive, keeper=self.relay
            ),
            gate=self.gate,
            relay=self.relay,
            controls=Controls(stores.views, self.gate, self.stops, self._outside.channel, self.clock),
            forks=forks,
            files=self.files(),
            values=self.values,
            clock=self.clock,
            events=events,
            approvals=PostgresApprovals(self._database),
            guard=self.guard,
            schedules=schedules,
            stats=stores.stats,
            policies=stores.policies,
            budgets=self.budgets,
            models=ModelQuestions(self._outside.model_settings, self._outside.model, self._outside.models),
            mcp=mcp,
            agent_calls=AgentCalls(mcp, self.gate, stores.runs, self.stops, WorkflowTools(below)),
        )

    def files(self) -> RunFiles:
        """Return what keeps files of runs."""
        return RunFiles(
            store=self.stores.files,
            values=self.values.store,
            runs=self.stores.runs,
            views=self.stores.views,
            gate=self.gate,
            relay=self.relay,
            limits=FileLimits(
                file_bytes=self._settings.file_bytes,
                run_bytes=self._settings.files_bytes,
                versions=self._settings.files_per_run,
            ),
            clock=self.clock,
        )

    def runner(self, parts: StepParts) -> LocalSteps:
        """Return what carries local steps out."""
        return LocalSteps(
            parts=parts,
            model=self._outside.model,
            models=self._outside.models,
            journal=self.stores.journal,
            runs=self.stores.runs,
            deltas=self.streams,
            guard=self.guard,
            costs=CallCosts.of(self._outside.model_settings),
            relay=self.relay,
            stops=self.stops,
            clock=self.clock,
        )
