"""The activity `run_step` of an agent: claims a step, has it executed, and can stop it."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from flowloom_agentkit.errors import WorkerStoppingError
from flowloom_agentkit.execution import AgentParts, StepExecution
from flowloom_agentkit.reach import OnBehalf
from flowloom_contracts.agents import ClaimStep, RunStepInput, RunStepOutcome, StepClaim
from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import RunOrigin
from flowloom_modelkit.journal import StepRef
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.stop import StopReason
from flowloom_modelkit.telemetry import STEPS_SECONDS
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.tracing import bind

log = structlog.get_logger(__name__)

NO_DEADLINE_S: Final = 86_400.0
CLOSE_SECONDS: Final = 2.0
AGENT_KIND: Final = "agent"


class StepWorker:
    """Runs any number of steps side by side; a step that is delivered twice runs once."""

    def __init__(self, parts: AgentParts, *, name: str) -> None:
        self._parts = parts
        self._name = name
        self._boot_id = new_id()
        self._deliveries: dict[tuple[str, str, int], asyncio.Task[RunStepOutcome]] = {}
        self._executions: dict[StepRef, StepExecution] = {}
        self._stopping = False

    @property
    def running(self) -> int:
        """How many steps are being executed."""
        return len(self._executions)

    async def run_step(self, input: JsonObject) -> JsonObject:
        """Carry out one delivery; raises `UpstreamError` when the engine should deliver it again."""
        request = RunStepInput.model_validate(input)
        key = (request.run_id, request.step, request.attempt)
        delivery = self._deliveries.get(key)
        if delivery is None:
            delivery = asyncio.ensure_future(self._deliver(request))
            self._deliveries[key] = delivery
            delivery.add_done_callback(lambda _: self._deliveries.pop(key, None))
        # The engine gives a step out again when its sidecar restarts, while the first body still works.
        return (await asyncio.shield(delivery)).model_dump(mode="json")

    def stop_run(self, run_id: str, reason: StopReason = "cancelled") -> None:
        """Stop everything that works for a run."""
        for step, execution in self._executions.items():
            if step.run_id == run_id:
                execution.stop.stop(reason)

    async def close(self) -> None:
        """Stop everything; the engine gives what was not finished to the next process."""
        self._stopping = True
        for execution in self._executions.values():
            execution.stop.stop("shutdown")
        deliveries = set(self._deliveries.values())
        if deliveries:
            _, waiting = await asyncio.wait(deliveries, timeout=CLOSE_SECONDS)
            for delivery in waiting:
                delivery.cancel()
            await asyncio.gather(*deliveries, return_exceptions=True)

    async def _deliver(self, request: RunStepInput) -> RunStepOutcome:
        claim = await self._claim(request)
        if claim.done:
            return RunStepOutcome(status="done")
        if claim.exec is None or claim.task is None or claim.workspace_id is None:
            log.info("a step was not given out", step=request.step, reason=claim.refused)
            return RunStepOutcome(status="refused", digest=claim.refused or "")
        bind(tenant=claim.workspace_id)
        await self._tell_others()
        step = StepRef(request.run_id, request.step, request.attempt, claim.exec)
        model = await self._parts.model_of(claim.workspace_id, claim.task.model)
        behalf = OnBehalf(claim.workspace_id, claim.role, claim.workflow_id, self._origin(step, claim))
        execution = StepExecution(self._parts, step, claim.task, behalf=behalf, model=model)
        self._executions[step] = execution
        try:
            with STEPS_SECONDS.labels(AGENT_KIND).time():
                return await execution.run(seconds_left=self._seconds_left(claim))
        finally:
            del self._executions[step]

    def _origin(self, step: StepRef, claim: StepClaim) -> RunOrigin:
        """Return what memory is told: an agent of the workflow's or workspace's own has its own name."""
        own = claim.task.profile if claim.task is not None else None
        name = self._parts.definition.name if own is None else own.name
        return RunOrigin(run_id=step.run_id, step=step.step, workflow_id=claim.workflow_id, agent=name)

    async def _tell_others(self) -> None:
        with suppress(UpstreamError):
            await self._parts.announce()

    async def _claim(self, request: RunStepInput) -> StepClaim:
        ask = ClaimStep(
            run_id=request.run_id,
            step=request.step,
            attempt=request.attempt,
            worker=self._name,
            boot_id=self._boot_id,
        )
        while not self._stopping:
            claim = await until_available(lambda: self._parts.orchestrator.claim(ask))
            if claim.retry_after_s is None:
                return claim
            await self._parts.clock.sleep(claim.retry_after_s)
        raise WorkerStoppingError()

    def _seconds_left(self, claim: StepClaim) -> float:
        if claim.deadline_at is None:
            return NO_DEADLINE_S
        return max((claim.deadline_at - self._parts.clock.now()).total_seconds(), 0.0)
