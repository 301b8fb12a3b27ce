"""CrewAI behind the runner: what it may decide, and what it may not do."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowloom_agentkit.crew.runner import CrewRunner
from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.errors import CrewFailedError
from flowloom_agentkit.memory_tools import search_memory
from flowloom_agentkit.ports import Assignment
from flowloom_agentkit.tools import AgentTool
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.errors import CallStoppedError, ModelRateLimitError
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, ToolCall, ask
from flowloom_servicekit.errors import FlowloomError

ANALYST = AgentDefinition(name="analysis", role="Analyst", goal="Weigh", tools=["memory.search"])
# What CrewAI brings warns about itself at import; its words are not ours to correct.
pytestmark = pytest.mark.filterwarnings("ignore")
connected: list[object] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        connected.append((event, arguments[1:]))


sys.addaudithook(_watch)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    kept = dict(os.environ)
    yield tmp_path_factory.mktemp("crewai")
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def runner(folder: Path) -> Iterator[CrewRunner]:
    runner = CrewRunner(ANALYST, folder, max_crews=16)
    yield runner
    runner.close()


class Desk:
    """Answers a crew and keeps what it asked and used."""

    def __init__(self, *answers: ModelAnswer | FlowloomError) -> None:
        self.answers = answers
        self.asked: list[ModelRequest] = []
        self.used: list[JsonObject] = []

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, FlowloomError):
            raise answer
        return answer

    async def use(self, tool: AgentTool, arguments: JsonObject) -> JsonValue:
        self.used.append(arguments)
        return ["a note"]

    def assignment(self, prompt: str = "Why?", *tools: AgentTool) -> Assignment:
        question = ModelRequest(messages=ask(prompt, system="You are brief."))
        return Assignment(question=question, tools=tools, ask=self.ask, use=self.use)


@pytest.mark.parametrize(
    "text", ["Because.", "", "Thought: x\nAction: y\nAction Input: {}", "A Final Answer:", "```x", " "]
)
async def test_returns_the_words_of_the_model_after_one_call(runner: CrewRunner, text: str) -> None:
    desk = Desk(ModelAnswer(text=text))
    assert await runner.run(desk.assignment()) == text
    assert len(desk.asked) == 1


async def test_asks_exactly_the_question_of_the_step(runner: CrewRunner) -> None:
    desk = Desk(ModelAnswer(text="ok"))
    await runner.run(desk.assignment("Mind {role}, {input} and {tools}."))
    contents = [message.content for message in desk.asked[0].messages]
    assert contents == ["You are brief.", "Mind {role}, {input} and {tools}."]


async def test_uses_tools_one_by_one_in_the_order_the_model_wants(runner: CrewRunner) -> None:
    calls = [
        ToolCall(id=f"c{n}", name="memory_search", arguments=f'{{"query": "{word}"}}')
        for n, word in enumerate(["one", "two", "three"])
    ]
    desk = Desk(ModelAnswer(text="", tool_calls=calls), ModelAnswer(text="Done."))
    assert await runner.run(desk.assignment("Why?", search_memory)) == "Done."
    assert [arguments["query"] for arguments in desk.used] == ["one", "two", "three"]
    assert [tool.name for tool in desk.asked[0].tools] == ["memory_search"]
    results = [m for m in desk.asked[1].messages if m.role == "tool"]
    assert [(m.tool_call_id, m.content) for m in results] == [(f"c{n}", '["a note"]') for n in range(3)]


@pytest.mark.parametrize("error", [ModelRateLimitError("too many requests"), CallStoppedError("cancelled")])
async def test_ends_at_the_first_failure_without_retries(runner: CrewRunner, error: FlowloomError) -> None:
    desk = Desk(error)
    with pytest.raises(type(error)) as caught:
        await runner.run(desk.assignment())
    assert (caught.value, len(desk.asked)) == (error, 1)


async def test_fails_in_words_when_the_crew_itself_fails(runner: CrewRunner) -> None:
    desk = Desk(ModelAnswer(text="", tool_calls=[ToolCall(id="c", name="nothing", arguments="{}")]))
    desk.answers = (ModelAnswer(text="x"),)
    broken = AgentDefinition.model_construct(name="analysis", role=3, goal="Weigh", backstory="", tools=[])
    with pytest.raises(CrewFailedError):
        await CrewRunner(broken, runner._folder, max_crews=1).run(desk.assignment())


async def test_keeps_sixteen_crews_apart(runner: CrewRunner) -> None:
    class Echo(Desk):
        async def ask(self, request: ModelRequest) -> ModelAnswer:
            await asyncio.sleep(0)
            return ModelAnswer(text=f"{request.messages[-1].content}!")

    words = [f"crew {n}" for n in range(16)]
    answers = await asyncio.gather(*[runner.run(Echo().assignment(word)) for word in words])
    assert answers == [f"{word}!" for word in words]


def _names_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


async def test_makes_no_connection_and_writes_only_into_its_folder(
    runner: CrewRunner, folder: Path, tmp_path: Path
) -> None:
    connected.clear()
    before = _names_in(tmp_path)
    await runner.run(Desk(ModelAnswer(text="ok")).assignment())
    assert connected == []
    assert os.environ["HOME"] == str(folder)
    assert _names_in(tmp_path) == before
    assert not any(name.endswith(".db") for name in _names_in(folder))


async def test_still_owns_the_hooks_of_crewai_that_it_replaces(runner: CrewRunner) -> None:
    await runner.run(Desk(ModelAnswer(text="ok")).assignment())
    from crewai import Crew
    from crewai.llms.base_llm import BaseLLM

    from flowloom_agentkit.crew import kickoff

    assert "_task_output_handler" in Crew.__private_attributes__
    handler = kickoff.QuietCrew.__private_attributes__["_task_output_handler"].get_default()
    assert isinstance(handler, kickoff.ForgetfulOutputHandler)
    assert hasattr(BaseLLM, "_wrap_call_method") and not hasattr(kickoff.BridgedLLM.call, "__wrapped__")


def test_imports_crewai_only_for_a_run() -> None:
    import subprocess

    code = "import sys, flowloom_agentkit.app; sys.exit('crewai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
