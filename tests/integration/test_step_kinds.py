"""`http`, `code`, `tool`, `emit`, `wait event` and schedules on the real platform."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus, StepStatus
from flowloom_language.large_values import ref_of
from tests.integration import recovery
from tests.integration.api import PublicApi
from tests.integration.outside import OutsideLedger, outside_ledger
from tests.integration.stack import Stack
from tests.integration.waiting import until

HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata:\n  name: {name}\n"
TOKEN = "tok-7f3a9c51"
ON_TIME_S: Final = 3.0

KINDS = (
    HEAD.format(name="kinds")
    + """\
inputs: {type: object, required: [url], properties: {url: {type: string}}}
secrets: [crm_token]
steps:
  post:
    http:
      method: POST
      url: "${inputs.url}/briefs"
      headers: {Authorization: "Bearer ${secrets.crm_token}"}
      body: {text: hello}
    effect: idempotent
  missing:
    http: {method: GET, url: "${inputs.url}/missing"}
    on_error: {on: ["404"], output: {body: gone}}
  add:
    code: {source: "print('adding')\\nsum(prices) * 2", with: {prices: [3, 4]}}
  wrong:
    code: {source: "x = 1\\nx / 0"}
    on_error: {output: "${error.code + ': ' + error.message}"}
  keep: {tool: memory.store, with: {text: "The harbour of Rotterdam is deep.", collection: facts}}
  found: {needs: [keep], tool: memory.search, with: {query: harbour, collection: facts, top: 1}}
outputs:
  sent: "${steps.post.output.body.path}"
  echoed: "${steps.post.output.body.authorization}"
  missing: "${steps.missing.output.body}"
  sum: "${steps.add.output}"
  wrong: "${steps.wrong.output}"
  found: "${steps.found.output}"
"""
)

LARGE = (
    HEAD.format(name="large")
    + """\
inputs: {type: object, required: [url], properties: {url: {type: string}}}
steps:
  get: {http: {method: GET, url: "${inputs.url}/large"}}
  pass: {transform: "${steps.get.output.body}"}
outputs: {body: "${steps.pass.output}", status: "${steps.get.output.status}"}
"""
)

SILENT = (
    HEAD.format(name="silent")
    + """\
inputs: {type: object, required: [url], properties: {url: {type: string}}}
steps:
  post: {http: {method: POST, url: "${inputs.url}/silent"}, timeout: 60s, retry: {max: 3}}
"""
)

WAITS = (
    HEAD.format(name="waits")
    + """\
inputs: {type: object, required: [key], properties: {key: {type: string}}}
steps:
  wait: {wait: {event: {name: parcel-sent, match: "${event.data.key == inputs.key}", timeout: 2m}}}
outputs: {got: "${steps.wait.output}"}
"""
)

EMITS = (
    HEAD.format(name="emits")
    + """\
inputs: {type: object, required: [key], properties: {key: {type: string}}}
steps:
  tell: {emit: {topic: parcel-sent, data: {key: "${inputs.key}", by: a run}}}
"""
)

EVERY_MINUTE = (
    HEAD.format(name="every-minute")
    + """\
inputs: {type: object, properties: {at: {type: string}}}
triggers:
  - {id: minutely, schedule: "* * * * *", inputs: {at: "${trigger.due_at}"}}
steps:
  say: {transform: "${inputs.at}"}
outputs: {at: "${steps.say.output}"}
"""
)


@pytest.fixture
async def ledger(stack: Stack) -> AsyncIterator[OutsideLedger]:
    async with outside_ledger(stack.outside_port) as server:
        yield server


async def run_of(api: PublicApi, source: str, inputs: JsonObject) -> Run:
    document = await api.save(source)
    return await api.start(document.id, inputs)


async def test_carries_out_every_local_kind(stack: Stack, api: PublicApi, ledger: OutsideLedger) -> None:
    saved = await api.http.put("/v1/secrets/crm_token", json={"value": TOKEN})
    assert saved.status_code in (200, 201), saved.text
    run = await run_of(api, KINDS, {"url": stack.outside_url})
    done = await api.finished(run.id, within_s=90)
    assert (done.status, done.error) == (RunStatus.SUCCEEDED, None)
    outputs = done.outputs or {}
    assert (outputs["sent"], outputs["echoed"]) == ("/briefs", "Bearer [secret:crm_token]")
    assert (outputs["missing"], outputs["sum"]) == ("gone", 14)
    assert str(outputs["wrong"]).startswith("code_error: Line 2")
    assert outputs["found"] == ["The harbour of Rotterdam is deep."]
    [post] = [asked for asked in ledger.asked if asked.method == "POST"]
    assert post.headers["authorization"] == f"Bearer {TOKEN}"
    assert len(post.headers["idempotency-key"]) == 64
    history = await api.http.get(f"/v1/runs/{run.id}/events", params={"limit": 5000})
    steps = await api.http.get(f"/v1/runs/{run.id}/steps")
    assert TOKEN not in history.text + steps.text


async def test_passes_ten_megabytes_by_reference(stack: Stack, api: PublicApi, ledger: OutsideLedger) -> None:
    ledger.large = b"0123456789" * 1_000_000
    run = await run_of(api, LARGE, {"url": stack.outside_url})
    done = await api.finished(run.id, within_s=90)
    assert done.status is RunStatus.SUCCEEDED
    assert done.outputs is not None and done.outputs["status"] == 200
    ref = ref_of(done.outputs["body"])
    answer = await api.http.get(f"/v1/runs/{run.id}/values/{ref}", timeout=60)
    assert answer.status_code == 200, answer.text[:300]
    read = answer.json()
    assert (read["ref"], read["size"]) == (ref, len(ledger.large) + 2)
    assert read["value"] == ledger.large.decode()


async def test_asks_a_person_when_nobody_knows_what_a_request_did(
    stack: Stack, api: PublicApi, ledger: OutsideLedger
) -> None:
    run = await run_of(api, SILENT, {"url": stack.outside_url})
    await until(lambda: _some(ledger), within_s=30, what="the request")
    await stack.kill("orchestrator")

    async def is_waiting() -> bool:
        return (await api.run(run.id)).status is RunStatus.WAITING

    await until(is_waiting, within_s=60, what="the question to a person")
    step = (await api.steps(run.id))["post"]
    assert step.status is StepStatus.WAITING
    assert len(ledger.asked) == 1, "a request that may have had its effect was sent again"
    await api.cancel(run.id)
    assert (await api.finished(run.id)).status is RunStatus.CANCELLED


async def _some(ledger: OutsideLedger) -> bool:
    return bool(ledger.asked)


async def test_brings_an_event_of_one_run_to_another(api: PublicApi, key: str) -> None:
    waiting = await run_of(api, WAITS, {"key": key})

    async def is_waiting() -> bool:
        return (await api.run(waiting.id)).status is RunStatus.WAITING

    await until(is_waiting, within_s=30, what="the wait")
    await run_of(api, EMITS, {"key": "another"})
    await run_of(api, EMITS, {"key": key})
    done = await api.finished(waiting.id, within_s=60)
    assert done.outputs == {"got": {"key": key, "by": "a run"}}


async def test_brings_an_event_of_the_interface_to_a_run(api: PublicApi, key: str) -> None:
    waiting = await run_of(api, WAITS, {"key": key})
    body = {"name": "parcel-sent", "data": {"key": key}}
    for _ in range(2):
        told = await api.http.post("/v1/events", json=body, headers={"Idempotency-Key": f"event-{key}"})
        assert told.status_code == 202, told.text
    done = await api.finished(waiting.id, within_s=60)
    assert done.outputs == {"got": {"key": key}}


@pytest.mark.timeout(200)
async def test_fires_a_schedule_at_its_minute(api: PublicApi) -> None:
    """By its alarm; without one the reconciler would fire it, half a minute late at worst."""
    document = await api.save(EVERY_MINUTE)
    published = await api.http.post(f"/v1/workflows/{document.id}/publish", json={})
    assert published.status_code == 201, published.text

    async def first() -> Run | None:
        listed = await api.http.get("/v1/runs", params={"workflow_id": document.id})
        items = listed.json()["items"]
        return Run.model_validate(items[-1]) if items else None

    run = await until(first, within_s=100, what="the run of the schedule")
    assert run is not None
    done = await api.finished(run.id)
    schedules = (await api.http.get("/v1/schedules", params={"workflow_id": document.id})).json()["items"]
    [schedule] = schedules
    assert done.outputs == {"at": schedule["last_at"]}
    assert (schedule["last_run_id"], schedule["last_error"]) == (run.id, None)
    late = run.created_at - datetime.fromisoformat(str(schedule["last_at"]))
    recovery.record("G7", "a schedule, behind its due time", late.total_seconds(), limit_s=ON_TIME_S)
    stopped = await api.http.post(f"/v1/schedules/{schedule['id']}/pause")
    assert (stopped.status_code, stopped.json()["next_at"]) == (200, None)
