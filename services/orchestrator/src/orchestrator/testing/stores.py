"""The stores that a process of a test stands on."""

from dataclasses import dataclass, field

from orchestrator.ports.admission import AdmissionStore
from orchestrator.ports.approvals import ApprovalStore
from orchestrator.ports.archive import ArchiveStore
from orchestrator.ports.budgets import BudgetStore
from orchestrator.ports.events import EventStore
from orchestrator.ports.files import FileStore
from orchestrator.ports.journal import JournalStore
from orchestrator.ports.outbox import OutboxStore
from orchestrator.ports.paces import PaceStore
from orchestrator.ports.policies import PolicyStore
from orchestrator.ports.reaper import ReaperStore
from orchestrator.ports.retention import RetentionStore
from orchestrator.ports.run_counts import RunCounts
from orchestrator.ports.runs import RunStore
from orchestrator.ports.stats import StatsStore
from orchestrator.ports.values import ValueStore
from orchestrator.ports.views import RunViews
from orchestrator.testing.budgets import InMemoryBudgets
from orchestrator.testing.events import InMemoryEvents
from orchestrator.testing.files import InMemoryFiles
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.paces import InMemoryPaces
from orchestrator.testing.policies import InMemoryPolicies
from orchestrator.testing.rules import InMemoryRunCounts
from orchestrator.testing.stats import InMemoryStats
from orchestrator.testing.values import InMemoryValueStore


@dataclass(frozen=True)
class Stores:
    """The stores that a world stands on."""

    runs: RunStore
    views: RunViews
    journal: JournalStore
    outbox: OutboxStore
    archive: ArchiveStore
    reaper: ReaperStore
    retention: RetentionStore
    events: EventStore
    approvals: ApprovalStore
    counts: RunCounts
    admission: AdmissionStore
    stats: StatsStore
    budgets: BudgetStore
    files: FileStore
    policies: PolicyStore = field(default_factory=InMemoryPolicies)
    paces: PaceStore = field(default_factory=InMemoryPaces)
    values: ValueStore = field(default_factory=InMemoryValueStore)

    @classmethod
    def in_memory(cls, stores: InMemoryStores | None = None) -> "Stores":
        """Return stores without a database."""
        one = stores or InMemoryStores()
        return cls(
            runs=one,
            views=one,
            journal=one,
            outbox=one,
            archive=one,
            reaper=one,
            retention=one,
            approvals=one.people,
            counts=InMemoryRunCounts(one),
            events=InMemoryEvents(one),
            admission=one.admission,
            stats=InMemoryStats(one),
            budgets=InMemoryBudgets(one),
            files=InMemoryFiles(one),
        )
