"""Carries out a `code` step: a program in the sandbox. It only computes, so no call of it is journaled."""

from flowloom_contracts.agents import StepTask
from flowloom_contracts.base import JsonValue
from flowloom_sandboxkit.errors import CodeFailureError
from flowloom_sandboxkit.tasks import CodeTask
from orchestrator.execution import Finish
from orchestrator.step_context import StepCallError, StepContext, conclude


async def run(task: StepTask, context: StepContext, *, finish: Finish) -> None:
    """See `StepModule`; what the program prints is told like a model's text."""
    try:
        await conclude(task, context, work=lambda: _value(task, context), finish=finish)
    finally:
        await context.text.close()


async def _value(task: StepTask, context: StepContext) -> JsonValue:
    if task.code is None:
        raise StepCallError("internal", "The task has no program.")
    program = CodeTask(
        task.code.source,
        task.code.names,
        time_s=task.timeout_s,
        memory_bytes=context.parts.limits.code_memory_bytes,
    )
    try:
        with context.stop.interrupting():
            result = await context.parts.sandbox.run(program)
    except CodeFailureError as error:
        _tell(error.printed, context)
        raise StepCallError(error.code, error.message) from error
    _tell(result.printed, context)
    return await context.light(result.value)


def _tell(printed: str, context: StepContext) -> None:
    if printed:
        context.text.add(printed, "tools")
