"""What the tests of the research agent share: a step with knowledge, a web, and a history of tool calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from agent_research.tools import TOOLS
from flowloom_agentkit.reach import StepSoFar, ToolUse, WebHit
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.reach import InMemoryKnowledge, InMemoryWeb
from flowloom_agentkit.tools import ToolContext, tools_by_name
from flowloom_contracts.base import JsonObject, JsonValue

Page = bytes | tuple[int, str, bytes]


@dataclass
class Desk:
    """Uses tools one after the other, as an execution does, and remembers what they brought."""

    so_far: StepSoFar
    knowledge: InMemoryKnowledge
    web: InMemoryWeb
    tools: Mapping[str, object] = field(default_factory=lambda: tools_by_name(TOOLS))

    @property
    def context(self) -> ToolContext:
        return tool_context(knowledge=self.knowledge, web=self.web, so_far=self.so_far)

    async def use(self, name: str, **arguments: JsonValue) -> JsonValue:
        """Call a tool and keep what it brought."""
        result = await tools_by_name(TOOLS)[name].call(self.context, arguments)
        self.so_far.uses.append(ToolUse(name, arguments, result))
        return result


class Desks:
    """Makes desks."""

    def __call__(
        self,
        prompt: str = "What do bees eat? See https://bees.example/food.",
        *,
        given: JsonObject | None = None,
        pages: Mapping[str, Page] | None = None,
        passages: Mapping[str, Sequence[str]] | None = None,
        closed: Sequence[str] = (),
        hits: Sequence[WebHit] | None = None,
    ) -> Desk:
        """Return a desk for a step."""
        knowledge = InMemoryKnowledge(passages or {}, closed=closed)
        return Desk(StepSoFar(prompt, given or {}), knowledge, InMemoryWeb(pages or {}, hits=hits))


@pytest.fixture
def desk() -> Desks:
    return Desks()
