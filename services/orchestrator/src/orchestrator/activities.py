"""What the engine calls: the side effects of `drive_run`; each may run twice."""

from flowloom_contracts.agents import RunStepInput
from flowloom_contracts.base import JsonObject
from flowloom_contracts.topics import EngineName
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.workflows import WorkflowEngine
from orchestrator.domain.records import Worker
from orchestrator.execution import StepRunner
from orchestrator.usecases.advance_run import Advance
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.run_local_step import run_local_step
from orchestrator.workflow import drive_run


def register(
    engine: WorkflowEngine,
    *,
    advance: Advance,
    gate: RunGate,
    runner: StepRunner,
    worker: Worker,
    clock: Clock,
) -> None:
    """Offer the driver and its activities under their fixed names."""

    async def advance_run(input: JsonObject) -> JsonObject:
        told = input.get("generation")
        generation = told if isinstance(told, int) else None
        return {**await advance.run(str(input["run_id"]), generation)}  # type: ignore[dict-item]  # plain JSON data

    async def run_step(input: JsonObject) -> JsonObject:
        outcome = await run_local_step(
            RunStepInput.model_validate(input), gate=gate, runner=runner, worker=worker, clock=clock
        )
        return outcome.model_dump(mode="json")

    engine.register_workflow(drive_run, name=EngineName.DRIVE_RUN)
    engine.register_activity(advance_run, name=EngineName.ADVANCE)
    engine.register_activity(run_step, name=EngineName.RUN_STEP)
