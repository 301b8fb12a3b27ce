"""Chooses the real parts of runs that start runs, and of what looks after both."""

from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.database import Database
from orchestrator.adapters.invoked_workflows import InvokedWorkflowDocuments
from orchestrator.adapters.postgres_reaper import PostgresReaper
from orchestrator.adapters.postgres_retention import PostgresRetention
from orchestrator.dependencies import Dependencies
from orchestrator.usecases.reconcile import Reconciler
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.run_children import ChildRuns


def reconciler(
    parts: Dependencies, relay: OutboxRelay, *, invoker: Invoker, database: Database, retention_days: int
) -> Reconciler:
    """Have the relay start and end child runs; return what closes the orphans among them."""
    children = ChildRuns(
        runs=parts.runs,
        gate=parts.gate,
        relay=relay,
        forks=parts.forks,
        controls=parts.controls,
        documents=InvokedWorkflowDocuments(invoker),
        clock=parts.clock,
    )
    children.attach()
    return Reconciler(
        store=PostgresReaper(database),
        retention=PostgresRetention(database),
        children=children,
        policies=parts.policies,
        clock=parts.clock,
        retention_days=retention_days,
    )
