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
from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.clock import Clock
from orchestrator.domain.claims import claim, needs_fresh_lease
from orchestrator.domain.completions import complete
from orchestrator.domain.draft import Draft
from orchestrator.domain.records import RunRecord
from orchestrator.domain.rounds import settle
from orchestrator.domain.verdicts import Verdict
from orchestrator.ports import RunStore
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
    """End an attempt; whatever follows without a worker is carried out with it."""

    def decide(record: RunRecord) -> Verdict[StepCompletion]:
        draft, now = Draft(record), clock.now()
        answer = complete(draft, request, now=now, jitter=jitter())
        if draft.is_empty:
            return Verdict(answer)
        settle(draft, now=now)
        return Verdict(answer, draft.stored())

    return await gate.change(request.run_id, decide)
