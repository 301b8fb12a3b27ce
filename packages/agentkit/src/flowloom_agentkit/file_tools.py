"""The tools that any agent can list for the files of its run."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from flowloom_agentkit.edits import Replacement, patched, replaced
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.files import FileRead, write_key
from flowloom_agentkit.tools import ToolContext, tool
from flowloom_contracts.base import JsonObject
from flowloom_contracts.files import RunFile

MOST_CHARS: Final = 20_000
MOST_LISTED: Final = 200


class Block(BaseModel):
    """One replacement."""

    model_config = ConfigDict(extra="forbid")

    search: str = Field(description="Stands in the file exactly once, with its spaces and line ends.")
    replace: str = Field(description="What comes in its place.")


@tool("files.list", effect="none")
async def list_files(ctx: ToolContext) -> list[JsonObject]:
    """List the files of this run with their sizes and newest versions."""
    return [_described(file) for file in (await ctx.files.list())[:MOST_LISTED]]


@tool("files.read", effect="none", outside=True)
async def read_file(ctx: ToolContext, path: str, version: int = 0, offset: int = 0) -> JsonObject:
    """Read a text file of this run. A long text comes in pieces: ask again with `next_offset`."""
    read = await ctx.files.read(path, version or None)
    text = text_of(read)
    begin = max(offset, 0)
    piece, end = text[begin : begin + MOST_CHARS], begin + MOST_CHARS
    return {**_described(read.file), "text": piece, "next_offset": end if end < len(text) else None}


@tool("files.write", effect="idempotent")
async def write_file(ctx: ToolContext, path: str, content: str) -> JsonObject:
    """Write a whole text file of this run, as reports/summary.md. An existing file gets a new version."""
    key = write_key(ctx.effect_key, "write", path, content)
    return _described(await ctx.files.write(path, content.encode(), key=key))


@tool("files.edit", effect="idempotent")
async def edit_file(
    ctx: ToolContext, path: str, blocks: list[Block] | None = None, diff: str = ""
) -> JsonObject:
    """Change a text file of this run by `blocks` (search and replace, exact) or by a unified `diff`.

    Nothing is changed unless all of it fits.
    """
    if bool(blocks) == bool(diff):
        raise ToolFailedError("give either `blocks` or `diff`")
    replacements = [Replacement(block.search, block.replace) for block in blocks or []]
    key = write_key(ctx.effect_key, "edit", path, diff, repr(replacements))
    # After a crash the file may have this edit already: it would not fit a second time.
    known = await ctx.files.written(key)
    if known is not None:
        return _described(known)
    text = text_of(await ctx.files.read(path))
    edited = patched(text, diff, path=path) if diff else replaced(text, replacements, path=path)
    return _described(await ctx.files.write(path, edited.encode(), key=key))


def text_of(read: FileRead) -> str:
    """Return the text of a file; raises `ToolFailedError` for one that is none."""
    try:
        return read.content.decode()
    except UnicodeDecodeError as error:
        raise ToolFailedError(
            f"{read.file.path!r} is no text in UTF-8 but {read.file.media_type}: it cannot be read as text"
        ) from error


def _described(file: RunFile) -> JsonObject:
    return {
        "path": file.path,
        "version": file.version,
        "size": file.size,
        "media_type": file.media_type,
        "step": file.step,
    }


FILE_TOOLS: Final = (list_files, read_file, write_file, edit_file)
