"""A process of the orchestrator put together from real parts over stores and fakes of the test's choice."""

from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.prices import FREE, CallCosts
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.testing.alarms import FakeAlarms
from flowloom_servicekit.testing.bus import InMemoryEventBus
from flowloom_servicekit.testing.engine import FakeEngine
from flowloom_servicekit.testing.streams import InMemoryStreams
from orchestrator.domain.caps import NO_DAY_LIMITS, DayLimits
from orchestrator.domain.files import FileLimits
from orchestrator.domain.paces import NO_PACE, Pace
from orchestrator.domain.records import OutboxKind, Worker
from orchestrator.local_steps import LocalSteps
from orchestrator.ports.streams import Streams
from orchestrator.step_context import StepParts
from orchestrator.testing.outside import FakeChannel, FakeDocuments
from orchestrator.testing.rules import FakeRules
from orchestrator.testing.schedules import FakeTriggers, InMemorySchedules
from orchestrator.testing.steps import step_parts
from orchestrator.testing.stores import Stores
from orchestrator.usecases.admit import Admissions
from orchestrator.usecases.advance_run import Advance
from orchestrator.usecases.budget_book import BudgetBook
from orchestrator.usecases.control_runs import Controls
from orchestrator.usecases.fork_run import Forks
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.guard_calls import CallGuard, CallPolicy
from orchestrator.usecases.hear_events import EventDelivery
from orchestrator.usecases.keep_files import RunFiles
from orchestrator.usecases.keep_values import ValueKeeper
from orchestrator.usecases.pace_calls import CallPaces
from orchestrator.usecases.publish_audits import AuditPublisher
from orchestrator.usecases.publish_events import UserEventPublisher
from orchestrator.usecases.publish_notices import NoticePublisher
from orchestrator.usecases.read_runs import History
from orchestrator.usecases.reconcile import Reconciler
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.rule_starts import RuledRunStore
from orchestrator.usecases.run_children import ChildRuns
from orchestrator.usecases.schedules import Schedules
from orchestrator.usecases.stops import StopRegistry


class AssembledProcess:
    """The parts of a process, as `bootstrap` puts them together, without sidecars."""

    def __init__(
        self,
        stores: Stores | None = None,
        *,
        model: ModelCaller | None = None,
        streams: Streams | None = None,
        clock: Clock | None = None,
        boot_id: str = "boot-1",
        parts: StepParts | None = None,
        rules: FakeRules | None = None,
        costs: CallCosts = FREE,
        day: DayLimits = NO_DAY_LIMITS,
        pace: Pace = NO_PACE,
    ) -> None:
        self.stores = stores or Stores.in_memory()
        self.model = model or ScriptedModel("ok")
        self.streams: Streams = streams or InMemoryStreams()
        self.clock = clock or SystemClock()
        self.engine, self.bus, self.channel = FakeEngine(), InMemoryEventBus(), FakeChannel()
        self.stops = StopRegistry()
        self.worker = Worker("orchestrator", boot_id)
        self.relay = OutboxRelay(
            outbox=self.stores.outbox,
            streams=self.streams,
            archive=self.stores.archive,
            engine=self.engine,
            bus=self.bus,
            clock=self.clock,
        )
        self.parts = parts or step_parts(values=self.stores.values)
        self.rules = rules or FakeRules()
        self.gate = RunGate(self.stores.runs, self.relay, values=self.parts.values, rules=self.rules)
        self.history = History(
            views=self.stores.views, streams=self.streams, archive=self.stores.archive, keeper=self.relay
        )
        self._guard(CallPolicy(price=costs.price, day=day, pace=pace))
        self._control()
        self._hear()
        self._carry_out(costs)

    @property
    def files(self) -> RunFiles:
        """What keeps files of runs; a run has room for ten versions of a kilobyte."""
        return RunFiles(
            store=self.stores.files,
            values=self.stores.values,
            runs=self.stores.runs,
            views=self.stores.views,
            gate=self.gate,
            relay=self.relay,
            limits=FileLimits(file_bytes=4_096, run_bytes=10_240, versions=10),
            clock=self.clock,
        )

    def _guard(self, policy: CallPolicy) -> None:
        """Make what says no."""
        self.budgets = BudgetBook(self.stores.budgets, self.clock)
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
        self.ruled = RuledRunStore(
            self.stores.runs, rules=self.rules, counts=self.stores.counts, clock=self.clock
        )

    def _control(self) -> None:
        """Make what starts runs, commands them and looks after them."""
        self.forks = Forks(self.stores.views, ValueKeeper(self.stores.values), self.stores.files)
        self.controls = Controls(self.stores.views, self.gate, self.stops, self.channel, self.clock)
        self.documents = FakeDocuments()
        self.children = ChildRuns(
            runs=self.ruled,
            gate=self.gate,
            relay=self.relay,
            forks=self.forks,
            controls=self.controls,
            documents=self.documents,
            clock=self.clock,
        )
        self.children.attach()
        self.reconciler = Reconciler(
            store=self.stores.reaper,
            retention=self.stores.retention,
            children=self.children,
            policies=self.stores.policies,
            clock=self.clock,
            retention_days=30,
        )
        self.admissions = Admissions(
            store=self.stores.admission, relay=self.relay, controls=self.controls, clock=self.clock
        )
        self.relay.watched_by(self.admissions.committed)

    def _hear(self) -> None:
        """Make what hears events and the clock."""
        self.events_heard = EventDelivery(
            events=self.stores.events, gate=self.gate, clock=self.clock, window_s=60
        )
        self.relay.also(OutboxKind.AWAIT, self.events_heard.look_back)
        self.relay.also(OutboxKind.USER_EVENT, UserEventPublisher(self.bus, self.parts.values).publish)
        self.relay.also(OutboxKind.NOTICE, NoticePublisher(self.bus, self.stores.runs).publish)
        self.relay.also(OutboxKind.AUDIT, AuditPublisher(self.bus, self.stores.runs).publish)
        self.alarms, self.triggers = FakeAlarms(), FakeTriggers()
        self.schedules = Schedules(
            store=InMemorySchedules(), alarms=self.alarms, triggers=self.triggers, clock=self.clock
        )

    def _carry_out(self, costs: CallCosts) -> None:
        """Make what carries steps and runs out."""
        self.runner = LocalSteps(
            parts=self.parts,
            model=self.model,
            journal=self.stores.journal,
            runs=self.stores.runs,
            deltas=self.streams,
            guard=self.guard,
            costs=costs,
            relay=self.relay,
            stops=self.stops,
            clock=self.clock,
        )
        self.advancing = Advance(gate=self.gate, runner=self.runner, worker=self.worker, clock=self.clock)
        self.relay.watched_by(self.advancing.notice)
