"""An orchestrator that gives out one step as often as it is claimed, and judges answers as a test says."""

from collections.abc import Callable
from datetime import datetime

from flowloom_contracts.agents import (
    MAX_REASKS,
    ClaimStep,
    CompleteStep,
    Heartbeat,
    HeartbeatAnswer,
    StepClaim,
    StepCompletion,
    StepTask,
)
from flowloom_contracts.memory import AGENT_ROLE
from flowloom_contracts.runs import StepError
from flowloom_modelkit.testing.journal import InMemoryCallJournal
from flowloom_servicekit.errors import FlowloomError

Judge = Callable[[str], str | None]
"""Returns why a text is not accepted, or None."""


class InMemoryOrchestrator:
    """Keeps claims, heartbeats and completions; each claim has a higher fencing token than the one before."""

    def __init__(self, task: StepTask, *, judge: Judge | None = None) -> None:
        self.task = task
        self.judge = judge or (lambda _: None)
        self.deadline_at: datetime | None = None
        self.role = AGENT_ROLE
        self.journal = InMemoryCallJournal()
        self.claims: list[ClaimStep] = []
        self.beats: list[Heartbeat] = []
        self.completions: list[CompleteStep] = []
        self.checks: list[CompleteStep] = []
        self.claim_answers: list[StepClaim] = []
        self.beat_answer = HeartbeatAnswer(ok=True)
        self.failures: list[FlowloomError] = []
        self._exec: dict[tuple[str, str], int] = {}

    async def claim(self, request: ClaimStep) -> StepClaim:
        """Give the step out, or answer what the test has put in `claim_answers`."""
        self.claims.append(request)
        if self.claim_answers:
            return self.claim_answers.pop(0)
        key = (request.run_id, request.step)
        if any((done.run_id, done.step) == key for done in self.completions):
            return StepClaim(done=True)
        self._exec[key] = self.journal.current_exec[key] = self._exec.get(key, 0) + 1
        return StepClaim(
            exec=self._exec[key],
            task=self.task,
            workspace_id="w1",
            role=self.role,
            deadline_at=self.deadline_at,
        )

    async def heartbeat(self, request: Heartbeat) -> HeartbeatAnswer:
        """Answer what the test wants."""
        self.beats.append(request)
        return self.beat_answer

    async def complete(self, request: CompleteStep) -> StepCompletion:
        """Judge and keep an answer."""
        if self.failures:
            raise self.failures.pop(0)
        if request.exec < self._exec[(request.run_id, request.step)]:
            return StepCompletion(outcome="superseded")
        reason = self.judge(request.text or "") if request.status == "succeeded" else None
        if reason is not None and request.reasks < MAX_REASKS:
            return StepCompletion(outcome="reask", reason=reason)
        if reason is not None and request.check_only:
            return StepCompletion(outcome="rejected", reason=reason)
        if reason is not None:
            error = StepError(code="invalid_output", message=reason)
            self.completions.append(
                request.model_copy(update={"status": "failed", "text": None, "error": error})
            )
            return StepCompletion(outcome="accepted")
        (self.checks if request.check_only else self.completions).append(request)
        return StepCompletion(outcome="accepted", output=request.text)
