"""One crew of one agent and one task for one assignment. Importing this module imports CrewAI."""

import json
from collections.abc import Callable
from typing import Any, Final

from crewai import Agent, Crew, Process, Task
from crewai.llms.base_llm import BaseLLM
from crewai.tools import BaseTool
from pydantic import BaseModel, PrivateAttr

from flowloom_agentkit.crew.bridge import CrewBridge
from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.tools import AgentTool
from flowloom_contracts.base import JsonObject
from flowloom_modelkit.chunks import estimated_tokens

MAX_TURNS: Final = 12
MAX_USES_OF_A_TOOL: Final = 8
# CrewAI takes a text without this for an unfinished thought and asks again.
FINAL_ANSWER: Final = "Final Answer: "


def _calls_once(method: Callable[..., Any]) -> Callable[..., Any]:
    """Keep CrewAI from wrapping a call in its own retries: there is one retry policy, the step's."""
    method._crewai_rate_limit_wrapped = True  # type: ignore[attr-defined]  # CrewAI's own mark
    return method


class BridgedLLM(BaseLLM):
    """The crew's model: every call goes over the bridge. One object an execution, its usage is not shared."""

    llm_type: str = "flowloom"
    calls_tools: bool = False
    _bridge: CrewBridge = PrivateAttr()

    @classmethod
    def over(cls, bridge: CrewBridge, *, calls_tools: bool) -> "BridgedLLM":
        """Return the model of one kickoff."""
        llm = cls(model="flowloom", provider="flowloom", calls_tools=calls_tools)
        llm._bridge = bridge
        return llm

    @_calls_once
    def call(self, messages: object, tools: object = None, **_: object) -> str | list[JsonObject]:
        """Answer the crew: its final text, or the tool calls that the model wants."""
        turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        answer = self._bridge.ask(turns, tools)
        if answer.tool_calls:
            return [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for call in answer.tool_calls
            ]
        # The bridge keeps the words as they are; the crew only needs some, without its own mark in them.
        return FINAL_ANSWER + (answer.text.replace(FINAL_ANSWER.strip(), "").strip() or "-")

    def get_input_tokens_count(self, messages: object, *_: object, **__: object) -> int:
        """Estimate, quietly; the endpoint counts what is paid."""
        return estimated_tokens(len(str(messages)))

    def supports_function_calling(self) -> bool:
        """Whether tools travel as tools and not as words in the prompt."""
        return self.calls_tools

    def supports_stop_words(self) -> bool:
        """Stop words are for CrewAI's tools in words, which are not used."""
        return False


class BridgedTool(BaseTool):
    """A tool of the agent, run over the bridge. A limit of uses makes CrewAI run its calls one by one."""

    _bridge: CrewBridge = PrivateAttr()
    _tool: AgentTool = PrivateAttr()

    @classmethod
    def over(cls, bridge: CrewBridge, tool: AgentTool) -> "BridgedTool":
        """Return one tool of one kickoff."""
        wrapped = cls(
            name=tool.name,
            description=tool.description,
            args_schema=tool.arguments,
            max_usage_count=MAX_USES_OF_A_TOOL,
        )
        wrapped._bridge, wrapped._tool = bridge, tool
        return wrapped

    def _run(self, **arguments: Any) -> str:
        plain = {
            name: value.model_dump(mode="json") if isinstance(value, BaseModel) else value
            for name, value in arguments.items()
        }
        return json.dumps(self._bridge.use(self._tool, plain), ensure_ascii=False)


class ForgetfulOutputHandler:
    """Stands in for the SQLite file that CrewAI keeps task outputs in, one for the whole machine, locked."""

    def update(self, task_index: int, log: object) -> None:
        """Keep nothing."""

    def add(self, *_: object, **__: object) -> None:
        """Keep nothing."""

    def reset(self) -> None:
        """There is nothing to forget."""

    def load(self) -> list[JsonObject]:
        """Return nothing."""
        return []


class QuietCrew(Crew):
    """A crew that leaves nothing behind."""

    _task_output_handler: Any = PrivateAttr(default_factory=ForgetfulOutputHandler)


def build_crew(definition: AgentDefinition, bridge: CrewBridge) -> Crew:
    """Return a crew for one kickoff; it holds no memory, writes no file and repeats nothing by itself."""
    # Plain templates: the bridge puts the step's own question in their place.
    settings: dict[str, Any] = {
        "role": definition.role,
        "goal": definition.goal,
        "backstory": definition.backstory or definition.role,
        "llm": BridgedLLM.over(bridge, calls_tools=bool(bridge.tools)),
        "tools": [BridgedTool.over(bridge, tool) for tool in bridge.tools],
        "system_template": "{role}",
        "prompt_template": "{input}",
        "max_iter": MAX_TURNS,
        "max_retry_limit": 0,
        "respect_context_window": False,
        "allow_delegation": False,
        "cache": False,
        "verbose": False,
    }
    agent = Agent(**settings)
    task = Task(description="The question of the step.", expected_output="The answer.", agent=agent)
    return QuietCrew(
        agents=[agent],
        tasks=[task],
        process=Process.sequential,
        cache=False,
        memory=False,
        verbose=False,
        tracing=False,
        share_crew=False,
    )


def run_crew(definition: AgentDefinition, bridge: CrewBridge) -> None:
    """Build and run a crew in the calling thread; the answer and the failure are in the bridge."""
    build_crew(definition, bridge).kickoff()
