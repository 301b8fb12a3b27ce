"""Carries out the local steps of one run beside each other; ends that come together are one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import structlog

from flowloom_contracts.agents import StepCompletion
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.rounds import Here, InlineStep, Round
from orchestrator.execution import EndOfAttempt, Grant, StepPlace, StepRunner

log = structlog.get_logger(__name__)

MAX_BESIDE: Final = 32
"""Steps of one run at once; the next ones are taken as these end."""

MAX_IN_PROCESS: Final = 128
"""Steps of all runs at once; each run may always have one."""

SHORTEST_WAIT_S: Final = 0.05

AWAY_S: Final = 0.5
"""Until what was away is tried again; a worker that waits is not one that has died of its step."""

Commit: TypeAlias = Callable[[Sequence[EndOfAttempt]], Awaitable[tuple[list[StepCompletion], Round | None]]]
"""Writes the ends of attempts down in one change and plays the round that follows; None: nothing changed."""

_Ending: TypeAlias = tuple[EndOfAttempt, "asyncio.Future[StepCompletion]"]


class StepRoom:
    """How many local steps this process carries out, whatever their runs."""

    def __init__(self) -> None:
        self.taken = 0

    def left(self, carried: int) -> int:
        """Return how many more steps a run may take that carries so many."""
        least = 0 if carried else 1
        return max(min(MAX_BESIDE - carried, MAX_IN_PROCESS - self.taken), least)


class StepsBeside:
    """The steps of one run that are being carried out here. `stop` must be called at the end."""

    def __init__(
        self, run_id: str, *, runner: StepRunner, commit: Commit, room: StepRoom, clock: Clock
    ) -> None:
        self._run_id = run_id
        self._runner = runner
        self._commit = commit
        self._room = room
        self._clock = clock
        self._carried: dict[str, InlineStep] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: list[_Ending] = []
        self._writing: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        self._last: Round | None = None
        self._is_stale = False
        self._failure: BaseException | None = None

    def here(self, ended: frozenset[str] = frozenset()) -> Here:
        """Return what a round has to know of this process, when some of the steps have just ended."""
        carried = frozenset(self._carried) - ended
        return Here(carried=carried, room=self._room.left(len(carried)))

    def start(self, steps: Sequence[InlineStep]) -> None:
        """Begin steps that were taken in a round."""
        for step in steps:
            self._carried[step.path] = step
            self._room.taken += 1
            task = asyncio.create_task(self._carry(step))
            self._tasks.add(task)
            task.add_done_callback(self._over)

    @property
    def is_working(self) -> bool:
        """Whether any step is being carried out."""
        return bool(self._tasks)

    def look_again(self) -> None:
        """Have the run looked at: something has happened to it."""
        self._is_stale = True
        self._moved.set()

    async def moved(self, played: Round) -> Round | None:
        """Wait until a step has ended or something else has happened; returns the newest round.

        None: the run has to be looked at. Raises what a step has raised once no other one is carried out.
        """
        is_due = self.is_working and not self._moved.is_set() and await self._is_due(played.wake_at)
        self._moved.clear()
        if self._failure is not None and not self.is_working:
            raise self._failure
        is_stale, self._is_stale = self._is_stale or is_due, False
        newest, self._last = self._last or played, None
        return None if is_stale else newest

    async def _is_due(self, wake_at: datetime | None) -> bool:
        """Wait until something has happened; True when it is only the time."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._moved.wait())]
        if wake_at is not None:
            seconds = (wake_at - self._clock.now()).total_seconds()
            waits.append(asyncio.create_task(self._clock.sleep(max(seconds, SHORTEST_WAIT_S))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return not self._moved.is_set()

    async def stop(self) -> None:
        """End what is still being carried out."""
        tasks = [*self._tasks, *([self._writing] if self._writing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, step: InlineStep) -> None:
        """Carry a step out; while a part of the platform is away, begin it again from its journal."""
        place = StepPlace(self._run_id, step.path, step.attempt)
        grant, is_first = Grant.of(step.claim), step.is_first
        while True:
            try:
                await self._runner.run(place, grant, finish=self._finish, is_first=is_first)
            except UpstreamError as error:
                log.warning("a step waits", run_id=self._run_id, step=step.path, error=repr(error))
                is_first = False
                await self._clock.sleep(AWAY_S)
            else:
                break
        self._forget(step)

    async def _finish(self, end: EndOfAttempt) -> StepCompletion:
        """Have an end written down, together with those that come while an earlier one is written."""
        answer: asyncio.Future[StepCompletion] = asyncio.get_running_loop().create_future()
        self._ends.append((end, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        while self._ends:
            taken, self._ends = self._ends, []
            [outcome] = await asyncio.gather(self._commit([end for end, _ in taken]), return_exceptions=True)
            if isinstance(outcome, UpstreamError):
                # The answers are here and paid for: they wait for a store that is away or full.
                log.warning("ends of steps wait to be stored", run_id=self._run_id, error=repr(outcome))
                self._ends = [*taken, *self._ends]
                await self._clock.sleep(AWAY_S)
            elif isinstance(outcome, BaseException):
                for _, told in taken:
                    told.set_exception(outcome)
            else:
                self._written(taken, *outcome)

    def _written(
        self, taken: Sequence[_Ending], answers: Sequence[StepCompletion], played: Round | None
    ) -> None:
        for (end, told), answer in zip(taken, answers, strict=True):
            if answer.outcome != "reask":
                self._carried.pop(end.request.step, None)
            if not told.done():
                told.set_result(answer)
        if played is not None:
            self.start(played.inline)
            self._last = played
            self._moved.set()

    def _forget(self, step: InlineStep) -> None:
        """Stop counting a step as carried; one that raised stays, so that it is not taken again at once."""
        if self._carried.get(step.path) is step:
            del self._carried[step.path]
            self._is_stale = True

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.taken -= 1
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._failure = self._failure or error
        self._moved.set()
