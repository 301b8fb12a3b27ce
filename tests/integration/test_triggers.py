"""What starts runs by itself, on the real platform: webhooks, events, a gateway that dies meanwhile."""

import asyncio

import httpx

from flowloom_contracts.runs import RunStatus
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until

DOCUMENT = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: triggered-{key}}}
triggers:
  - id: hook
    webhook: {{auth: api_key, dedupe: "${{trigger.body.id}}"}}
    inputs: {{word: "${{trigger.body.word}}"}}
  - id: told
    event: {{topic: "told.{key}", match: "${{trigger.data.loud}}"}}
    inputs: {{word: "${{trigger.data.word}}"}}
steps:
  copy: {{transform: "${{inputs.word}}"}}
outputs: {{word: "${{steps.copy.output}}"}}
"""


async def _published(api: PublicApi, key: str) -> tuple[str, str]:
    """Return the workflow's id and its webhook's path."""
    workflow = await api.save(DOCUMENT.format(key=key))
    assert workflow.draft_valid, workflow.problems
    answer = await api.http.post(f"/v1/workflows/{workflow.id}/publish", json={"note": "triggers"})
    assert answer.json() == {"version": 1}
    hooks = (await api.http.get("/v1/webhooks")).json()["items"]
    return workflow.id, next(hook["path"] for hook in hooks if hook["workflow"]["id"] == workflow.id)


async def _words(api: PublicApi, workflow_id: str, count: int) -> list[str]:
    """Wait until so many runs of the workflow have succeeded; return what they gave."""

    async def succeeded() -> list[dict[str, dict[str, str]]]:
        params: dict[str, str | int] = {"workflow_id": workflow_id, "limit": 200}
        items = (await api.http.get("/v1/runs", params=params)).json()["items"]
        done = [run for run in items if run["status"] == RunStatus.SUCCEEDED]
        return done if len(items) == len(done) == count else []

    runs = await until(succeeded, within_s=90, what=f"{count} runs of {workflow_id}")
    return sorted(run["outputs"]["word"] for run in runs)


async def test_starts_one_run_for_each_call_and_each_event(api: PublicApi, key: str) -> None:
    workflow_id, path = await _published(api, key)
    calls = [{"id": n % 5, "word": f"w{n % 5}"} for n in range(10)]
    answers = await asyncio.gather(*(api.http.post(path, json=call) for call in calls))
    assert [answer.status_code for answer in answers] == [202] * 10
    assert sum(answer.json()["duplicate"] for answer in answers) == 5
    for loud in (True, False):
        body = {"name": f"told.{key}", "data": {"loud": loud, "word": f"event {loud}"}}
        event = await api.http.post("/v1/events", json=body, headers={"Idempotency-Key": f"{key}{loud}"})
        assert event.status_code == 202, event.text
    assert await _words(api, workflow_id, 6) == ["event True", "w0", "w1", "w2", "w3", "w4"]
    deliveries = await api.http.get(f"/v1/webhooks/{path.removeprefix('/hooks/')}/deliveries")
    assert {item["status"] for item in deliveries.json()["items"]} == {"started"}


async def test_loses_no_accepted_call_when_the_gateway_dies(stack: Stack, api: PublicApi, key: str) -> None:
    workflow_id, path = await _published(api, key)
    accepted: list[str] = []

    async def call(number: int) -> None:
        word = f"{number:03}"
        try:
            answer = await api.http.post(path, json={"id": number, "word": word})
        except httpx.TransportError:
            return
        if answer.status_code == httpx.codes.ACCEPTED:
            accepted.append(word)

    calling = [asyncio.create_task(call(number)) for number in range(60)]
    await until(lambda: _at_least(accepted, 5), within_s=20, what="the first accepted calls")
    await stack.kill("gateway")
    await asyncio.gather(*calling)

    async def ready() -> bool:
        try:
            return (await api.http.get("/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    await until(ready, within_s=60, what="the gateway's return")
    assert len(accepted) >= 5
    words = await until(lambda: _runs_of(api, workflow_id, accepted), within_s=120, what="the accepted runs")
    assert len(words) == len(set(words))


async def _at_least(accepted: list[str], count: int) -> bool:
    return len(accepted) >= count


async def _runs_of(api: PublicApi, workflow_id: str, accepted: list[str]) -> list[str]:
    """Return what the runs have given, once all that was accepted is among them and nothing is under way."""
    params: dict[str, str | int] = {"workflow_id": workflow_id, "limit": 200}
    items = (await api.http.get("/v1/runs", params=params)).json()["items"]
    words = [run["outputs"]["word"] for run in items if run["status"] == RunStatus.SUCCEEDED]
    return words if len(words) == len(items) and set(accepted) <= set(words) else []
