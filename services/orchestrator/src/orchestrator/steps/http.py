"""Carries out an `http` step: one request to the outside, journaled, and its answer as a value."""

from contextlib import AsyncExitStack
from typing import Final

from flowloom_contracts.agents import HttpTask, StepTask
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import Usage
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.bodies import matches_status, parsed_body, query_pairs, request_body
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from flowloom_servicekit.outbound.targets import target
from orchestrator.answers import read_answer
from orchestrator.execution import Finish
from orchestrator.step_context import StepCallError, StepContext, conclude

IDEMPOTENCY_KEY: Final = "idempotency-key"
REDIRECTS: Final = {"GET": 5, "HEAD": 5}
QUOTED_CHARACTERS: Final = 300
"""How much of an answer that was not expected its error shows."""


async def run(task: StepTask, context: StepContext, *, finish: Finish) -> None:
    """See `StepModule`; an answer that was not expected fails with its status as the code."""
    await conclude(task, context, work=lambda: _asked(task, context), finish=finish)


async def _asked(task: StepTask, context: StepContext) -> JsonValue:
    http = _http(task)

    async def call(key: str) -> tuple[JsonValue, Usage]:
        async with context.opened(task) as (opened, redactor), AsyncExitStack() as held:
            answer = await _send(opened, key, context, held)
            return await context.light(redactor.value(answer)), Usage()

    request: JsonObject = task.model_dump(mode="json", include={"http", "secrets", "idempotency_key"})
    performed = await context.calls.perform("http", request, call, effect=task.effect)
    return _judged(http, performed.response)


def _http(task: StepTask) -> HttpTask:
    if task.http is None:
        raise StepCallError("internal", "The task has no request.")
    return task.http


async def _send(task: StepTask, key: str, context: StepContext, held: AsyncExitStack) -> JsonObject:
    http, limits = _http(task), context.parts.limits
    try:
        body, headers = request_body(http.body if http.has_body else None, http.headers)
        if task.effect != "none" and not any(name.lower() == IDEMPOTENCY_KEY for name in headers):
            headers = {**headers, IDEMPOTENCY_KEY: task.idempotency_key or key}
        request = OutboundRequest(
            http.method,
            target(http.url, query_pairs(http.query)),
            headers,
            body,
            limits=Limits(
                connect_s=min(limits.connect_s, task.timeout_s),
                first_byte_s=task.timeout_s,
                idle_s=task.timeout_s,
                total_s=task.timeout_s,
                body_bytes=limits.answer_bytes,
            ),
            redirects=REDIRECTS.get(http.method, 0),
            # The journal decides about a second sending, where the first may have had an effect.
            is_repeatable=task.effect != "once",
        )
    except FlowloomError as error:
        raise StepCallError(error.code or "invalid_input", error.detail) from error
    answer = await read_answer(request, context, held, is_once=task.effect == "once")
    try:
        value = parsed_body(answer, http.parse)
    except FlowloomError as error:
        raise StepCallError(error.code or "invalid_output", error.detail) from error
    return {"status": answer.status, "headers": {**answer.headers}, "body": value}


def _judged(http: HttpTask, response: JsonValue) -> JsonValue:
    """Return the answer as the output; raises StepCallError for a status that was not expected."""
    if not isinstance(response, dict):
        raise StepCallError("internal", "The journal has no answer of this request.")
    status = response["status"]
    if any(matches_status(int(str(status)), part) for part in http.expect.split(",")):
        return response
    body = response["body"]
    quoted = body if isinstance(body, str) else "" if body is None else str(body)
    said = f" It says: {quoted[:QUOTED_CHARACTERS]}" if quoted.strip() else ""
    raise StepCallError(
        str(status), f"{http.method} was answered with {status}, expected {http.expect}.{said}"
    )
