"""Carries out an `llm` step: one plain model call, asked again while a check says why."""

from flowloom_contracts.agents import CompleteStep, StepTask
from flowloom_contracts.runs import StepError
from flowloom_modelkit.errors import CallStoppedError, ModelFailure, step_error
from flowloom_modelkit.requests import ChatMessage, ModelRequest, ask
from orchestrator.execution import EndOfAttempt, Finish
from orchestrator.step_context import StepContext


async def run(task: StepTask, context: StepContext, *, finish: Finish) -> None:
    """Ask until the answer is accepted; a stop other than the deadline ends it in silence."""
    try:
        await _ask(task, context, finish)
    except CallStoppedError as stopped:
        if stopped.reason == "deadline":
            error = StepError(code="timeout", message=f"No answer within {task.timeout_s:g} s.")
            await finish(_end(context, error=error))
    except ModelFailure as error:
        await finish(_end(context, error=step_error(error)))
    finally:
        await context.text.close()


async def _ask(task: StepTask, context: StepContext, finish: Finish) -> None:
    messages = ask(task.prompt, system=task.system)
    reasks = 0
    while True:
        answer = await context.model.stream(
            _request(task, messages), on_delta=context.text.add, stop=context.stop
        )
        await context.text.close()
        completion = await finish(_end(context, text=answer.text, reasks=reasks))
        if completion.outcome != "reask":
            return
        reasks += 1
        context.text.part()
        messages = [
            *messages,
            ChatMessage(role="assistant", content=answer.text),
            ChatMessage(role="user", content=completion.reason),
        ]


def _request(task: StepTask, messages: list[ChatMessage]) -> ModelRequest:
    return ModelRequest(
        messages=messages,
        model=task.model,
        temperature=task.temperature,
        max_tokens=task.max_tokens,
        output_schema=task.output_schema,
    )


def _end(
    context: StepContext, *, text: str | None = None, error: StepError | None = None, reasks: int = 0
) -> EndOfAttempt:
    request = CompleteStep(
        run_id=context.ref.run_id,
        step=context.ref.step,
        exec=context.ref.exec,
        status="failed" if error else "succeeded",
        text=text,
        error=error,
        usage=context.calls.usage,
        reasks=reasks,
        text_lost=context.text.has_lost_text,
    )
    calls, events = context.journal.take()
    return EndOfAttempt(request, calls, events)
