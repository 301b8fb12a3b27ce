"""Carries out an `llm` step: one plain model call, asked again while a check says why."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from flowloom_contracts.agents import (
    HEARTBEAT_SECONDS,
    LEASE_SECONDS,
    CompleteStep,
    StepTask,
)
from flowloom_contracts.runs import StepError
from flowloom_modelkit.deltas import DeltaBatcher, DeltaWriter
from flowloom_modelkit.errors import CallStoppedError, ModelFailure, step_error
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.requests import ChatMessage, ModelRequest, ask
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from orchestrator.ports import JournalStore, RunStore
from orchestrator.steps.buffered_journal import BufferedCallJournal, StoredCallJournal
from orchestrator.steps.execution import EndOfAttempt, Finish, Grant, StepPlace
from orchestrator.usecases.gate import Relay
from orchestrator.usecases.stops import StopRegistry


class LlmRunner:
    """See `StepRunner`."""

    def __init__(
        self,
        *,
        model: ModelCaller,
        journal: JournalStore,
        runs: RunStore,
        deltas: DeltaWriter,
        relay: Relay,
        stops: StopRegistry,
        clock: Clock,
    ) -> None:
        self._model = model
        self._journal = journal
        self._runs = runs
        self._deltas = deltas
        self._relay = relay
        self._stops = stops
        self._clock = clock

    async def run(self, place: StepPlace, grant: Grant, *, finish: Finish, is_first: bool) -> None:
        """See `StepRunner.run`."""
        ref = StepRef(place.run_id, place.step, place.attempt, grant.exec)
        with self._stops.watching(place.run_id) as stop:
            async with self._alive(ref, grant, stop):
                await self._relay.settled(place.run_id)
                await _Attempt(self, ref, grant.task, stop, is_first=is_first).carry_out(finish)

    @asynccontextmanager
    async def _alive(self, ref: StepRef, grant: Grant, stop: StopSignal) -> AsyncIterator[None]:
        """Renew the lease while the block runs; end it at the deadline or when the step is someone else's."""
        seconds = (grant.deadline_at - self._clock.now()).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(seconds, 0), stop.stop, "deadline")
        beat = asyncio.create_task(self._beat(ref, stop))
        try:
            yield
        finally:
            timer.cancel()
            beat.cancel()

    async def _beat(self, ref: StepRef, stop: StopSignal) -> None:
        while True:
            await self._clock.sleep(HEARTBEAT_SECONDS)
            until = self._clock.now() + timedelta(seconds=LEASE_SECONDS)
            try:
                deadline = await self._runs.renew_lease(ref.run_id, ref.step, exec=ref.exec, until=until)
            except UpstreamError:
                continue
            if deadline == "gone":
                stop.stop("superseded")

    def journal(self, *, is_first: bool) -> BufferedCallJournal | StoredCallJournal:
        """Return the journal for an attempt."""
        kind = BufferedCallJournal if is_first else StoredCallJournal
        return kind(self._journal, relay=self._relay, clock=self._clock)

    def batcher(self, ref: StepRef, stop: StopSignal) -> DeltaBatcher:
        """Return what sends the attempt's text to its stream."""
        return DeltaBatcher(self._deltas, ref, stop)

    def model(self, calls: JournaledCalls) -> ModelCaller:
        """Return the model with the journal in front of it."""
        return JournaledModel(self._model, calls)


class _Attempt:
    def __init__(
        self, runner: LlmRunner, ref: StepRef, task: StepTask, stop: StopSignal, *, is_first: bool
    ) -> None:
        self._ref = ref
        self._task = task
        self._stop = stop
        self._journal = runner.journal(is_first=is_first)
        self._calls = JournaledCalls(self._journal, ref, stop)
        self._model = runner.model(self._calls)
        self._batcher = runner.batcher(ref, stop)

    async def carry_out(self, finish: Finish) -> None:
        """Ask until the answer is accepted; a stop other than the deadline ends it in silence."""
        try:
            await self._ask(finish)
        except CallStoppedError as stopped:
            if stopped.reason == "deadline":
                error = StepError(code="timeout", message=f"No answer within {self._task.timeout_s:g} s.")
                await finish(self._end(error=error))
        except FlowloomError as error:
            if not isinstance(error, ModelFailure):
                raise
            await finish(self._end(error=step_error(error)))
        finally:
            await self._batcher.close()

    async def _ask(self, finish: Finish) -> None:
        messages = ask(self._task.prompt, system=self._task.system)
        reasks = 0
        while True:
            answer = await self._model.stream(
                self._request(messages), on_delta=self._batcher.add, stop=self._stop
            )
            await self._batcher.close()
            completion = await finish(self._end(text=answer.text, reasks=reasks))
            if completion.outcome != "reask":
                return
            reasks += 1
            self._batcher.part()
            messages = [
                *messages,
                ChatMessage(role="assistant", content=answer.text),
                ChatMessage(role="user", content=completion.reason),
            ]

    def _request(self, messages: list[ChatMessage]) -> ModelRequest:
        return ModelRequest(
            messages=messages,
            model=self._task.model,
            temperature=self._task.temperature,
            max_tokens=self._task.max_tokens,
            output_schema=self._task.output_schema,
        )

    def _end(
        self, *, text: str | None = None, error: StepError | None = None, reasks: int = 0
    ) -> EndOfAttempt:
        request = CompleteStep(
            run_id=self._ref.run_id,
            step=self._ref.step,
            exec=self._ref.exec,
            status="failed" if error else "succeeded",
            text=text,
            error=error,
            usage=self._calls.usage,
            reasks=reasks,
        )
        calls, events = self._journal.take()
        return EndOfAttempt(request, calls, events)
