"""The tools of the analysis agent: tables are described, asked and drawn in a sealed process."""

import base64
import re
from typing import Final

from agent_analysis.orders import Orders
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.file_tools import list_files, read_file, write_file
from flowloom_agentkit.files import write_key
from flowloom_agentkit.memory_tools import search_memory
from flowloom_agentkit.reach import StepSoFar
from flowloom_agentkit.sealed import ask_sealed
from flowloom_agentkit.tools import ToolContext, tool
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document_tables import ENDINGS, MOST_TABLES
from flowloom_contracts.memory import COLLECTION_PATTERN

WORKER: Final = "agent_analysis.worker"
ASKED: Final = ("table.describe", "table.query")
FORMATS: Final = ("svg", "png")
DOCUMENT: Final = "doc:"
"""How the name of a table begins that is a document of a collection."""


@tool("table.list", effect="none", outside=True)
async def list_tables(ctx: ToolContext) -> list[JsonObject]:
    """List the tables that can be asked: given to the step, files of this run, documents of the workspace.

    `table` is what the other table tools take.
    """
    orders = Orders.of(ctx.so_far.given)
    given: list[JsonObject] = [{"table": name} for name in orders.tables]
    files: list[JsonObject] = [
        {"table": file.path, "bytes": file.size}
        for file in await ctx.files.list()
        if file.path.lower().endswith(ENDINGS)
    ]
    documents: list[JsonObject] = [
        {
            "table": f"{DOCUMENT}{one.collection}/{one.document_id}",
            "name": one.name,
            "collection": one.collection,
            "bytes": one.size_bytes,
        }
        for one in await ctx.knowledge.tables(orders.collections)
    ]
    return [*given, *files[:MOST_TABLES], *documents]


@tool("table.describe", effect="none", outside=True)
async def describe_table(ctx: ToolContext, table: str, sheet: str = "", group_by: str = "") -> JsonObject:
    """Say what a table holds: rows, columns, types, nulls, means, quantiles, correlations, groups.

    `table` is the name of a given table, the path of a CSV, JSON or XLSX file of this run, or what table.list
    says of a document. The answer has an `id`, such as Q1, to name it as evidence.
    """
    question: JsonObject = {"do": "describe", "sheet": sheet, "group_by": group_by}
    return {"id": next_id(ctx.so_far), **await _asked(ctx, table, question)}


@tool("table.query", effect="none", outside=True)
async def query_table(ctx: ToolContext, table: str, sql: str, sheet: str = "") -> JsonObject:
    """Answer one SELECT (DuckDB's SQL) over a table, called `data` in it; at most 200 rows come back.

    Names of columns stand in double quotes. The answer has an `id`, such as Q1, to name it as evidence.
    """
    question: JsonObject = {"do": "query", "sheet": sheet, "sql": sql}
    return {"id": next_id(ctx.so_far), **await _asked(ctx, table, question)}


@tool("table.chart", effect="idempotent", outside=True)
async def chart_table(
    ctx: ToolContext, *, table: str, sql: str, path: str, kind: str = "bar", title: str = "", sheet: str = ""
) -> JsonObject:
    """Draw one SELECT over a table, called `data`, as bar, line or scatter into a .svg or .png file.

    Its first column is the x axis, the others are numbers, one series each.
    """
    ending = path.rpartition(".")[2].lower()
    if ending not in FORMATS:
        raise ToolFailedError(f"{path[:80]!r} has to end in .svg or .png")
    question: JsonObject = {
        "do": "chart", "sheet": sheet, "sql": sql, "kind": kind, "title": title, "format": ending,
    }  # fmt: skip
    answer = await _asked(ctx, table, question)
    picture = base64.b64decode(str(answer.pop("picture")))
    key = write_key(ctx.effect_key, "chart", table, sql, path, kind, title, sheet)
    file = await ctx.files.write(path, picture, key=key)
    return {"path": file.path, "version": file.version, "size": file.size, **answer}


def next_id(so_far: StepSoFar) -> str:
    """Return the name of the next answer; a repeated execution counts the same."""
    return f"Q{1 + sum(use.name in ASKED for use in so_far.uses)}"


async def _asked(ctx: ToolContext, table: str, question: JsonObject) -> dict[str, JsonValue]:
    return await ask_sealed(WORKER, question, await _content(ctx, table))


async def _content(ctx: ToolContext, table: str) -> bytes:
    """Return a table that was given, a document of the workspace's, else a file of the run."""
    orders = Orders.of(ctx.so_far.given)
    if table.startswith(DOCUMENT):
        return await _document(ctx, table, orders)
    given = orders.content(table)
    if given is not None:
        return given
    try:
        return (await ctx.files.read(table)).content
    except ToolFailedError as error:
        names = ", ".join(map(repr, orders.tables)) or "none"
        raise ToolFailedError(f"{error} Tables that were given: {names}.") from error


async def _document(ctx: ToolContext, table: str, orders: Orders) -> bytes:
    """Return a document's bytes; the collection is judged here, the rights by whoever has the document."""
    collection, _, document_id = table.removeprefix(DOCUMENT).partition("/")
    if re.fullmatch(COLLECTION_PATTERN, collection) is None or not document_id:
        raise ToolFailedError(f"{table[:80]!r} is no table: take what table.list says, as it says it.")
    if orders.collections and collection not in orders.collections:
        raise ToolFailedError(f"The step may ask tables of {', '.join(orders.collections)} only.")
    return await ctx.knowledge.table(collection, document_id)


TOOLS = [
    search_memory,
    list_files,
    read_file,
    write_file,
    list_tables,
    describe_table,
    query_table,
    chart_table,
]
