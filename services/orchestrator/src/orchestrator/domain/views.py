"""How people read a run."""

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import ForkOrigin, Run, StepRun, StepStatus, UsageView
from flowloom_language.large_values import ref_of
from flowloom_language.plan import Plan
from flowloom_language.state import ITEM, StepState
from orchestrator.domain.milestones import agent_of
from orchestrator.domain.records import RunOrigin, RunRecord


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
        priority=record.priority,
        forked_from=record.origin.forked_from,
        parent=parent_of(record.origin),
        trace_id=record.origin.trace_id or None,
        created_at=record.created_at,
        started_at=state.started_at,
        finished_at=state.finished_at,
    )


def parent_of(origin: RunOrigin) -> ForkOrigin | None:
    """Return the step that started a run."""
    parent = origin.parent
    return None if parent is None else ForkOrigin(run_id=parent.run_id, step=parent.step)


def step_view(plan: Plan, step: StepState, *, approval_id: str | None = None) -> StepRun:
    """Return a step as the public interface shows it; of a large value it shows the preview."""
    output, ref = shown(step.output)
    return StepRun(
        path=step.path,
        kind=step.kind,
        status=step.status,
        attempt=step.attempt,
        agent=None if step.kind == ITEM else agent_of(plan, step.path),
        output=output,
        output_ref=ref,
        error=step.error,
        usage=UsageView.of(step.usage),
        recovered=step.recovered,
        waits_for=_waits_for(step),
        approval_id=approval_id,
        wake_at=step.wake_at,
        child_run_id=step.child.run_id if step.child else None,
        started_at=step.started_at,
        finished_at=step.finished_at,
    )


def shown(output: JsonValue) -> tuple[JsonValue, str | None]:
    """Return an output as people see it, and where the whole value is if this is a part of it."""
    ref = ref_of(output)
    if ref is None or not isinstance(output, dict):
        return output, None
    return output["preview"], ref


def _waits_for(step: StepState) -> str | None:
    """Return for what a step waits: a kind of decision, an event, a time, or a run."""
    if step.status is StepStatus.WAITING:
        if step.decision is not None:
            return step.decision.kind
        return "event" if step.waits_for is not None else "time"
    return "run" if step.status is StepStatus.RUNNING and step.child is not None else None
