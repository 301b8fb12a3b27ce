"""Tells how calls of models and tools went: counted, timed and traced, without a word of what was said."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import Counter, Histogram

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Usage
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.tracing import span

MODEL_CALL: Final = "model"
MICRO: Final = 1_000_000

CALLS_MADE: Final = Counter(
    "flowloom_calls_made_total",
    "Calls of models and tools that were not replayed, by what came of them.",
    ["kind", "name", "outcome"],
)
CALLS_SECONDS: Final = Histogram(
    "flowloom_calls_made_seconds",
    "Time of calls of models and tools.",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 90, 300),
)
TOKENS_USED: Final = Counter("flowloom_tokens_used_total", "Tokens of model calls.", ["name"])
MONEY_SPENT: Final = Counter("flowloom_money_spent_usd_total", "Dollars for model calls.", ["name"])

STEPS_SECONDS: Final = Histogram(
    "flowloom_steps_carried_seconds",
    "Time that a worker has a step in hand, by its kind.",
    ["kind"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90, 300),
)


async def call_told(
    name: str, call: Callable[[], Awaitable[tuple[JsonValue, Usage]]]
) -> tuple[JsonValue, Usage]:
    """Make a call and tell how it went."""
    is_model = name == MODEL_CALL
    kind = "model" if is_model else "tool"
    began = time.monotonic()
    outcome = "broken"
    with span("chat" if is_model else f"tool {name}", kind="client") as told:
        try:
            response, usage = await call()
            outcome = "answered"
        except FlowloomError as error:
            outcome = type(error).__name__
            raise
        finally:
            CALLS_SECONDS.labels(kind).observe(time.monotonic() - began)
            CALLS_MADE.labels(kind, name, outcome).inc()
        if is_model:
            model = _model_of(response)
            TOKENS_USED.labels(model).inc(usage.tokens)
            MONEY_SPENT.labels(model).inc(usage.usd_micro / MICRO)
            told.put("gen_ai.operation.name", "chat")
            told.put("gen_ai.response.model", model)
            told.put("gen_ai.usage.total_tokens", usage.tokens)
    return response, usage


def _model_of(response: JsonValue) -> str:
    named = response.get("model") if isinstance(response, dict) else None
    return str(named or "unknown")
