"""An answer names no file that the run does not have."""

import pytest

from agent_implementation.changed_files import ExistingFiles
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.files import InMemoryFiles
from flowloom_contracts.base import JsonObject, JsonValue

CONTEXT = tool_context(files=InMemoryFiles({"a.md": b"one", "out/b.csv": b""}))


@pytest.mark.parametrize("said", [["a.md", "out/b.csv"], [{"path": "a.md", "why": "x"}, "out/b.csv"]])
async def test_adds_versions_to_the_files(said: list[JsonValue]) -> None:
    found = await ExistingFiles().judge({"summary": "Done.", "files": said}, CONTEXT)
    assert found.remark is None
    assert found.output == {
        "summary": "Done.",
        "files": [{"path": "a.md", "version": 1, "size": 3}, {"path": "out/b.csv", "version": 1, "size": 0}],
    }


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        (
            {"files": ["a.md", "b.md"]},
            "the run has no file 'b.md'; the files that there are: a.md, out/b.csv",
        ),
        ({"files": ["../a.md"]}, "the run has no file '../a.md'"),
        ({"files": [{"name": "a.md"}]}, "the run has no file 'None'"),
        ({"files": "a.md"}, "`files` has to be a list"),
    ],
)
async def test_sends_back_files_that_there_are_not(answer: JsonObject, remark: str) -> None:
    found = await ExistingFiles().judge(answer, CONTEXT)
    assert found.remark is not None and remark in found.remark
