"""What judges an answer after the model, by rules that no model can talk out of anything."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import BaseModel, ValidationError

from flowloom_agentkit.errors import GuardRefusedError, InvalidOrdersError
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject, JsonValue

_FENCE: Final = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\n(.*?)```", re.DOTALL)
_MOST_CHARS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer as it is handed in, or with a `remark` why the model has to answer again."""

    output: JsonObject
    remark: str | None = None


class Guard(Protocol):
    """Judges the answers of steps whose `output` has the property `marker`; other steps are not its concern.

    `computed` are the properties that it fills in itself, whatever the model says.
    """

    name: str
    marker: str
    computed: Sequence[str]

    @property
    def orders(self) -> type[BaseModel]:
        """The model of `with`."""

    async def judge(self, answer: JsonObject, context: ToolContext) -> Judged:
        """Return what becomes of an answer; the same answer and the same step give the same."""


def ensure_orders(guard: Guard | None, given: JsonObject) -> None:
    """Raise `InvalidOrdersError` for a `with` that the agent does not understand."""
    if guard is None:
        if given:
            raise InvalidOrdersError("this agent takes nothing under `with`: put it into the prompt")
        return
    try:
        guard.orders.model_validate(given)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in wrong["loc"])
        known = ", ".join(guard.orders.model_fields)
        raise InvalidOrdersError(f"with.{where}: {wrong['msg']}; it takes {known}") from error


def concerns(guard: Guard | None, schema: JsonObject | None) -> bool:
    """Whether a step's answer is judged by a guard."""
    return guard is not None and guard.marker in _properties(schema)


def asked_shape(schema: JsonObject, said: JsonObject, computed: Sequence[str]) -> JsonObject:
    """Return what the model is asked for: the step's shape with what it has to say, without what is computed.

    `said` has the properties of the agent's file.
    """
    kept = {name: inner for name, inner in _properties(schema).items() if name not in computed}
    required = schema.get("required")
    named = [name for name in required if name in kept] if isinstance(required, list) else []
    return {
        **schema,
        "properties": {**kept, **said},
        "required": [*named, *(name for name in said if name not in named)],
    }


def fitted(output: JsonObject, schema: JsonObject) -> JsonObject:
    """Return an answer without the properties for which a closed shape has no place."""
    if schema.get("additionalProperties") is not False:
        return output
    known = _properties(schema)
    return {name: value for name, value in output.items() if name in known}


def answer_object(text: str) -> JsonObject | None:
    """Return the JSON object that a model's text is or holds, or None."""
    for found in (text, *(fence[1] for fence in _FENCE.finditer(text[:_MOST_CHARS])), *_from_brace(text)):
        try:
            value = json.loads(found)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None


def refused(guard: Guard, remark: str) -> GuardRefusedError:
    """Return the error of an attempt whose last answer was not good enough."""
    return GuardRefusedError(f"{guard.name}: {remark}")


def _from_brace(text: str) -> list[str]:
    first, last = text.find("{"), text.rfind("}")
    return [text[first : last + 1]] if 0 <= first < last <= _MOST_CHARS else []


def _properties(schema: JsonObject | None) -> dict[str, JsonValue]:
    found = schema.get("properties") if schema else None
    return dict(found) if isinstance(found, dict) else {}
