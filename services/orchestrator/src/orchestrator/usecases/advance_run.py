"""`advance`: carries a run on as far as it goes without waiting, and says what the driver has to start."""

import structlog

from flowloom_contracts.agents import StepCompletion
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.completions import complete
from orchestrator.domain.draft import Draft
from orchestrator.domain.driving import AdvanceAnswer
from orchestrator.domain.records import RunRecord, Worker
from orchestrator.domain.rounds import InlineStep, Round, play
from orchestrator.domain.verdicts import Verdict
from orchestrator.execution import EndOfAttempt, Grant, StepPlace, StepRunner
from orchestrator.usecases.gate import RunGate, RunLocks
from orchestrator.usecases.jitter import jitter

log = structlog.get_logger(__name__)


class CarriedOnElsewhereError(UpstreamError):
    """Another instance of the orchestrator carries out the run's only step."""

    title = "The run is being carried on elsewhere"


class Advance:
    """One per process: it knows which runs it is carrying on, so that a second delivery waits its turn."""

    def __init__(self, *, gate: RunGate, runner: StepRunner, worker: Worker, clock: Clock) -> None:
        self._gate = gate
        self._runner = runner
        self._worker = worker
        self._clock = clock
        self._locks = RunLocks()

    async def run(self, run_id: str) -> AdvanceAnswer:
        """Carry a run on; returns `{finished, start, wake_at}` for the driver.

        Running it twice is harmless: finished steps are read back, calls are replayed from the journal.
        """
        async with self._locks.hold(run_id):
            played = await self._gate.change(run_id, self._play)
            while True:
                if played.busy_elsewhere:
                    raise CarriedOnElsewhereError(run_id)
                if played.inline is not None:
                    played = await self._run_inline(run_id, played.inline)
                elif played.again:
                    played = await self._gate.change(run_id, self._play)
                else:
                    return played.answer()

    def _play(self, record: RunRecord) -> Verdict[Round]:
        draft = Draft(record)
        return self._played(draft)

    def _played(self, draft: Draft) -> Verdict[Round]:
        draft.driver_seen = True
        played = play(draft, self._worker, now=self._clock.now(), jitter=jitter())
        return Verdict(played, None if draft.is_empty else draft.stored())

    async def _run_inline(self, run_id: str, step: InlineStep) -> Round:
        """Carry out the run's only step; its end and the next step's start are one transaction."""
        following: list[Round] = []

        async def finish(end: EndOfAttempt) -> StepCompletion:
            answer, played = await self._gate.change(run_id, lambda record: self._finish(record, end))
            following.append(played)
            return answer

        place = StepPlace(run_id, step.path, step.attempt)
        await self._runner.run(place, Grant.of(step.claim), finish=finish, is_first=step.is_first)
        if following and not following[-1].again:
            return following[-1]
        return await self._gate.change(run_id, self._play)

    def _finish(self, record: RunRecord, end: EndOfAttempt) -> Verdict[tuple[StepCompletion, Round]]:
        draft = Draft(record)
        answer = complete(draft, end.request, now=self._clock.now(), jitter=jitter())
        if draft.is_empty:
            # Superseded, or to be asked again: nothing of the run changes.
            return Verdict((answer, Round(again=True)))
        draft.keep(end.calls, end.events)
        played = self._played(draft)
        return Verdict((answer, played.answer), played.change)
