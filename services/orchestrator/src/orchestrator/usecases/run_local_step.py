"""`run_step` in the orchestrator: a local step beside other work, claimed like an agent claims its own."""

from flowloom_contracts.agents import ClaimStep, RunStepInput, RunStepOutcome, StepCompletion
from flowloom_servicekit.clock import Clock
from orchestrator.domain.records import Worker
from orchestrator.execution import EndOfAttempt, Grant, StepPlace, StepRunner
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.work_on_steps import claim_step, complete_step


async def run_local_step(
    request: RunStepInput, *, gate: RunGate, runner: StepRunner, worker: Worker, clock: Clock
) -> RunStepOutcome:
    """Claim the attempt, waiting for another worker's lease to end, and carry it out."""
    claim_request = ClaimStep(
        run_id=request.run_id,
        step=request.step,
        attempt=request.attempt,
        worker=worker.name,
        boot_id=worker.boot_id,
    )
    claim = await claim_step(claim_request, gate=gate, clock=clock)
    while claim.retry_after_s is not None:
        await clock.sleep(claim.retry_after_s)
        claim = await claim_step(claim_request, gate=gate, clock=clock)
    if claim.done:
        return RunStepOutcome(status="done")
    if claim.refused is not None:
        return RunStepOutcome(status="refused", digest=claim.refused)
    answers: list[StepCompletion] = []

    async def finish(end: EndOfAttempt) -> StepCompletion:
        answer = await complete_step(end.request, gate=gate, clock=clock)
        answers.append(answer)
        return answer

    place = StepPlace(request.run_id, request.step, request.attempt)
    await runner.run(place, Grant.of(claim), finish=finish, is_first=False)
    accepted = next((answer for answer in answers if answer.outcome == "accepted"), None)
    if accepted is None:
        return RunStepOutcome(status="stopped")
    return RunStepOutcome(status="done", following=accepted.following)
