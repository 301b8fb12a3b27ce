"""Joins a crew's thread to the event loop, where its model and tool calls are made, journaled, stopped."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, TypeAdapter

from flowloom_agentkit.ports import Assignment
from flowloom_agentkit.tools import AgentTool
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.requests import ChatMessage, ModelAnswer, ToolCall, ToolSpec
from flowloom_servicekit.errors import FlowloomError

T = TypeVar("T")


class CrewInterruptedError(Exception):
    """Ends a crew without words, because CrewAI acts on those of an error; the reason is in the bridge."""


class CrewBridge:
    """Belongs to one kickoff; keeps its failure and the last answer, whatever the crew makes of them."""

    def __init__(self, assignment: Assignment, loop: asyncio.AbstractEventLoop) -> None:
        self._assignment = assignment
        self._loop = loop
        self.tools = assignment.tools
        self.failure: FlowloomError | None = None
        self.last_text: str | None = None

    def ask(self, messages: object, tools: object) -> ModelAnswer:
        """Call the model from the crew's thread.

        The crew's own first message is replaced by the question as the step wrote it: CrewAI surrounds it
        with instructions that small models repeat, and replaces words in braces inside it.
        """
        request = self._assignment.question.model_copy(
            update={
                "messages": [
                    *self._assignment.question.messages,
                    *map(_message, _TURNS.validate_python(messages)[1:]),
                ],
                "tools": [_tool_spec(tool) for tool in _TOOLS.validate_python(tools or [])],
            }
        )
        answer = self._on_loop(self._assignment.ask(request))
        self.last_text = answer.text
        return answer

    def use(self, tool: AgentTool, arguments: JsonObject) -> JsonValue:
        """Run a tool from the crew's thread."""
        return self._on_loop(self._assignment.use(tool, arguments))

    def _on_loop(self, call: Coroutine[Any, Any, T]) -> T:
        if self.failure is not None:
            call.close()
            raise CrewInterruptedError
        try:
            return asyncio.run_coroutine_threadsafe(call, self._loop).result()
        except FlowloomError as error:
            self.failure = error
            raise CrewInterruptedError from None


class _Function(BaseModel):
    name: str
    arguments: str = "{}"
    description: str = ""
    parameters: JsonObject = {"type": "object", "properties": {}}


class _Call(BaseModel):
    id: str
    function: _Function


class _Turn(BaseModel):
    """A message as CrewAI builds it; what else it holds is for other providers."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


class _Tool(BaseModel):
    function: _Function


_TURNS: Final = TypeAdapter(list[_Turn])
_TOOLS: Final = TypeAdapter(list[_Tool])


def _message(turn: _Turn) -> ChatMessage:
    return ChatMessage(
        role=turn.role,
        content=turn.content,
        tool_calls=[
            ToolCall(id=call.id, name=call.function.name, arguments=call.function.arguments)
            for call in turn.tool_calls or []
        ],
        tool_call_id=turn.tool_call_id,
    )


def _tool_spec(tool: _Tool) -> ToolSpec:
    function = tool.function
    return ToolSpec(name=function.name, description=function.description, parameters=function.parameters)
