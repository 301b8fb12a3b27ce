"""Tables of documents are asked as they were sent, and only those that whoever started the run may read."""

import pytest

from agent_analysis.tools import describe_table, list_tables, query_table
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import StepSoFar
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.files import InMemoryFiles
from flowloom_agentkit.testing.reach import InMemoryKnowledge
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject

SALES = b"region,amount\nnorth,10\nsouth,20.5\n"
COSTS = b'[{"region": "north", "cost": 7}]'
SQL = "select sum(amount) from data"


def over(given: JsonObject | None = None) -> ToolContext:
    tables = {
        ("finance", "sales"): SALES,
        ("plans", "costs"): COSTS,
        ("salaries", "board"): b"name,amount\nx,1\n",
    }
    knowledge = InMemoryKnowledge(tables=tables, closed=["salaries"])
    files = InMemoryFiles({"notes.md": b"x", "made.csv": b"a\n1\n"})
    return tool_context(knowledge=knowledge, files=files, so_far=StepSoFar(given=given or {}))


async def test_lists_the_tables_that_are_open_and_asks_one() -> None:
    listed = await list_tables.call(over({"tables": {"given": "a\n1\n"}}), {})
    assert isinstance(listed, list)
    names = [one["table"] for one in listed if isinstance(one, dict)]
    assert names == ["given", "made.csv", "doc:finance/sales", "doc:plans/costs"]
    answer = await query_table.call(over(), {"table": "doc:finance/sales", "sql": SQL})
    assert isinstance(answer, dict) and answer["rows"] == [[30.5]]
    about = await describe_table.call(over(), {"table": "doc:plans/costs"})
    assert isinstance(about, dict) and about["rows"] == 1


async def test_a_step_that_names_collections_has_no_others() -> None:
    of = over({"collections": ["plans"]})
    listed = await list_tables.call(of, {})
    assert isinstance(listed, list)
    assert [one["table"] for one in listed if isinstance(one, dict)] == ["made.csv", "doc:plans/costs"]
    with pytest.raises(ToolFailedError, match="tables of plans only"):
        await query_table.call(of, {"table": "doc:finance/sales", "sql": SQL})


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("doc:salaries/board", "no table 'board'"),
        ("doc:finance/none", "no table 'none'"),
        ("doc:finance", "take what table.list says"),
        ("doc:../etc/passwd", "take what table.list says"),
        ("doc:/sales", "take what table.list says"),
    ],
)
async def test_what_may_not_be_read_is_not_there(table: str, why: str) -> None:
    with pytest.raises(ToolFailedError, match=why):
        await query_table.call(over(), {"table": table, "sql": SQL})
