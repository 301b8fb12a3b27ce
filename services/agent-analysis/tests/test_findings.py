"""A finding says no number that the answers it rests on do not have, whatever the model believes."""

import pytest

from agent_analysis.findings import EvidencedFindings
from flowloom_agentkit.reach import StepSoFar, ToolUse
from flowloom_agentkit.testing.context import tool_context
from flowloom_contracts.base import JsonObject, JsonValue

SQL = "select region, avg(amount) from data where year = 2025 group by 1"
USES = [
    ToolUse(
        "table.query",
        {"table": "sales.csv", "sql": SQL},
        {"id": "Q1", "columns": ["region", "mean"], "rows": [["north", 3.14159], ["south", -1200.0]]},
    ),
    ToolUse("table.describe", {"table": "sales.csv"}, {"id": "Q2", "rows": 41, "share": 0.125}),
    ToolUse("memory.search", {"query": "x"}, ["999"]),
]


async def judged(statement: str, *evidence: JsonValue) -> tuple[JsonObject, str | None]:
    answer: JsonObject = {
        "summary": "x",
        "findings": [{"statement": statement, "evidence": [*evidence]}],
    }
    found = await EvidencedFindings().judge(answer, tool_context(so_far=StepSoFar(uses=[*USES])))
    return found.output, found.remark


def of(query: str, *numbers: float) -> JsonValue:
    return {"query": query, "numbers": [*numbers]}


async def test_adds_table_and_query_to_the_evidence() -> None:
    output, remark = await judged("The north earns 3.14 in 2025.", of("Q1", 3.14))
    assert remark is None
    assert output == {
        "summary": "x",
        "findings": [
            {
                "statement": "The north earns 3.14 in 2025.",
                "evidence": [{"id": "Q1", "table": "sales.csv", "query": SQL, "numbers": [3.14]}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        ("The south lost 1,200.", of("Q1", -1200)),
        ("12.5 % of 41 rows are empty, two of three.", of("Q2", 12.5, 41)),
        ("There are 41 rows.", of("Q2")),
        ("The north leads.", of("Q1")),
    ],
)
async def test_takes_what_was_returned(statement: str, evidence: JsonValue) -> None:
    assert (await judged(statement, evidence))[1] is None


@pytest.mark.parametrize(
    ("statement", "evidence", "remark"),
    [
        ("It grew.", of("Q1", 3.15), "3.15 is not among the numbers of Q1"),
        ("It grew.", of("Q1", 3.2), "3.2 is not among"),
        ("It grew.", of("Q1", 314), "314 is not among"),
        ("It grew.", of("Q1", 41), "41 is not among the numbers of Q1"),
        ("It grew.", of("Q9", 41), "evidence names 'Q9'; the answers that there are: Q1, Q2"),
        ("It grew.", of("K1"), "evidence names 'K1'"),
        ("It grew by 999.", of("Q2", 41), "says 999, which its evidence does not have"),
        ("It grew by 3.14.", of("Q2"), "says 3.14"),
    ],
)
async def test_sends_back_what_was_not(statement: str, evidence: JsonValue, remark: str) -> None:
    found = (await judged(statement, evidence))[1]
    assert found is not None and remark in found


@pytest.mark.parametrize(
    "answer",
    [
        {"findings": "none"},
        {"findings": [{"statement": "x", "evidence": []}]},
        {"findings": [{"statement": "", "evidence": [{"query": "Q1"}]}]},
        {"findings": [{"statement": "x", "evidence": [{"query": "Q1", "numbers": ["many"]}]}]},
    ],
)
async def test_says_what_the_shape_lacks(answer: JsonObject) -> None:
    found = await EvidencedFindings().judge(answer, tool_context())
    assert found.remark is not None and found.remark.startswith("`findings")
