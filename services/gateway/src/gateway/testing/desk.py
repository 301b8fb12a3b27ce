"""What people see and set beside workflows and runs, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from flowloom_contracts.mcp_programs import McpProgram
from flowloom_contracts.preferences import PolicySet, Preferences, SaveSettings, WorkspacePolicy
from flowloom_contracts.presence import KeptAgent
from flowloom_contracts.runs import WorkflowRef
from flowloom_contracts.stats import (
    HOURS,
    Figure,
    InProgress,
    OverviewQuery,
    RunFigures,
    UsageQuery,
    UsageReport,
    UsageRow,
)
from flowloom_contracts.templates import TemplateDocument
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import PreconditionFailedError
from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.folder_templates import FolderTemplates
from gateway.desk import Desk
from gateway.desk_ports import KeptPreferences, StoredSettings
from gateway.identity_ports import MemberStore
from gateway.ports import Runs
from gateway.testing.agents import InMemoryAgents
from gateway.testing.automation import InMemoryOutbox
from gateway.testing.budgets import InMemoryBudgets
from gateway.testing.conversations import InMemoryConversations
from gateway.testing.evaluations import InMemoryDatasets, InMemoryEvaluations
from gateway.testing.knowledge import InMemoryKnowledge
from gateway.testing.mcp import InMemoryMcpServers, ScriptedMcpCalls
from gateway.testing.models import InMemoryModels, ScriptedModelCalls
from gateway.testing.notices import InMemoryEndpoints, InMemoryNotifications, ScriptedSender
from gateway.testing.sharing import InMemorySharing
from gateway.usecases.answers import Answers
from gateway.usecases.evaluating import Evaluating
from gateway.usecases.mcp_servers import McpBook
from gateway.usecases.notices import NoticeBoard
from gateway.usecases.runs import Startable
from gateway.usecases.sharing import SharingBook
from gateway.usecases.subscribers import SubscriberSight
from gateway.vault_ports import SecretStore, Vault

EXAMPLES: Final = Path(__file__).resolve().parents[5] / "examples" / "workflows"
BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)


class ScriptedFigures:
    """See `Figures`; `rows` is what was used, and `queries` what was asked."""

    def __init__(self) -> None:
        self.queries: list[OverviewQuery | UsageQuery] = []
        self.rows: list[UsageRow] = []

    async def overview(self, query: OverviewQuery) -> RunFigures:
        """See `Figures.overview`."""
        self.queries.append(query)
        nothing, one = Figure(value=None), Figure(value=1, before=2, change=-0.5)
        return RunFigures(
            window=query.window,
            since=BEGIN,
            until=BEGIN + timedelta(hours=HOURS[query.window]),
            unit="day",
            runs=one,
            failures=one,
            success_rate=nothing,
            p50_ms=nothing,
            p95_ms=nothing,
            tokens=one,
            usd=one,
            tokens_saved=one,
            approvals_waiting=3,
            in_progress=InProgress(running=1),
            running_now=[],
            recent_failures=[],
            series=[],
            workflows=[],
            models=[],
        )

    async def usage(self, query: UsageQuery) -> UsageReport:
        """See `Figures.usage`."""
        self.queries.append(query)
        return UsageReport(
            since=query.since,
            until=query.until,
            group_by=query.group_by,
            items=self.rows[: query.limit],
            is_complete=True,
            runs=1,
            tokens=sum(row.tokens for row in self.rows),
            usd=sum(row.usd for row in self.rows),
            seconds=1.5,
            tokens_saved=0,
        )


def a_row(name: str, *, tokens: int = 10) -> UsageRow:
    """Return what a workflow of this name has used."""
    ref = WorkflowRef(id="0", name=name)
    return UsageRow(workflow=ref, calls=1, tokens=tokens, usd=tokens / 1e6, seconds=0.25)


class InMemoryPreferences:
    """See `PreferenceStore`; `meanwhile` happens once between the next reading and the save after it."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Preferences, int]] = {}
        self.meanwhile: Callable[[], None] | None = None

    async def get(self, user_id: str) -> KeptPreferences:
        """See `PreferenceStore.get`."""
        kept = self._kept.get(user_id)
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return (
            KeptPreferences(Preferences(), None) if kept is None else KeptPreferences(kept[0], str(kept[1]))
        )

    async def put(self, user_id: str, preferences: Preferences, *, over: str | None) -> None:
        """See `PreferenceStore.put`."""
        known = self._kept.get(user_id)
        if (None if known is None else str(known[1])) != over:
            raise PreconditionFailedError("the document has changed meanwhile")
        self.save(user_id, preferences)

    def save(self, user_id: str, preferences: Preferences) -> None:
        """Save whatever is there."""
        self._kept[user_id] = (preferences, self._kept.get(user_id, (None, 0))[1] + 1)


class InMemorySettings:
    """See `SettingsStore`."""

    def __init__(self, outbox: InMemoryOutbox) -> None:
        self._kept: dict[str, StoredSettings] = {}
        self._outbox = outbox

    async def get(self, workspace_id: str) -> StoredSettings:
        """See `SettingsStore.get`."""
        return self._kept.get(workspace_id, StoredSettings(SaveSettings(), 0, None))

    async def replace(
        self, workspace_id: str, settings: SaveSettings, *, revision: int, user_id: str, now: datetime
    ) -> StoredSettings | Literal["stale"]:
        """See `SettingsStore.replace`."""
        if (await self.get(workspace_id)).revision != revision:
            return "stale"
        self._kept[workspace_id] = StoredSettings(settings, revision + 1, now)
        policy = WorkspacePolicy(
            workspace_id=workspace_id,
            revision=revision + 1,
            run_retention_days=settings.run_retention_days,
            self_approval=settings.self_approval,
        )
        self._outbox.add("policy", workspace_id, policy.model_dump_json())
        return self._kept[workspace_id]


class ToldPolicies:
    """See `Policies`; `told` is what the orchestrator has heard."""

    def __init__(self) -> None:
        self.told: list[WorkspacePolicy] = []

    async def set(self, policy: WorkspacePolicy) -> PolicySet:
        """See `Policies.set`."""
        self.told.append(policy)
        return PolicySet(revision=policy.revision)


class InMemoryPresence:
    """See `PresenceStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptAgent] = {}

    async def get(self, name: str) -> KeptAgent | None:
        """See `PresenceStore.get`."""
        return self._kept.get(name)

    async def put(self, name: str, agent: KeptAgent) -> None:
        """See `PresenceStore.put`."""
        self._kept[name] = agent


class CountingReports:
    """See `ReportThrottle`; so many reports are left."""

    left = 3

    async def admit(self, user_id: str) -> bool:
        """See `ReportThrottle.admit`."""
        self.left -= 1
        return self.left >= 0


class ExampleTemplates:
    """See `Templates`: those of this repository, read once for all tests."""

    _read: Sequence[TemplateDocument] | None = None

    def all(self) -> Sequence[TemplateDocument]:
        """See `Templates.all`."""
        if ExampleTemplates._read is None:
            ExampleTemplates._read = FolderTemplates(EXAMPLES).all()
        return ExampleTemplates._read


@dataclass(slots=True)
class FakeDesk:
    """The fakes behind one gateway's desk."""

    outbox: InMemoryOutbox = field(default_factory=InMemoryOutbox)
    figures: ScriptedFigures = field(default_factory=ScriptedFigures)
    preferences: InMemoryPreferences = field(default_factory=InMemoryPreferences)
    clock: Clock = field(default_factory=FakeClock)
    settings: InMemorySettings = field(init=False)
    knowledge: InMemoryKnowledge = field(init=False)
    conversations: InMemoryConversations = field(default_factory=InMemoryConversations)
    policies: ToldPolicies = field(default_factory=ToldPolicies)
    presence: InMemoryPresence = field(default_factory=InMemoryPresence)
    reports: CountingReports = field(default_factory=CountingReports)
    mcp_servers: InMemoryMcpServers = field(default_factory=InMemoryMcpServers)
    mcp_programs: list[McpProgram] = field(default_factory=list)
    mcp_calls: ScriptedMcpCalls = field(default_factory=ScriptedMcpCalls)
    models: InMemoryModels = field(default_factory=InMemoryModels)
    model_calls: ScriptedModelCalls = field(default_factory=ScriptedModelCalls)
    notifications: InMemoryNotifications = field(default_factory=InMemoryNotifications)
    endpoints: InMemoryEndpoints = field(default_factory=InMemoryEndpoints)
    sender: ScriptedSender = field(default_factory=ScriptedSender)
    templates: ExampleTemplates = field(default_factory=ExampleTemplates)
    budgets: InMemoryBudgets = field(default_factory=InMemoryBudgets)
    shares: InMemorySharing = field(default_factory=InMemorySharing)
    agents: InMemoryAgents = field(default_factory=InMemoryAgents)
    datasets: InMemoryDatasets = field(default_factory=InMemoryDatasets)
    evaluations: InMemoryEvaluations = field(default_factory=InMemoryEvaluations)

    def __post_init__(self) -> None:
        self.settings = InMemorySettings(self.outbox)
        self.knowledge = InMemoryKnowledge(self.clock)

    def parts(
        self,
        members: MemberStore,
        clock: Clock,
        *,
        runs: Runs,
        stores: Startable,
        sharing: SharingBook,
        mcp: McpBook,
    ) -> Desk:
        """Return them as the routes see them."""
        people, endpoints = self.notifications, self.endpoints
        board = NoticeBoard(members=members, people=people, endpoints=endpoints, sharing=sharing, clock=clock)
        return Desk(
            figures=self.figures,
            preferences=self.preferences,
            settings=self.settings,
            templates=self.templates,
            presence=self.presence,
            reports=self.reports,
            models=self.models,
            model_calls=self.model_calls,
            notifications=self.notifications,
            endpoints=self.endpoints,
            sender=self.sender,
            board=board,
            sight=SubscriberSight(members=members, sharing=sharing),
            budgets=self.budgets,
            knowledge=self.knowledge,
            conversations=self.conversations,
            answers=Answers(
                conversations=self.conversations,
                knowledge=self.knowledge,
                runs=runs,
                stores=stores,
                sharing=sharing,
                clock=clock,
            ),
            shares=self.shares,
            sharing=sharing,
            agents=self.agents,
            agent_book=stores.agents,
            mcp=mcp,
            datasets=self.datasets,
            evaluations=self.evaluations,
            evaluating=self._evaluating(members, runs, sharing=sharing, clock=clock),
        )

    def _evaluating(
        self, members: MemberStore, runs: Runs, *, sharing: SharingBook, clock: Clock
    ) -> Evaluating:
        return Evaluating(
            evaluations=self.evaluations, runs=runs, members=members, sharing=sharing, clock=clock
        )

    def mcp_book(self, secrets: SecretStore, vault: Vault) -> McpBook:
        """Return what keeps MCP servers."""
        return McpBook(
            servers=self.mcp_servers,
            secrets=secrets,
            vault=vault,
            calls=self.mcp_calls,
            plain=(),
            programs=self.mcp_programs,
            clock=self.clock,
        )
