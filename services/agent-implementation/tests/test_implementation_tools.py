"""Files are written, read, edited exactly and run over, or it is said what does not fit."""

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from agent_implementation.tools import TOOLS, run_code
from flowloom_agentkit.edits import Replacement, patched, replaced
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.file_tools import edit_file, list_files, read_file, write_file
from flowloom_agentkit.programs import SandboxedPrograms
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.files import InMemoryFiles, NoPrograms
from flowloom_agentkit.tools import AgentTool
from flowloom_contracts.base import JsonObject, JsonValue

POEM = "one\ntwo\nthree\nfour\n"


class Bench:
    """Tools over files in memory."""

    def __init__(self, **contents: bytes) -> None:
        self.files = InMemoryFiles({path.replace("_", "."): body for path, body in contents.items()})
        self.programs: NoPrograms | SandboxedPrograms = NoPrograms()

    async def use(self, tool: AgentTool, arguments: JsonObject, *, key: str = "key-1") -> JsonValue:
        context = tool_context(effect_key=key, files=self.files, programs=self.programs)
        return await tool.call(context, arguments)

    async def text(self, path: str) -> str:
        return (await self.files.read(path)).content.decode()


@pytest.fixture
async def sandboxed() -> AsyncIterator[Bench]:
    bench = Bench(a_csv=b"x,y\n1,2\n3,4\n")
    programs = bench.programs = SandboxedPrograms()
    yield bench
    await programs.stop()


async def test_writes_lists_and_reads_files() -> None:
    bench = Bench()
    await bench.use(write_file, {"path": "out/a.md", "content": "# Grüße"}, key="a")
    written = await bench.use(write_file, {"path": "out/a.md", "content": "# Zwei"}, key="b")
    assert isinstance(written, dict) and written["version"] == 2
    listed = await bench.use(list_files, {})
    assert isinstance(listed, list) and len(listed) == 1
    read = await bench.use(read_file, {"path": "out/a.md", "version": 1})
    assert isinstance(read, dict)
    assert (read["text"], read["next_offset"]) == ("# Grüße", None)


async def test_reads_a_long_text_in_pieces() -> None:
    bench = Bench(a_txt=("ä" * 25_000).encode())
    first = await bench.use(read_file, {"path": "a.txt"})
    assert isinstance(first, dict) and first["next_offset"] == 20_000
    rest = await bench.use(read_file, {"path": "a.txt", "offset": 20_000})
    assert isinstance(rest, dict)
    assert (len(str(rest["text"])), rest["next_offset"]) == (5_000, None)


async def test_a_repeated_call_writes_and_edits_once() -> None:
    bench = Bench(a_txt=POEM.encode())
    edit: JsonObject = {"path": "a.txt", "blocks": [{"search": "two", "replace": "TWO two"}]}
    first = await bench.use(edit_file, edit, key="call-0")
    again = await bench.use(edit_file, edit, key="call-0")
    assert first == again
    assert await bench.text("a.txt") == "one\nTWO two\nthree\nfour\n"
    for _ in range(2):
        await bench.use(write_file, {"path": "b.txt", "content": "x"}, key="call-1")
    assert (await bench.files.read("b.txt")).file.version == 1


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "a/../b", "a\0b", "~/x/../y", "a\\..\\b", "CON:", "x" * 300]
)
async def test_leads_nowhere_else(path: str) -> None:
    for tool, more in (
        (write_file, {"content": "x"}),
        (read_file, {}),
        (edit_file, {"diff": "@@ -1 +1 @@\n-a\n+b\n"}),
    ):
        with pytest.raises(ToolFailedError, match="cannot name a file"):
            await Bench().use(tool, {"path": path, **more})


async def test_says_that_bytes_are_no_text() -> None:
    bench = Bench(a_png=b"\x89PNG\xff")
    with pytest.raises(ToolFailedError, match="is no text in UTF-8"):
        await bench.use(read_file, {"path": "a.png"})


def test_patches_where_every_line_fits() -> None:
    diff = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+one and a half\n two\n@@ -4 +5 @@\n-four\n+FOUR\n"
    assert patched(POEM, diff, path="a") == "one\none and a half\ntwo\nthree\nFOUR\n"
    assert patched("", "@@ -0,0 +1,2 @@\n+a\n+b\n", path="a") == "a\nb\n"
    assert patched("a\nb", "@@ -2 +2 @@\n-b\n+c\n", path="a") == "a\nc"
    assert patched("a\r\nb\r\n", "@@ -2 +2 @@\n-b\n+c\n", path="a") == "a\r\nc\n"


@pytest.mark.parametrize(
    ("diff", "message"),
    [
        (
            "@@ -1 +1 @@\n-one\n+ONE\n@@ -3 +3 @@\n-drei\n+THREE\n",
            r"hunk 2 does not fit 'a' at line 3.*3: three",
        ),
        ("@@ -9 +9 @@\n-x\n+y\n", r"hunk 1 does not fit 'a' at line 9. The file has 4 lines"),
        ("@@ -1,3 +1,3 @@\n-one\n+ONE\n", "hunk 1 says 3 old and 3 new lines and has 1 and 1"),
        ("@@ -1,2 +1,2 @@\n*one\n", r"hunk 1: a line begins with '\*'"),
        ("one\n", "the diff has no hunk"),
    ],
)
def test_refuses_a_diff_and_names_the_hunk(diff: str, message: str) -> None:
    with pytest.raises(ToolFailedError, match=f"(?s){message}"):
        patched(POEM, diff, path="a")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (Replacement("tvo\nthree", "x"), r"block 2 is not in 'a'\. The file has there:\n2: two\n3: three"),
        (Replacement("o", "x"), r"block 2 fits 2 times in 'a' \(lines 2, 4\)"),
        (Replacement("", "x"), "block 2: `search` is empty"),
        (Replacement("nothing of the kind", "x"), "read the file first"),
    ],
)
def test_refuses_a_block_and_says_what_is_there(block: Replacement, message: str) -> None:
    with pytest.raises(ToolFailedError, match=message):
        replaced(POEM, [Replacement("one", "1"), block], path="a")


async def test_takes_blocks_or_a_diff() -> None:
    bench = Bench(a_txt=b"x")
    for arguments in (
        {"path": "a.txt"},
        {"path": "a.txt", "diff": "x", "blocks": [{"search": "x", "replace": "y"}]},
    ):
        with pytest.raises(ToolFailedError, match="either `blocks` or `diff`"):
            await bench.use(edit_file, arguments)
    with pytest.raises(ValidationError):
        await bench.use(edit_file, {"path": "a.txt", "blocks": [{"search": "x"}]})


async def test_runs_programs_over_files(sandboxed: Bench) -> None:
    source = (
        "import csv\n"
        "rows = list(csv.DictReader(files['a.csv'].splitlines()))\n"
        "print(len(rows))\n"
        "'sum: ' + str(sum(int(row['x']) for row in rows))"
    )
    result = await sandboxed.use(run_code, {"source": source, "files": ["a.csv"]})
    assert result == {"printed": "2\n", "value": "sum: 4"}
    saved = await sandboxed.use(run_code, {"source": source, "files": ["a.csv"], "save_as": "sum.txt"})
    assert isinstance(saved, dict) and saved["file"] == {"path": "sum.txt", "version": 1, "size": 6}
    assert await sandboxed.text("sum.txt") == "sum: 4"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("open('/etc/passwd').read()", "not available|not defined|not support"),
        ("import socket", "may import"),
        ("while True: pass", "ran longer"),
        ("1/0", "ZeroDivisionError"),
    ],
)
async def test_programs_reach_nothing(
    sandboxed: Bench, monkeypatch: pytest.MonkeyPatch, *, source: str, message: str
) -> None:
    monkeypatch.setattr("flowloom_agentkit.programs.MOST_SECONDS", 1.0)
    with pytest.raises(ToolFailedError, match=message):
        await sandboxed.use(run_code, {"source": source})


def test_no_tool_is_told_whose_files_they_are() -> None:
    for tool in TOOLS:
        named = set(tool.arguments.model_fields)
        assert not {"run_id", "workspace_id", "step", "exec", "effect_key", "key"} & named
