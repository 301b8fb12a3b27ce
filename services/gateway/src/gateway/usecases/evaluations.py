"""Evaluations as people see them: started over a dataset, looked at while they run, ended, kept."""

from dataclasses import dataclass
from typing import Final

from flowloom_contracts.evaluation import (
    Evaluation,
    EvaluationList,
    EvaluationResult,
    StartEvaluation,
    Version,
)
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import RunCommand, WorkflowRef
from flowloom_language.evaluation import report
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RemoteProblemError,
)
from flowloom_servicekit.ids import is_id, new_id
from gateway.domain.evaluations import EvaluationPlan, FrozenWorkflow, StoredEvaluation, scored_of
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.evaluation_ports import DatasetStore, EvaluationStore
from gateway.ports import Runs
from gateway.usecases.datasets import find_dataset
from gateway.usecases.idempotency import check_key
from gateway.usecases.runs import Startable
from gateway.usecases.starting import frozen_document
from gateway.usecases.workflows import WorkflowNotFoundError, WorkflowNotSharedError, find_workflow

MOST_RUNNING: Final = 5
"""Of one workspace; each has up to twenty runs at a time."""


class EvaluationNotFoundError(NotFoundError):
    """There is no such evaluation in this workspace."""

    title = "Evaluation not found"


class TooManyEvaluationsError(ConflictError):
    """As many are running as may run at the same time."""

    title = "Too many evaluations are running"


class EvaluationHasEndedError(ConflictError):
    """What is to be cancelled has ended."""

    title = "The evaluation has ended"


@dataclass(frozen=True, slots=True)
class Stores:
    """Where evaluations, and what they are made of, are kept."""

    datasets: DatasetStore
    evaluations: EvaluationStore
    startable: Startable


async def start_evaluation(
    body: StartEvaluation, principal: Principal, *, idempotency_key: str | None, stores: Stores, clock: Clock
) -> Evaluation:
    """Store an evaluation with all that it needs; its runs are started a moment later.

    Raises DatasetNotFoundError, WorkflowNotFoundError, WorkflowNotSharedError, VersionNotFoundError,
    InvalidWorkflowError and TooManyEvaluationsError.
    """
    check_key(idempotency_key)
    found = await find_dataset(body.dataset_id, principal, datasets=stores.datasets)
    versions = [body.version, *([body.against] if body.against is not None else [])]
    sides = [await _frozen(body.workflow_id, one, principal, startable=stores.startable) for one in versions]
    plan = EvaluationPlan(
        dataset=found.dataset,
        sides=sides,
        grader=await _grader(found.dataset.grader, principal, startable=stores.startable),
        at_once=body.at_once,
        budget=body.budget,
        # What they may do is asked for again before each run.
        actor=principal.actor.model_copy(update={"limits": {}}),
    )
    evaluation = Evaluation(
        id=new_id(),
        dataset_id=found.id,
        dataset_name=found.name,
        workflow=sides[0].workflow,
        version=sides[0].version,
        against=sides[1].version if len(sides) > 1 else None,
        status="running",
        runs=plan.runs,
        done=0,
        created_by=principal.user_id,
        created_at=clock.now(),
    )
    stored = StoredEvaluation(principal.workspace_id, evaluation, plan)
    added = await stores.evaluations.add(stored, key=idempotency_key, most=MOST_RUNNING)
    if added == "busy":
        raise TooManyEvaluationsError(
            f"{MOST_RUNNING} evaluations are running in this workspace: wait for one, or cancel it."
        )
    return evaluation if added == "added" else added


async def list_evaluations(
    principal: Principal, *, cursor: str | None, limit: int, evaluations: EvaluationStore
) -> EvaluationList:
    """Return a page, newest first, of workflows that the caller may see."""
    items = await evaluations.page(
        principal.workspace_id, closed=principal.actor.closed, after=row_after(cursor), limit=limit
    )
    return EvaluationList(items=items, next_cursor=cursor_of(items[-1].id) if len(items) == limit else None)


async def find_evaluation(
    evaluation_id: str, principal: Principal, *, evaluations: EvaluationStore
) -> StoredEvaluation:
    """Return an evaluation of a workflow that the caller may see; raises EvaluationNotFoundError."""
    found = await evaluations.get(principal.workspace_id, evaluation_id) if is_id(evaluation_id) else None
    if found is None or not all(principal.reaches(one, "view") for one in found.plan.workflow_ids):
        raise EvaluationNotFoundError(f"No evaluation {evaluation_id[:80]!r} here.")
    return found


async def read_result(
    evaluation_id: str, principal: Principal, *, evaluations: EvaluationStore
) -> EvaluationResult:
    """Return an evaluation with its cases so far, and with its figures once it has ended."""
    stored = await find_evaluation(evaluation_id, principal, evaluations=evaluations)
    runs = await evaluations.runs(stored)
    return EvaluationResult(
        evaluation=stored.evaluation,
        metrics=list(stored.metrics),
        cases=scored_of(runs, 0),
        cases_before=scored_of(runs, 1),
    )


async def read_report(evaluation_id: str, principal: Principal, *, evaluations: EvaluationStore) -> str:
    """Return the result as a page that needs nothing else."""
    found = await read_result(evaluation_id, principal, evaluations=evaluations)
    one = found.evaluation
    title = f"{one.dataset_name}: {one.workflow.name}, version {one.version}"
    title += f" against {one.against}" if one.against is not None else ""
    if one.status != "succeeded":
        title += f" ({one.status}, {one.done} of {one.runs} runs)"
    return report.page(title, found.metrics, found.cases, found.cases_before)


async def cancel_evaluation(
    evaluation_id: str, principal: Principal, *, evaluations: EvaluationStore, runs: Runs, clock: Clock
) -> Evaluation:
    """Start no more runs, and end those that are on their way; raises EvaluationHasEndedError."""
    stored = await find_evaluation(evaluation_id, principal, evaluations=evaluations)
    if not all(principal.reaches(one, "run") for one in stored.plan.workflow_ids):
        raise WorkflowNotSharedError("The workflow is not shared with you to run; ask who may edit it.")
    now = clock.now()
    if not await evaluations.finish(stored, "cancelled", at=now):
        raise EvaluationHasEndedError("The evaluation has ended; there is nothing to cancel.")
    for run in await evaluations.runs(stored):
        if run.scored is not None:
            continue
        for run_id in filter(None, (run.run_id, run.grading_run_id)):
            command = RunCommand(actor=principal.actor, run_id=run_id, reason="the evaluation was cancelled")
            try:
                await runs.cancel(command)
            except RemoteProblemError as refused:
                if not refused.is_callers_fault:
                    raise  # one that has ended meanwhile is as good as cancelled
    return stored.evaluation.model_copy(update={"status": "cancelled", "finished_at": now})


async def _frozen(
    workflow_id: str, version: Version | None, principal: Principal, *, startable: Startable
) -> FrozenWorkflow:
    stored = await find_workflow(workflow_id, principal, workflows=startable.workflows, least="run")
    document = await frozen_document(
        stored,
        version,
        workspace_id=principal.workspace_id,
        versions=startable.versions,
        agents=startable.agents,
    )
    return FrozenWorkflow(
        workflow=WorkflowRef(id=stored.id, name=stored.draft.name),
        version=document.version,
        source=document.source,
        agents=dict(document.agents),
    )


async def _grader(
    workflow_id: str | None, principal: Principal, *, startable: Startable
) -> FrozenWorkflow | None:
    if workflow_id is None:
        return None
    try:
        return await _frozen(workflow_id, None, principal, startable=startable)
    except WorkflowNotFoundError as error:
        wrong = FieldProblem(path="grader", code="unknown_workflow", message="Name a workflow of yours.")
        raise InvalidRequestError(
            f"The dataset's grader {workflow_id[:80]!r} is no workflow here.", errors=[wrong]
        ) from error
