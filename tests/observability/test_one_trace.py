"""One run is one trace, from the page to the model call, and every process names it in its logs."""

import base64
import json
import secrets
from contextlib import suppress
from pathlib import Path

import httpx

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


async def whole_trace(collector: Collector, run_id: str) -> list[Told]:
    """Return the spans of a run when all are there, or those that are there in the end."""

    async def is_whole() -> bool:
        spans = collector.trace_of_run(run_id)
        chats = {span.service for span in spans if span.name == "chat"}
        is_there = {"gateway", "orchestrator", "agent-research"} <= services_of(spans) and len(chats) == 2
        return is_there and len(roots_of(spans)) == 1

    # Each process sends its spans in its own time: parents arrive after their children.
    with suppress(AssertionError):  # what is asserted of them says more
        await until(is_whole, within_s=30, what="the whole trace")
    return collector.trace_of_run(run_id)


async def test_one_run_is_one_trace(api: PublicApi, model: MockModel, collector: Collector) -> None:
    document = await api.save(DOCUMENT)
    run = await api.start(document.id, {})
    ended = await api.finished(run.id, within_s=COLD_S)
    assert ended.status is RunStatus.SUCCEEDED, ended.error
    spans = await whole_trace(collector, run.id)
    assert len({span.trace_id for span in spans}) == 1, sorted((s.trace_id, s.service, s.name) for s in spans)
    roots = roots_of(spans)
    assert [(root.service, root.name) for root in roots] == [
        ("gateway", "POST /v1/workflows/{workflow_id}/runs")
    ]
    assert CANARY not in str(spans), "a trace holds no prompt"


async def test_the_trace_of_a_page_reaches_the_model_call(
    stack: Stack, api: PublicApi, model: MockModel, collector: Collector
) -> None:
    document = await api.save(DOCUMENT)
    owner = stack.platform.owner
    assert owner is not None
    person = {"email": owner.email, "password": owner.password}
    token = (await api.http.post("/v1/auth/login", json=person)).json()["access_token"]
    payload = token.split(".")[1]
    session = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"]
    trace, page = session.replace("-", "")[-16:] + secrets.token_hex(8), secrets.token_hex(8)
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False, timeout=30) as browser:
        browser.headers.update({"authorization": f"Bearer {token}", "traceparent": f"00-{trace}-{page}-00"})
        begun = await browser.post(
            f"/v1/workflows/{document.id}/runs", json={"inputs": {}}, headers={"Idempotency-Key": trace}
        )
    assert begun.status_code == 202, begun.text
    run_id = begun.json()["id"]
    assert (await api.finished(run_id, within_s=COLD_S)).trace_id == trace
    spans = await whole_trace(collector, run_id)
    assert {span.trace_id for span in spans} == {trace}
    assert {"gateway", "orchestrator", "agent-research"} <= services_of(spans)
    (root,) = roots_of(spans)
    assert (root.service, root.parent_id) == ("gateway", page), "the page's own span stands above all others"


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
