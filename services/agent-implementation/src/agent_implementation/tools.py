"""The tools of the implementation agent: files of the run, and programs over them."""

from typing import Final

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.file_tools import FILE_TOOLS, text_of
from flowloom_agentkit.files import write_key
from flowloom_agentkit.memory_tools import search_memory, store_note
from flowloom_agentkit.tools import ToolContext, tool
from flowloom_contracts.base import JsonObject

MOST_FILES: Final = 10
MOST_PRINTED: Final = 10_000


@tool("code.run", effect="idempotent", outside=True)
async def run_code(
    ctx: ToolContext, source: str, files: list[str] | None = None, save_as: str = ""
) -> JsonObject:
    """Run a Python program; its value is that of its last expression.

    It sees the texts of `files` by their paths as the dictionary `files`. It has no network, folders or
    clock, and may import csv, json, math, re, datetime, collections, itertools and the like. With `save_as` a
    value that is a text becomes that file.
    """
    paths = files or []
    if len(paths) > MOST_FILES:
        raise ToolFailedError(f"a program sees at most {MOST_FILES} files")
    texts: JsonObject = {path: text_of(await ctx.files.read(path)) for path in paths}
    result = await ctx.programs.run(source, {"files": texts})
    answer: JsonObject = {"printed": result.printed[:MOST_PRINTED]}
    if not save_as:
        return {**answer, "value": result.value}
    if not isinstance(result.value, str):
        raise ToolFailedError("`save_as` needs a program whose last expression is a text")
    key = write_key(ctx.effect_key, "code", save_as, result.value)
    kept = await ctx.files.write(save_as, result.value.encode(), key=key)
    return {**answer, "file": {"path": kept.path, "version": kept.version, "size": kept.size}}


TOOLS = [search_memory, store_note, *FILE_TOOLS, run_code]
