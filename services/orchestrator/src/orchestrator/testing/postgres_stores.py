"""The stores of production on a database, for tests and benchmarks that need the real ones."""

from flowloom_servicekit.database import Database
from orchestrator.adapters.postgres_admission import PostgresAdmission
from orchestrator.adapters.postgres_approvals import PostgresApprovals
from orchestrator.adapters.postgres_archive import PostgresArchive
from orchestrator.adapters.postgres_counts import PostgresRunCounts
from orchestrator.adapters.postgres_events import PostgresEvents
from orchestrator.adapters.postgres_files import PostgresFiles
from orchestrator.adapters.postgres_journal import PostgresJournal
from orchestrator.adapters.postgres_outbox import PostgresOutbox
from orchestrator.adapters.postgres_paces import PostgresPaces
from orchestrator.adapters.postgres_policies import PostgresPolicies
from orchestrator.adapters.postgres_reaper import PostgresReaper
from orchestrator.adapters.postgres_retention import PostgresRetention
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.postgres_stats import PostgresStats
from orchestrator.adapters.postgres_values import PostgresValueStore
from orchestrator.adapters.postgres_views import PostgresRunViews
from orchestrator.adapters.postgres_workspace_budgets import PostgresWorkspaceBudgets
from orchestrator.domain.admission import Slots
from orchestrator.testing.stores import Stores


def stores_on(database: Database) -> Stores:
    """Return the real stores on a migrated database."""
    runs = PostgresRunStore(database)
    return Stores(
        runs=runs,
        views=PostgresRunViews(database, runs),
        journal=PostgresJournal(database),
        outbox=PostgresOutbox(database),
        archive=PostgresArchive(database),
        reaper=PostgresReaper(database),
        retention=PostgresRetention(database),
        approvals=PostgresApprovals(database),
        counts=PostgresRunCounts(database),
        events=PostgresEvents(database),
        values=PostgresValueStore(database),
        admission=PostgresAdmission(database, Slots()),
        stats=PostgresStats(database),
        policies=PostgresPolicies(database),
        budgets=PostgresWorkspaceBudgets(database),
        paces=PostgresPaces(database),
        files=PostgresFiles(database),
    )
