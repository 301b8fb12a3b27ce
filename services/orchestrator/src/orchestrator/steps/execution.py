"""What carrying out a claimed step means, whatever its kind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from flowloom_contracts.agents import CompleteStep, StepClaim, StepCompletion
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


class StepRunner(Protocol):
    """Carries out steps that were claimed by this process."""

    async def run(self, place: StepPlace, claim: StepClaim, *, finish: Finish, is_first: bool) -> None:
        """Work until `finish` has taken the end of the attempt, or somebody says stop.

        `is_first`: no worker had this attempt before, so its journal is empty. Raises `UpstreamError` when a
        part of the platform is away; then the attempt is carried out again.
        """
