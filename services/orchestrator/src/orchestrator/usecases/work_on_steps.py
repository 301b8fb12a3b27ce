"""What workers ask for: the lease of a step, its renewal, and the end of an attempt."""

from datetime import timedelta

from flowloom_contracts.agents import (
    LEASE_SECONDS,
    ClaimStep,
    CompleteStep,
    Heartbeat,
    HeartbeatAnswer,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.clock import Clock
from orchestrator.domain.claims import claim, needs_fresh_lease
from orchestrator.domain.completions import complete
from orchestrator.domain.draft import Draft
from orchestrator.domain.records import RunRecord
from orchestrator.domain.rounds import follow
from orchestrator.domain.verdicts import Verdict
from orchestrator.ports.runs import RunStore
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.jitter import jitter

_CANCELLED = (RunStatus.CANCELLING, RunStatus.CANCELLED)


async def claim_step(request: ClaimStep, *, gate: RunGate, clock: Clock) -> StepClaim:
    """Take the lease of one attempt."""
    return await gate.change(
        request.run_id,
        lambda record: claim(record, request, now=clock.now(), jitter=jitter()),
        stale=lambda record: needs_fresh_lease(record, request.step),
    )


async def heartbeat_step(request: Heartbeat, *, runs: RunStore, clock: Clock) -> HeartbeatAnswer:
    """Renew a lease, or tell the worker to stop and why."""
    now = clock.now()
    deadline = await runs.renew_lease(
        request.run_id, request.step, exec=request.exec, until=now + timedelta(seconds=LEASE_SECONDS)
    )
    if deadline == "gone":
        record = await runs.load(request.run_id)
        is_cancelled = record is not None and record.state.status in _CANCELLED
        return HeartbeatAnswer(ok=False, stop="cancelled" if is_cancelled else "superseded")
    if deadline is not None and deadline <= now:
        return HeartbeatAnswer(ok=False, stop="deadline")
    return HeartbeatAnswer(ok=True)


async def complete_step(request: CompleteStep, *, gate: RunGate, clock: Clock) -> StepCompletion:
    """End an attempt; what follows without a worker is carried out, and the next steps are handed out.

    All of it is one commit, so that the worker can tell the driver what to start: one way through the engine
    from step to step. An answer that is lost on that way is made good by `advance`.
    """

    def decide(record: RunRecord) -> Verdict[StepCompletion]:
        draft, now = Draft(record), clock.now()
        generation = record.execution(request.step).generation
        answer = complete(draft, request, now=now, jitter=jitter())
        if draft.is_empty:
            return Verdict(answer)
        if generation != record.generation:
            # The driver that started it has a new history since then, which does not know of this worker.
            draft.wake_driver()
            return Verdict(answer, draft.stored())
        following = follow(draft, now=now)
        if following is not None:
            told: JsonObject = {**following.answer()}  # type: ignore[dict-item]  # plain JSON data
            answer = answer.model_copy(update={"following": told})
        return Verdict(answer, draft.stored())

    return await gate.change(request.run_id, decide)
