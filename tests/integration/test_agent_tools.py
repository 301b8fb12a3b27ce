"""Agents use tools on the real platform: quotes are looked up, verdicts computed, no call is made twice."""

import json
from typing import Final

import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Fault, PlannedCall, Rule
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import RunStatus, StepStatus
from tests.integration.api import PublicApi
from tests.integration.outside import outside_ledger
from tests.integration.stack import Stack
from tests.integration.waiting import until

DOCUMENT: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: tools-{key}}}
steps:
  keep: {{tool: memory.store, with: {{text: "Bees eat nectar and pollen.", collection: c-{key}}}}}
  find:
    needs: [keep]
    agent: research
    prompt: "find-{key}: what do bees need? Read {url}."
    with: {{collections: [c-{key}]}}
    output:
      type: object
      required: [answer, citations, struck]
      properties: {{answer: {{type: string}}, citations: {{type: array}}, struck: {{type: array}}}}
  review:
    agent: qa
    prompt: "review-{key}: judge ${{steps.find.output.answer}}"
    with: {{value: "${{steps.find.output.answer}}", assert: ["size(value) > 1000"]}}
    output:
      type: object
      required: [criteria, checks, score, verdict]
      properties: {{verdict: {{enum: [pass, fail]}}}}
outputs: {{found: "${{steps.find.output}}", review: "${{steps.review.output}}"}}
"""
SLOW: Final = Fault(first_byte_s=12)


def rules(key: str, url: str, fault: Fault | None) -> list[Rule]:
    """A researcher who makes one source up, and a reviewer who praises; both use two tools first."""
    cited = [
        {"source": "K1", "quote": "Bees eat nectar"},
        {"source": url, "quote": f"hives-{key} are made of wood"},
        {"source": "K7", "quote": "Bees read newspapers"},
    ]
    praise = {"criteria": [{"name": "Fit", "score": 5, "reason": "Perfect."}], "verdict": "pass"}
    review = [
        PlannedCall(name="qa_assert", arguments={"condition": "size(value) > 3"}),
        PlannedCall(name="qa_check_schema", arguments={"json_schema": {"type": "string"}}),
    ]
    find = [
        PlannedCall(name="knowledge_search", arguments={"query": "what bees eat"}),
        PlannedCall(name="web_fetch", arguments={"url": url}),
        PlannedCall(name="web_fetch", arguments={"url": "http://169.254.169.254/latest/meta-data/"}),
    ]
    # The first that matches wins, so that what is asked when the tools have answered comes first.
    return [
        Rule(name=f"praise-{key}", match='"check": "schema"', texts=[json.dumps(praise)]),
        Rule(name=f"review-{key}", match=f"review-{key}", calls=review),
        Rule(
            name=f"cite-{key}",
            match=f"hives-{key}",
            texts=[json.dumps({"answer": "Bees eat nectar.", "citations": cited})],
            fault=fault,
            fault_times=1,
        ),
        Rule(name=f"find-{key}", match=f"find-{key}", calls=find),
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("crash", [False, True], ids=["at peace", "killed in the middle"])
async def test_agents_use_tools_once_and_are_held_to_what_they_brought(
    stack: Stack, api: PublicApi, model: MockModel, key: str, *, crash: bool
) -> None:
    url = f"{stack.outside_url}/page-{key}"
    await model.script(*rules(key, url, SLOW if crash else None))
    async with outside_ledger(stack.outside_port) as outside:
        outside.scripted[f"GET /page-{key}"] = [("200 OK", f"In this town hives-{key} are made of wood.")]
        saved = await api.save(DOCUMENT.format(key=key, url=url))
        assert saved.draft_valid, saved.problems
        run = await api.start(saved.id, {})
        if crash:
            await until(lambda: _was_asked(model, f"cite-{key}"), within_s=90, what="the answer's call")
            await stack.kill("agent-research")
        ended = await api.finished(run.id, within_s=120)
        steps = await api.steps(run.id)
        assert ended.status is RunStatus.SUCCEEDED, (ended.error, steps["find"].error)
        assert [asked.path for asked in outside.asked] == [f"/page-{key}"]
    assert steps["find"].status is StepStatus.SUCCEEDED
    assert await _times(model, f"find-{key}") == 1
    assert await _times(model, f"cite-{key}") == (2 if crash else 1)
    assert ended.outputs is not None
    _check_answer(ended.outputs, key, url)


def _check_answer(outputs: JsonObject, key: str, url: str) -> None:
    found, review = outputs["found"], outputs["review"]
    assert isinstance(found, dict) and isinstance(review, dict)
    kept, struck = found["citations"], found["struck"]
    assert isinstance(kept, list) and isinstance(struck, list)
    assert [one["kind"] for one in kept if isinstance(one, dict)] == ["document", "page"]
    assert isinstance(kept[0], dict) and isinstance(kept[1], dict)
    assert (kept[0]["collection"], kept[0]["span"]) == (f"c-{key}", {"start": 0, "end": 15})
    assert kept[1]["source"] == url
    assert [one["source"] for one in struck if isinstance(one, dict)] == ["K7"]
    checks = review["checks"]
    assert isinstance(checks, list)
    passed = {one["check"]: one["passed"] for one in checks if isinstance(one, dict)}
    assert passed == {"assert size(value) > 1000": False, "assert size(value) > 3": True, "schema": True}
    assert (review["score"], review["verdict"]) == (5.0, "fail")


async def _was_asked(model: MockModel, rule: str) -> bool:
    return await _times(model, rule) > 0


async def _times(model: MockModel, rule: str) -> int:
    page = await model.page()
    return sum(entry.event == "asked" and entry.rule == rule for entry in page.entries)
