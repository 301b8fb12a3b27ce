"""An agent's file and tools are checked before anything starts."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from flowloom_agentkit.app import create_agent_app
from flowloom_agentkit.definition import load_definition
from flowloom_agentkit.errors import InvalidAgentError
from flowloom_agentkit.memory_tools import search_memory, store_note
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.memory import InMemoryNotes
from flowloom_agentkit.tools import ToolContext, tool, tools_by_name

GOOD = "name: qa\nrole: Reviewer\ngoal: Check a text\ntools: [memory.search]\n"


def write(folder: Path, text: str) -> Path:
    (folder / "agent.yaml").write_text(text, encoding="utf-8")
    return folder


def test_reads_crewais_own_field_names(tmp_path: Path) -> None:
    definition = load_definition(write(tmp_path, GOOD), tools_by_name([search_memory]))
    assert (definition.name, definition.tools) == ("qa", ["memory.search"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "colour: red\n", "unknown key 'colour'; known keys: name, role"),
        (
            GOOD.replace("memory.search", "mail.send"),
            "unknown tool 'mail.send'; this agent ships: memory.search",
        ),
        ("name: qa\nrole: Reviewer\n", "goal: Field required"),
        ("name: [", "is not YAML"),
        ("just words", "the file: "),
        (GOOD + "role: Twice\n", "is not YAML"),
    ],
)
def test_ends_the_process_with_a_message_when_the_file_is_wrong(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        create_agent_app(write(tmp_path, text), tools=[search_memory])
    assert words in str(caught.value) and "agent.yaml" in str(caught.value)


def test_ends_the_process_with_a_message_when_the_environment_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FLOWLOOM_REDIS_URL", "FLOWLOOM_MODEL_BASE_URL", "DAPR_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit, match="FLOWLOOM_REDIS_URL"):
        create_agent_app(write(tmp_path, GOOD), tools=[search_memory])


def test_makes_a_schema_of_the_signature() -> None:
    schema = search_memory.parameters
    assert (schema["required"], sorted(schema["properties"])) == (["query"], ["collection", "query", "top"])
    assert "ctx" not in str(schema)


async def test_checks_arguments_and_uses_the_effect_key() -> None:
    memory = InMemoryNotes("a note")
    context = tool_context(memory=memory, effect_key="key-1")
    assert await search_memory.call(context, {"query": "x"}) == ["a note"]
    assert await store_note.call(context, {"text": "new"}) == await store_note.call(context, {"text": "new"})
    assert len(memory.notes) == 2
    with pytest.raises(ValidationError):
        await search_memory.call(context, {"question": "x"})


def test_refuses_tools_that_no_model_could_use() -> None:
    async def silent(ctx: ToolContext) -> str:
        return ""

    async def untyped(ctx: ToolContext, query) -> str:  # type: ignore[no-untyped-def]  # what is refused
        """Find."""
        return ""

    for function, name in ((silent, "a.b"), (untyped, "a.b"), (untyped, "Not a name")):
        with pytest.raises(InvalidAgentError):
            tool(name, effect="none")(function)
    with pytest.raises(InvalidAgentError, match="two tools"):
        tools_by_name([search_memory, tool("memory.search", effect="none")(search_memory.function)])
