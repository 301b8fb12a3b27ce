"""What is remembered of failed runs, for those who may see the runs of their workflow."""

from flowloom_contracts.run_memory import FailuresQuery, KnownFailures
from gateway.domain.principals import Principal
from gateway.knowledge_ports import Knowledge
from gateway.ports import Runs, WorkflowStore
from gateway.usecases.runs import run_query
from gateway.usecases.workflows import find_workflow


async def failure_of_run(
    run_id: str, principal: Principal, *, runs: Runs, knowledge: Knowledge
) -> KnownFailures:
    """Return what is known of how a run has failed: one failure, or none.

    Raises RunNotFoundError.
    """
    run = await runs.get(run_query(run_id, principal))
    query = FailuresQuery(workspace_id=principal.workspace_id, workflow_id=run.workflow.id, run_id=run.id)
    return await knowledge.failures(query)


async def failures_of_workflow(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore, knowledge: Knowledge
) -> KnownFailures:
    """Return how runs of a workflow fail, the newest first.

    Raises WorkflowNotFoundError.
    """
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    return await knowledge.failures(FailuresQuery(workspace_id=principal.workspace_id, workflow_id=stored.id))
