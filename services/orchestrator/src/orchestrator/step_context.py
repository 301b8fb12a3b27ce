"""All that a step of this process touches the world through, and how its attempt ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from flowloom_contracts.agents import CompleteStep, StepTask
from flowloom_contracts.base import JsonValue
from flowloom_contracts.memory import RunOrigin
from flowloom_contracts.runs import StepError
from flowloom_language.large_values import defused
from flowloom_modelkit.deltas import DeltaBatcher
from flowloom_modelkit.errors import CallStoppedError, ModelFailure, step_error
from flowloom_modelkit.journal import JournaledCalls, StepRef
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.outbound.client import OutboundClient
from orchestrator.attempt_journal import AttemptJournal
from orchestrator.domain.large import ValueTooLargeError
from orchestrator.domain.redaction import NOTHING_SECRET, Redactor
from orchestrator.domain.secret_filling import MissingSecretError, filled, secret_names
from orchestrator.execution import EndOfAttempt, Finish
from orchestrator.ports.memory import Memory
from orchestrator.ports.sandbox import Sandbox
from orchestrator.ports.secrets import SecretSource
from orchestrator.usecases.call_mcp import McpTools
from orchestrator.usecases.keep_values import ValueKeeper


@dataclass(frozen=True)
class StepLimits:
    """What one step of this process may take in."""

    answer_bytes: int
    connect_s: float
    code_memory_bytes: int


@dataclass(frozen=True)
class StepParts:
    """The parts that all steps of a process share."""

    outside: OutboundClient
    memory: Memory
    sandbox: Sandbox
    secrets: SecretSource
    values: ValueKeeper
    mcp: McpTools
    limits: StepLimits


@dataclass(frozen=True)
class StepContext:
    """One attempt: who it is, what it may use, and what stops it."""

    ref: StepRef
    workspace_id: str
    stop: StopSignal
    journal: AttemptJournal
    calls: JournaledCalls
    model: ModelCaller
    text: DeltaBatcher
    parts: StepParts
    workflow_id: str | None = None

    @property
    def origin(self) -> RunOrigin:
        """What memory is told of who keeps or looks for something."""
        return RunOrigin(run_id=self.ref.run_id, step=self.ref.step, workflow_id=self.workflow_id)

    @asynccontextmanager
    async def opened(self, task: StepTask) -> AsyncIterator[tuple[StepTask, Redactor]]:
        """Give the task with its secrets, and what takes them out of the answer.

        Raises StepCallError for a secret that does not exist.
        """
        names = secret_names(task)
        if not names:
            yield task, NOTHING_SECRET
            return
        values = await until_available(
            lambda: self.parts.secrets.open(
                self.workspace_id, run_id=self.ref.run_id, step=self.ref.step, names=names
            ),
            stop=self.stop,
        )
        redactor = Redactor(values)
        try:
            yield filled(task, values), redactor
        except MissingSecretError as error:
            raise StepCallError("invalid_input", str(error)) from None
        except StepCallError as error:
            raise StepCallError(error.code, redactor.text(error.message)) from None

    async def light(self, value: JsonValue) -> JsonValue:
        """Return a value from outside as a state takes it; raises StepCallError when it is too large."""
        try:
            return await until_available(
                lambda: self.parts.values.light(self.ref.run_id, defused(value)), stop=self.stop
            )
        except ValueTooLargeError as error:
            raise StepCallError("invalid_output", str(error)) from None


class StepCallError(Exception):
    """The attempt fails with this error of the language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class StepModule(Protocol):
    """What every module in `steps/` offers."""

    async def run(self, task: StepTask, context: StepContext, *, finish: Finish) -> None:
        """Work until `finish` has taken the end of the attempt; a stop but the deadline's ends in silence."""
        ...


async def conclude(
    task: StepTask, context: StepContext, *, work: Callable[[], Awaitable[JsonValue]], finish: Finish
) -> None:
    """End the attempt with what the work gives or how it fails."""
    try:
        output = await work()
    except CallStoppedError as stopped:
        if stopped.reason != "deadline":
            return
        error = StepError(code="timeout", message=f"Not done within {task.timeout_s:g} s.")
    except StepCallError as failed:
        error = StepError(code=failed.code, message=failed.message)
    except ModelFailure as failed:
        error = step_error(failed)
    else:
        await finish(_end(context, output=output))
        return
    await finish(_end(context, error=error))


def _end(context: StepContext, *, output: JsonValue = None, error: StepError | None = None) -> EndOfAttempt:
    request = CompleteStep(
        run_id=context.ref.run_id,
        step=context.ref.step,
        exec=context.ref.exec,
        status="failed" if error else "succeeded",
        output=output,
        error=error,
        usage=context.calls.usage,
    )
    calls, events = context.journal.take()
    return EndOfAttempt(request, calls, events)
