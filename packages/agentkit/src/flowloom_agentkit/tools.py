"""Tools that an agent offers its model: a decorated coroutine, its signature is the schema."""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from flowloom_agentkit.errors import InvalidAgentError
from flowloom_agentkit.files import Files
from flowloom_agentkit.programs import Programs
from flowloom_agentkit.reach import Knowledge, StepSoFar, Web
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.memory import COLLECTION_PATTERN, MemoryHit, StoredText
from flowloom_modelkit.journal import Effect

NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
__all__ = ["COLLECTION_PATTERN", "AgentMemory", "AgentTool", "ToolContext", "tool", "tools_by_name"]


class AgentMemory(Protocol):
    """The memory of the run's workspace."""

    async def search(
        self, query: str, *, collections: list[str] | None = None, top: int = 5
    ) -> list[MemoryHit]:
        """Return the stored notes nearest in meaning, best first."""

    async def store(self, text: str, *, collection: str, effect_key: str) -> StoredText:
        """Keep a text; the same effect key keeps it once."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """All that a tool can reach; `effect_key` is the same when a call is repeated after a crash."""

    memory: AgentMemory
    effect_key: str
    knowledge: Knowledge
    web: Web
    files: Files
    programs: Programs
    so_far: StepSoFar = field(default_factory=StepSoFar)


ToolFunction = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class AgentTool:
    """A tool with the model of its arguments; `description` is written for the language model."""

    name: str
    effect: Effect
    description: str
    arguments: type[BaseModel]
    function: ToolFunction
    is_outside: bool = False
    """Whether what it brings was written by others: the model is told that it is material and no order."""

    @property
    def parameters(self) -> JsonObject:
        """The JSON Schema of the arguments."""
        return self.arguments.model_json_schema()

    async def call(self, context: ToolContext, arguments: JsonObject) -> JsonValue:
        """Run the tool with checked arguments and return its result as JSON."""
        checked = dict(self.arguments.model_validate(arguments))
        result = await self.function(context, **{name: checked[name] for name in arguments})
        return _as_json(result)


def tool(name: str, *, effect: Effect, outside: bool = False) -> Callable[[ToolFunction], AgentTool]:
    """Turn `async def f(ctx: ToolContext, …)` into a tool.

    `effect` says what a repeated call would do: `none`, `idempotent` (with `ctx.effect_key`) or `once`;
    `outside` that its result was written by others.
    """

    def wrap(function: ToolFunction) -> AgentTool:
        if not NAME.fullmatch(name):
            raise InvalidAgentError(f"{name!r} is not a tool name such as 'memory.search'")
        description = inspect.getdoc(function) or ""
        if not description:
            raise InvalidAgentError(f"tool {name!r} needs a docstring: the model reads it")
        return AgentTool(name, effect, description, _arguments_of(name, function), function, outside)

    return wrap


def tools_by_name(tools: Iterable[AgentTool]) -> Mapping[str, AgentTool]:
    """Return tools by name; raises `InvalidAgentError` when two have the same."""
    known: dict[str, AgentTool] = {}
    for each in tools:
        if known.setdefault(each.name, each) is not each:
            raise InvalidAgentError(f"two tools are called {each.name!r}")
    return known


def _arguments_of(name: str, function: ToolFunction) -> type[BaseModel]:
    _context, *parameters = inspect.signature(function, eval_str=True).parameters.values()
    fields: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.annotation is parameter.empty:
            raise InvalidAgentError(f"tool {name!r}: {parameter.name!r} needs a type")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (parameter.annotation, default)
    return create_model(name.replace(".", "_"), __config__=ConfigDict(extra="forbid"), **fields)


_ANYTHING: TypeAdapter[object] = TypeAdapter(object)


def _as_json(value: object) -> JsonValue:
    result: JsonValue = _ANYTHING.dump_python(value, mode="json")
    return result
