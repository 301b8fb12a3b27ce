"""How people read a run."""

from flowloom_contracts.runs import Run, StepRun, UsageView
from flowloom_language.state import StepState
from orchestrator.domain.milestones import agent_of
from orchestrator.domain.records import RunRecord


def run_view(record: RunRecord) -> Run:
    """Return a run as the public interface shows it."""
    state = record.state
    return Run(
        id=record.id,
        workflow=record.workflow,
        version=record.version,
        status=state.status,
        inputs=state.inputs,
        outputs=state.outputs,
        error=state.error,
        usage=UsageView.of(state.usage),
        attempt=state.run.attempt,
        created_at=record.created_at,
        started_at=state.started_at,
        finished_at=state.finished_at,
    )


def step_views(record: RunRecord) -> list[StepRun]:
    """Return the steps of a run in the order of its document."""
    return [_step_view(record, record.state.steps[planned.path]) for planned in record.plan.steps]


def _step_view(record: RunRecord, step: StepState) -> StepRun:
    return StepRun(
        path=step.path,
        kind=step.kind,
        status=step.status,
        attempt=step.attempt,
        agent=agent_of(record.plan, step.path),
        output=step.output,
        error=step.error,
        usage=UsageView.of(step.usage),
        recovered=step.recovered,
        started_at=step.started_at,
        finished_at=step.finished_at,
    )
