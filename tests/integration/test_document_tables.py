"""On the real platform the analysis agent asks a table that was uploaded, and none of other collections."""

import json
from typing import Final

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import PlannedCall, Rule
from flowloom_contracts.runs import RunStatus
from tests.integration.api import PublicApi

DOCUMENT: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: tables-{key}}}
steps:
  look:
    agent: analysis
    prompt: "look-{key}: what does it say?"
    tools: [table.list, table.query]
    with: {{collections: [c-{key}]}}
    output:
      type: object
      required: [findings]
      properties: {{findings: {{type: array}}}}
outputs: {{found: "${{steps.look.output.findings}}"}}
"""
SALES: Final = b"region,amount\nnorth,10\nsouth,42\n"


async def uploaded(api: PublicApi, collection: str, name: str, content: bytes) -> str:
    """Make a collection with one document in it, and return the document's id."""
    made = await api.http.post("/v1/collections", json={"name": collection})
    assert made.status_code == 201, made.text
    answer = await api.http.post(
        "/v1/documents", data={"collection": collection}, files={"file": (name, content, "text/csv")}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_an_uploaded_table_is_asked_as_it_was_sent(api: PublicApi, model: MockModel, key: str) -> None:
    sales = await uploaded(api, f"c-{key}", f"sales-{key}.csv", SALES)
    other = await uploaded(api, f"other-{key}", f"pay-{key}.csv", b"name,amount\nx,1\n")
    sql = f'select sum(amount) as "total_{key}" from data'
    query = PlannedCall(name="table_query", arguments={"table": f"doc:c-{key}/{sales}", "sql": sql})
    closed = PlannedCall(name="table_query", arguments={"table": f"doc:other-{key}/{other}", "sql": sql})
    finding = {"statement": "Together it is 52.", "evidence": [{"query": "Q1", "numbers": [52]}]}
    # The first that matches wins, so that what is asked when the tools have answered comes first.
    await model.script(
        Rule(
            name=f"found-{key}",
            match=f"may ask tables of c-{key} only",
            texts=[json.dumps({"findings": [finding]})],
        ),
        Rule(name=f"closed-{key}", match=f"total_{key}", calls=[closed]),
        Rule(name=f"query-{key}", match=f'"name": "sales-{key}.csv"', calls=[query]),
        Rule(name=f"list-{key}", match=f"look-{key}", calls=[PlannedCall(name="table_list")]),
    )
    saved = await api.save(DOCUMENT.format(key=key))
    assert saved.draft_valid, saved.problems
    run = await api.finished((await api.start(saved.id, {})).id, within_s=90)
    assert run.status is RunStatus.SUCCEEDED, run.error
    assert (run.outputs or {})["found"] == [
        {
            "statement": "Together it is 52.",
            "evidence": [{"id": "Q1", "table": f"doc:c-{key}/{sales}", "query": sql, "numbers": [52.0]}],
        }
    ]
    asked = [
        one for one in (await model.page()).entries if one.event == "asked" and f"look-{key}" in one.prompt
    ]
    assert len(asked) == 4
    assert not any(f"pay-{key}" in one.prompt for one in asked)
