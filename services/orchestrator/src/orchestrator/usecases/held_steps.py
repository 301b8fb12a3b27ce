"""Whether a worker still carries out the step for which it asks."""

from flowloom_contracts.runs import StepStatus
from orchestrator.domain.files import StepNotHeldError
from orchestrator.domain.records import RunRecord
from orchestrator.ports.runs import RunStore
from orchestrator.usecases.gate import RunGate


async def held_step(run_id: str, step: str, exec: int, *, gate: RunGate, runs: RunStore) -> RunRecord:
    """Return the run of a step that the asking worker carries out; raises `StepNotHeldError`."""
    record = await gate.known(run_id)
    if _holds(record, step, exec):
        return record
    # What is kept here may be older than the claim, which another process of ours can have granted.
    fresh = await runs.load(run_id)
    if fresh is None or not _holds(fresh, step, exec):
        raise not_held(step)
    return fresh


def not_held(step: str) -> StepNotHeldError:
    """Return the refusal of a worker that was superseded."""
    return StepNotHeldError(f"Step {step!r} is not carried out by this worker any more.")


def _holds(record: RunRecord, path: str, exec: int) -> bool:
    step = record.state.steps.get(path)
    return step is not None and step.status is StepStatus.RUNNING and record.execution(path).exec == exec
