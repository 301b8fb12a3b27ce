"""Reads answers of the outside: bounded in size and memory, and honest about what nobody knows."""

from contextlib import AsyncExitStack

from flowloom_modelkit.errors import CallStoppedError, UncertainCallError
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.client import Answer
from flowloom_servicekit.outbound.errors import AnswerTooLargeError
from flowloom_servicekit.outbound.request import OutboundRequest, OutboundResponse
from orchestrator.step_context import StepCallError, StepContext
from orchestrator.usecases.keep_values import HEAVY_BYTES


async def read_answer(
    request: OutboundRequest, context: StepContext, held: AsyncExitStack, *, is_once: bool
) -> OutboundResponse:
    """Return the whole answer; `held` keeps the right to hold a large one until the caller is done with it.

    Raises StepCallError; UncertainCallError when a request with an effect that must happen once was sent and
    its answer is not known; CallStoppedError when the attempt is stopped before.
    """
    exchange = context.parts.outside.stream(request)
    is_answered = False
    try:
        with context.stop.interrupting():
            async with exchange as answer:
                is_answered = True
                return OutboundResponse(answer.status, answer.headers, await _body(answer, context, held))
    except CallStoppedError as stopped:
        if is_once and exchange.was_sent and not is_answered and stopped.reason == "deadline":
            raise UncertainCallError(
                "the request was sent, and its time was over before an answer"
            ) from stopped
        raise
    except FlowloomError as error:
        if is_once and exchange.was_sent and not is_answered:
            raise UncertainCallError(f"the request was sent and not answered: {error.detail}") from error
        hint = " Raise FLOWLOOM_ORCHESTRATOR_HTTP_ANSWER_BYTES to take more."
        detail = error.detail + (hint if isinstance(error, AnswerTooLargeError) else "")
        raise StepCallError(error.code or "upstream", detail) from error


async def _body(answer: Answer, context: StepContext, held: AsyncExitStack) -> bytes:
    """Return the body; only a few large ones are in memory at the same time."""
    pieces, size = list[bytes](), 0
    async for piece in answer:
        if size <= HEAVY_BYTES < size + len(piece):
            await held.enter_async_context(context.parts.values.heavy())
        size += len(piece)
        pieces.append(piece)
    return b"".join(pieces)
