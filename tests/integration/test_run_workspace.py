"""Agents write, edit and chart files on the real platform, and people download them."""

import json
from typing import Final

import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Fault, PlannedCall, Rule
from flowloom_contracts.files import RunFileList
from flowloom_contracts.runs import RunStatus
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until

DOCUMENT: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: workspace-{key}}}
steps:
  build:
    agent: implementation
    prompt: "build-{key}: write the table."
    output:
      type: object
      required: [summary, files]
      properties: {{summary: {{type: string}}, files: {{type: array}}}}
  look:
    needs: [build]
    agent: analysis
    prompt: "look-{key}: what does it say?"
    output:
      type: object
      required: [findings]
      properties: {{findings: {{type: array}}}}
outputs: {{built: "${{steps.build.output}}", found: "${{steps.look.output.findings}}"}}
"""


SLOW: Final = Fault(first_byte_s=12)


def rules(key: str, slow: str) -> list[Rule]:
    """An agent that writes and corrects a table, and one that asks and draws it."""
    path, sql = f"t-{key}.csv", f'select sum(amount) as "total_{key}" from data'
    drawn = f'select region, sum(amount) as "total_{key}" from data group by 1 order by 1'
    edit = {"path": path, "blocks": [{"search": "south,20", "replace": "south,42"}]}
    write = {"path": path, "content": "region,amount\nnorth,10\nsouth,20\n"}
    chart = {"table": path, "sql": drawn, "path": f"charts-{key}.svg", "title": "<b>Totals</b>"}
    built = {"summary": "A table.", "files": [path]}
    told = f'"path": "{path}", "size": 32, "step": "build"'
    finding = {"statement": "Together it is 52.", "evidence": [{"query": "Q1", "numbers": [52]}]}
    # The first that matches wins, so that what is asked when the tools have answered comes first.
    return [
        Rule(
            name=f"built-{key}",
            match=f'{told}, "version": 2',
            texts=[json.dumps(built)],
            fault=SLOW if slow == "built" else None,
        ),
        Rule(
            name=f"edit-{key}",
            match=f'{told}, "version": 1',
            fault=SLOW if slow == "edit" else None,
            calls=[PlannedCall(name="files_edit", arguments=edit)],
        ),
        Rule(
            name=f"write-{key}",
            match=f"build-{key}",
            calls=[PlannedCall(name="files_write", arguments=write)],
        ),
        Rule(name=f"found-{key}", match=f"charts-{key}.svg", texts=[json.dumps({"findings": [finding]})]),
        Rule(
            name=f"chart-{key}",
            match=f"total_{key}",
            calls=[PlannedCall(name="table_chart", arguments=chart)],
        ),
        Rule(
            name=f"query-{key}",
            match=f"look-{key}",
            calls=[PlannedCall(name="table_query", arguments={"table": path, "sql": sql})],
        ),
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "slow", ["", "edit", "built"], ids=["at peace", "killed between", "killed at the end"]
)
async def test_files_are_written_charted_and_downloaded(
    stack: Stack, api: PublicApi, model: MockModel, key: str, *, slow: str
) -> None:
    await model.script(*rules(key, slow))
    saved = await api.save(DOCUMENT.format(key=key))
    assert saved.draft_valid, saved.problems
    run = await api.start(saved.id, {})
    if slow:
        await until(lambda: _was_asked(model, f"{slow}-{key}"), within_s=90, what="the call that is slow")
        await stack.kill("agent-implementation")
    ended = await api.finished(run.id, within_s=120)
    steps = await api.steps(run.id)
    assert ended.status is RunStatus.SUCCEEDED, (ended.error, steps)
    asked = {rule: await _times(model, f"{rule}-{key}") for rule in ("write", "edit", "built")}
    assert asked == {rule: 2 if rule == slow else 1 for rule in asked}, "a completed call is not made again"
    files = f"/v1/runs/{run.id}/files"
    listed = RunFileList.model_validate((await api.http.get(files)).json()).items
    told = [(one.path, one.version, one.step, one.media_type) for one in listed]
    assert told == [
        (f"charts-{key}.svg", 1, "look", "image/svg+xml"),
        (f"t-{key}.csv", 2, "build", "text/csv"),
    ]
    newest = await api.http.get(f"{files}/t-{key}.csv")
    assert newest.text == "region,amount\nnorth,10\nsouth,42\n"
    assert newest.headers["content-disposition"].startswith("attachment")
    assert newest.headers["x-content-type-options"] == "nosniff"
    first = await api.http.get(f"{files}/t-{key}.csv", params={"version": 1})
    assert first.text == "region,amount\nnorth,10\nsouth,20\n"
    drawn = (await api.http.get(f"{files}/charts-{key}.svg")).text
    assert "&lt;b&gt;Totals&lt;/b&gt;" in drawn
    assert ended.outputs is not None
    built, found = ended.outputs["built"], ended.outputs["found"]
    assert built == {"summary": "A table.", "files": [{"path": f"t-{key}.csv", "version": 2, "size": 32}]}
    assert isinstance(found, list) and isinstance(found[0], dict)
    assert found[0]["evidence"] == [
        {
            "id": "Q1",
            "table": f"t-{key}.csv",
            "query": f'select sum(amount) as "total_{key}" from data',
            "numbers": [52.0],
        }
    ]


async def _times(model: MockModel, rule: str) -> int:
    page = await model.page()
    return sum(entry.event == "asked" and entry.rule == rule for entry in page.entries)


async def _was_asked(model: MockModel, rule: str) -> bool:
    return await _times(model, rule) > 0
