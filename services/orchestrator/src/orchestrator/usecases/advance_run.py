"""`advance`: carries a run on as far as it goes without waiting, and says what the driver has to start."""

from collections.abc import Sequence

import structlog

from flowloom_contracts.agents import StepCompletion
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.tracing import about
from orchestrator.domain.completions import complete
from orchestrator.domain.draft import Draft
from orchestrator.domain.driving import AdvanceAnswer
from orchestrator.domain.records import Committed, OutboxKind, RunRecord, Worker
from orchestrator.domain.rounds import Here, Round, play
from orchestrator.domain.verdicts import Verdict
from orchestrator.execution import EndOfAttempt, StepRunner
from orchestrator.usecases.carry_steps import StepRoom, StepsBeside
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
        self._room = StepRoom()
        self._working: dict[str, StepsBeside] = {}

    async def run(self, run_id: str, generation: int | None = None) -> AdvanceAnswer:
        """Carry a run on; returns `{finished, start, wake_at}` for the driver of a generation.

        Running it twice is harmless: finished steps are read back, calls are replayed from the journal.
        A driver that another one has replaced is told that there is nothing left for it.
        """
        with about(run=run_id):
            async with self._locks.hold(run_id):
                return await self._carried(run_id, generation)

    async def _carried(self, run_id: str, generation: int | None) -> AdvanceAnswer:
        steps = StepsBeside(
            run_id,
            runner=self._runner,
            commit=lambda ends: self._gate.change(run_id, lambda record: self._finish(record, ends, steps)),
            room=self._room,
            clock=self._clock,
        )
        self._working[run_id] = steps
        try:
            return await self._carry_on(run_id, generation, steps)
        finally:
            del self._working[run_id]
            await steps.stop()

    def notice(self, committed: Committed) -> None:
        """Look again at a run that is carried out here, where a commit would wake its driver."""
        steps = self._working.get(committed.run_id)
        if steps is not None and any(item.kind is OutboxKind.SIGNAL for item in committed.outbox):
            steps.look_again()

    async def _carry_on(self, run_id: str, generation: int | None, steps: StepsBeside) -> AdvanceAnswer:
        def play_it(record: RunRecord) -> Verdict[Round]:
            return self._play(record, generation, steps)

        played: Round | None = None
        while True:
            if played is None or played.again:
                played = await self._gate.change(run_id, play_it)
                steps.start(played.inline)
            if played.busy_elsewhere:
                raise CarriedOnElsewhereError(run_id)
            if steps.is_working and not played.again:
                played = await steps.moved(played)
            elif not played.again:
                return played.answer()

    def _play(self, record: RunRecord, generation: int | None, steps: StepsBeside) -> Verdict[Round]:
        if generation is not None and generation < record.generation:
            return Verdict(Round(finished=True))
        draft = Draft(record)
        draft.driven_by(record.generation if generation is None else generation)
        return self._played(draft, steps.here())

    def _played(self, draft: Draft, here: Here) -> Verdict[Round]:
        draft.driver_seen = True
        played = play(draft, self._worker, now=self._clock.now(), jitter=jitter(), here=here)
        return Verdict(played, None if draft.is_empty else draft.stored())

    def _finish(
        self, record: RunRecord, ends: Sequence[EndOfAttempt], steps: StepsBeside
    ) -> Verdict[tuple[list[StepCompletion], Round | None]]:
        """Write the ends of steps and the starts of the next ones as one change."""
        draft = Draft(record)
        answers = [self._complete(draft, end) for end in ends]
        if draft.is_empty:
            # Superseded, or to be asked again: nothing of the run changes.
            return Verdict((answers, None))
        ended = frozenset(
            end.request.step for end, answer in zip(ends, answers, strict=True) if answer.outcome != "reask"
        )
        played = self._played(draft, steps.here(ended))
        return Verdict((answers, played.answer), played.change)

    def _complete(self, draft: Draft, end: EndOfAttempt) -> StepCompletion:
        before, told = draft.state, draft.told
        answer = complete(draft, end.request, now=self._clock.now(), jitter=jitter())
        if draft.state is not before:
            draft.keep(end.calls, end.events, before=told)
        return answer
