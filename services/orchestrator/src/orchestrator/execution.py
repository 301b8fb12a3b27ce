"""What carrying out a claimed step means, whatever its kind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.agents import CompleteStep, StepClaim, StepCompletion, StepTask
from orchestrator.domain.records import JournalEntry, NewEvent


@dataclass(frozen=True)
class StepPlace:
    """One attempt of a step."""

    run_id: str
    step: str
    attempt: int


@dataclass(frozen=True)
class EndOfAttempt:
    """How an attempt ended, with the calls that are to be stored together with it."""

    request: CompleteStep
    calls: tuple[JournalEntry, ...] = ()
    events: tuple[NewEvent, ...] = ()


Finish = Callable[[EndOfAttempt], Awaitable[StepCompletion]]


@dataclass(frozen=True)
class Grant:
    """A claim that was granted: the fencing token, the time that is left and the work."""

    exec: int
    deadline_at: datetime
    task: StepTask
    workspace_id: str = ""
    workflow_id: str | None = None

    @classmethod
    def of(cls, claim: StepClaim) -> "Grant":
        """Return what a claim grants; raises ValueError when it grants nothing."""
        if claim.exec is None or claim.deadline_at is None or claim.task is None:
            raise ValueError("the claim was not granted")
        return cls(claim.exec, claim.deadline_at, claim.task, claim.workspace_id or "", claim.workflow_id)


class StepRunner(Protocol):
    """Carries out steps that were claimed by this process."""

    async def run(self, place: StepPlace, grant: Grant, *, finish: Finish, is_first: bool) -> None:
        """Work until `finish` has taken the end of the attempt, or somebody says stop.

        `is_first`: no worker had this attempt before, so its journal is empty. Raises `UpstreamError` when a
        part of the platform is away; then the attempt is carried out again.
        """
