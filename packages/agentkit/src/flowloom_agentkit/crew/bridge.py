"""Joins a crew's thread to the event loop, where its model and tool calls are made, journaled, stopped."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.requests import ChatMessage, ModelAnswer, ToolCall, ToolSpec
from flowloom_servicekit.errors import FlowloomError

from flowloom_agentkit.ports import Assignment
from flowloom_agentkit.tools import AgentTool

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

    def ask(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> ModelAnswer:
        """Call the model from the crew's thread.

        The crew's own first message is replaced by the question as the step wrote it: CrewAI surrounds it
        with instructions that small models repeat, and replaces words in braces inside it.
        """
        request = self._assignment.question.model_copy(
            update={
                "messages": [*self._assignment.question.messages, *map(_message, messages[1:])],
                "tools": [_tool_spec(tool) for tool in tools],
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


def _message(message: Mapping[str, Any]) -> ChatMessage:
    calls = [
        ToolCall(id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"])
        for call in message.get("tool_calls") or []
    ]
    return ChatMessage(
        role=message["role"],
        content=message.get("content"),
        tool_calls=calls,
        tool_call_id=message.get("tool_call_id"),
    )


def _tool_spec(tool: Mapping[str, Any]) -> ToolSpec:
    function = tool["function"]
    return ToolSpec(
        name=function["name"],
        description=function.get("description") or "",
        parameters=function.get("parameters") or {"type": "object", "properties": {}},
    )
