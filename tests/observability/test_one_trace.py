"""One run is one trace, from the gateway to the model call, and every process names it in its logs."""

import json
from contextlib import suppress
from pathlib import Path

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Fault, Rule
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import RunStatus
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until
from tests.observability.collector import Collector, Told

CANARY = "the-harbour-master-sleeps"
COLD_S = 150
"""The first step of an agent waits until it has imported what it needs."""

DOCUMENT = f"""\
apiVersion: flowloom/v1
kind: Workflow
metadata:
  name: traced
steps:
  ask: {{agent: research, prompt: "{CANARY}"}}
  sum: {{llm: default, prompt: "{CANARY} of ${{steps.ask.output}}"}}
outputs: {{text: "${{steps.sum.output}}"}}
"""


def services_of(spans: list[Told]) -> set[str]:
    return {span.service for span in spans}


def roots_of(spans: list[Told]) -> list[Told]:
    known = {span.span_id for span in spans}
    return [span for span in spans if span.parent_id not in known]


async def test_one_run_is_one_trace(stack: Stack, api: PublicApi, collector: Collector) -> None:
    document = await api.save(DOCUMENT)
    run = await api.start(document.id, {})
    ended = await api.finished(run.id, within_s=COLD_S)
    assert ended.status is RunStatus.SUCCEEDED, ended.error

    async def is_whole() -> bool:
        spans = collector.trace_of_run(run.id)
        chats = {span.service for span in spans if span.name == "chat"}
        is_there = {"gateway", "orchestrator", "agent-research"} <= services_of(spans) and len(chats) == 2
        return is_there and len(roots_of(spans)) == 1

    # Each process sends its spans in its own time: parents arrive after their children.
    with suppress(AssertionError):  # what is asserted below says more
        await until(is_whole, within_s=30, what="the whole trace")
    spans = collector.trace_of_run(run.id)
    assert len({span.trace_id for span in spans}) == 1, sorted((s.trace_id, s.service, s.name) for s in spans)
    roots = roots_of(spans)
    assert [(root.service, root.name) for root in roots] == [
        ("gateway", "POST /v1/workflows/{workflow_id}/runs")
    ]
    assert CANARY not in str(spans), "a trace holds no prompt"


async def test_log_lines_name_the_run_and_its_trace(
    stack: Stack, api: PublicApi, model: MockModel, collector: Collector
) -> None:
    await model.script(Rule(name="refused", match=CANARY, fault=Fault(status=400)))
    document = await api.save(DOCUMENT.replace("name: traced", "name: failing").replace("research", "qa"))
    run = await api.start(document.id, {})
    assert (await api.finished(run.id, within_s=COLD_S)).status is RunStatus.FAILED
    of_run = [line for line in logged(stack.home, "agent-qa") if line.get("run") == run.id]
    (told,) = [line for line in of_run if line["event"] == "a step failed"]
    assert (told["step"], told["request"]) == ("ask", told["trace"])
    assert {"tenant", "user"} <= set(told)
    lines = [line for name in ("gateway", "orchestrator", "agent-qa") for line in logged(stack.home, name)]
    assert all({"at", "level", "service", "event"} <= set(line) for line in lines)
    assert not any(CANARY in json.dumps(line) for line in lines)


def logged(home: Path, name: str) -> list[JsonObject]:
    text = (home / "flowloom" / "logs" / f"{name}.log").read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
