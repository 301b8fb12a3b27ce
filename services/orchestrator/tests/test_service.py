"""The routes in one process: who may ask, what is refused, and that refusals are problems."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from flowloom_contracts.topics import AppId
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.testing.callers import SignedCalls
from orchestrator.bootstrap import build
from orchestrator.dependencies import Dependencies
from orchestrator.settings import Settings
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.ask_models import ModelQuestions
from orchestrator.usecases.budget_book import BudgetBook

SMALL = ModelSettings(
    model_base_url="http://127.0.0.1:1/v1",
    model_name="small",
    model_prices={"small": {"input": 1, "output": 2}},
)

TOKEN = "the sidecar's token 8f3b"
HELLO = workflow("s: {llm: default, prompt: Hi}", rest="inputs: {type: object, required: [topic]}")
START = {
    "actor": {"workspace_id": "ws-1"},
    "workflow": {"id": "wf", "name": "test"},
    "version": 3,
    "source": HELLO,
    "inputs": {"topic": "buses"},
    "request_hash": "h",
}
QUERY = {"actor": {"workspace_id": "ws-1"}, "run_id": "01a204e9-d9fe-73d0-acbe-b2a6d7555cba"}
CLAIM = {"run_id": QUERY["run_id"], "step": "s", "attempt": 1, "worker": "w", "boot_id": "b"}
RUNS = ("get", "steps", "events", "snapshot", "cancel")


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    """Give a folder with the keys of three services."""
    for app_id in (AppId.ORCHESTRATOR, AppId.AGENT_QA, AppId.GATEWAY):
        key = ECKey.generate_key("P-256")
        (tmp_path / f"{app_id}.key.pem").write_bytes(key.as_pem(private=True))
        (tmp_path / f"{app_id}.pub.pem").write_bytes(key.as_pem(private=False))
    return tmp_path


@pytest.fixture
async def world(stores: Stores) -> AsyncIterator[World]:
    """Give a world over each kind of store."""
    async with a_world(stores, model=ScriptedModel("nul \0 and more")) as made:
        yield made


@pytest.fixture
async def client(world: World, keys_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that is the sidecar, with a token of the gateway."""
    app = build(
        Settings(
            database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none",
            keys_dir=keys_dir,
            redis_url="redis://127.0.0.1:1/0",
            dapr_api_token="d-8f3b1c6e0a2d7f94",
            app_api_token=TOKEN,
        )
    )
    app.state.dependencies = Dependencies(
        runs=world.ruled,
        views=world.stores.views,
        journal=world.stores.journal,
        history=world.history,
        gate=world.gate,
        relay=world.relay,
        controls=world.controls,
        forks=world.forks,
        values=world.parts.values,
        files=world.files,
        clock=world.clock,
        events=world.events_heard,
        approvals=world.stores.approvals,
        guard=world.guard,
        schedules=world.schedules,
        stats=world.stores.stats,
        policies=world.stores.policies,
        models=ModelQuestions(SMALL, world.model, None),
        mcp=world.parts.mcp,
        agent_calls=world.agent_calls(),
        budgets=BudgetBook(world.stores.budgets, world.clock),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://o/internal",
        headers={"dapr-api-token": TOKEN},
        auth=signed(AppId.GATEWAY, keys_dir),
    ) as made:
        yield made


def signed(app_id: str, keys_dir: Path) -> SignedCalls:
    return SignedCalls(ServiceIdentity(app_id, keys_dir), AppId.ORCHESTRATOR)


async def test_starts_and_shows_a_run(client: httpx.AsyncClient, world: World) -> None:
    run = (await client.post("/runs/start", json=START)).json()
    assert (run["status"], run["version"], run["inputs"]) == ("queued", 3, {"topic": "buses"})
    await world.advance(await world.stored(run["id"]))
    await world.relay.settled(run["id"])
    asked = {**QUERY, "run_id": run["id"]}
    shown = (await client.post("/runs/get", json=asked)).json()
    assert shown["status"] == "succeeded"
    steps = (await client.post("/runs/steps", json=asked)).json()["items"]
    assert [(step["path"], step["status"]) for step in steps] == [("s", "succeeded")]
    events = (await client.post("/runs/events", json=asked)).json()["items"]
    assert events[-1]["type"] == "run.finished.v1"
    snapshot = (await client.post("/runs/snapshot", json=asked)).json()
    assert snapshot["cursor"] == f"1:{len(events)}"
    listed = (await client.post("/runs/list", json={"actor": START["actor"]})).json()
    assert [item["id"] for item in listed["items"]] == [run["id"]]
    refused = await client.post("/runs/cancel", json=asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/run-finished")


async def test_shows_and_decides_what_waits_for_people(client: httpx.AsyncClient, world: World) -> None:
    run = await world.start(workflow('ask: {approval: {title: "Go?"}}'))
    await world.advance(run)
    actor = {"workspace_id": "ws-1", "email": "anna@example.com", "roles": ["viewer"]}
    item = (await client.post("/approvals/list", json={"actor": actor})).json()["items"][0]
    asked = {"actor": actor, "approval_id": item["id"]}
    shown = (await client.post("/approvals/get", json=asked)).json()
    assert (shown["title"], shown["run_id"]) == ("Go?", run.id)
    said = {**asked, "decision": "approve"}
    refused = await client.post("/approvals/decide", json=said)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-your-decision")
    said["actor"] = {**actor, "roles": ["operator"]}
    assert (await client.post("/approvals/decide", json=said)).json()["status"] == "decided"
    late = await client.post("/approvals/decide", json=said)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/already-decided")
    assert "anna@example.com" in late.json()["detail"]
    unknown = await client.post("/approvals/get", json={**asked, "approval_id": "nothing"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/approval-not-found")


async def test_keeps_whatever_a_model_writes(world: World) -> None:
    run = await world.start(workflow("s: {llm: default, prompt: Hi}"))
    assert (await world.advance(run))["finished"]
    again = await world.stores.runs.load(run.id)
    assert again is not None
    assert str(again.state.steps["s"].output).startswith("nul ")


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize("method", RUNS)
async def test_does_not_find_what_is_not_there(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.post(f"/runs/{method}", json=QUERY)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/run-not-found")


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_refuses_a_document_with_its_problems(client: httpx.AsyncClient) -> None:
    answer = await client.post("/runs/start", json={**START, "source": "steps: [\n"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/invalid-document")
    assert problem["problems"][0]["code"] == "yaml_syntax"
    stranger = workflow("s: {agent: reserch, prompt: Hi}")
    unknown = (await client.post("/runs/start", json={**START, "source": stranger})).json()
    assert unknown["problems"][0]["code"] == "unknown_agent"
    wrong = await client.post("/runs/start", json={**START, "inputs": {}})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "inputs.topic")


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_one_key_starts_one_run(client: httpx.AsyncClient) -> None:
    keyed = {**START, "idempotency_key": "k"}
    first, second = [(await client.post("/runs/start", json=keyed)).json()["id"] for _ in range(2)]
    assert first == second
    other = await client.post("/runs/start", json={**keyed, "request_hash": "other"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-conflict")


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_refuses_strangers(client: httpx.AsyncClient, keys_dir: Path) -> None:
    for path, body in (("/runs/get", QUERY), ("/steps/claim", CLAIM)):
        no_sidecar = await client.post(path, json=body, headers={"dapr-api-token": "guessed"})
        unsigned = await client.post(path, json=body, headers={"authorization": ""})
        assert (no_sidecar.status_code, unsigned.status_code) == (401, 401)
    agent = signed(AppId.AGENT_QA, keys_dir)
    assert (await client.post("/runs/get", json=QUERY, auth=agent)).status_code == 403
    assert (await client.post("/steps/claim", json=CLAIM)).status_code == 403
    assert (await client.post("/steps/claim", json=CLAIM, auth=agent)).status_code == 404


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_names_wrong_requests(client: httpx.AsyncClient) -> None:
    wrong = await client.post("/runs/get", json={**QUERY, "colour": "red"})
    assert wrong.status_code == 422
    run = (await client.post("/runs/start", json=START)).json()
    cursor = await client.post("/runs/events", json={**QUERY, "run_id": run["id"], "after": "soon"})
    assert (cursor.status_code, cursor.json()["type"]) == (422, "/problems/invalid-cursor")


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_says_that_storage_is_away(client: httpx.AsyncClient, world: World) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailableError("away")

    world.stores.runs.create = away  # type: ignore[method-assign, assignment]  # plays an outage
    answer = await client.post("/runs/start", json=START)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert json.loads(answer.text)["type"] == "/problems/storage-unavailable"


async def test_says_which_model_it_is_and_whether_it_answers(client: httpx.AsyncClient) -> None:
    told = (await client.post("/models/platform", json={})).json()
    assert (told["model"], told["has_key"], told["price"]) == ("small", False, {"input": 1.0, "output": 2.0})
    tested = (await client.post("/models/test", json={"endpoint": None})).json()
    assert (tested["ok"], tested["code"]) == (True, None)
    assert tested["answer"]


async def test_tells_figures_usage_and_takes_policies(client: httpx.AsyncClient) -> None:
    actor = {"workspace_id": "ws-1"}
    figures = await client.post("/stats/overview", json={"actor": actor, "window": "24h"})
    assert (figures.status_code, len(figures.json()["series"])) == (200, 24)
    question = {"actor": actor, "since": "2026-01-01", "until": "2026-01-02", "group_by": ["day"]}
    assert (await client.post("/usage/report", json=question)).json()["items"] == []
    policy = {"workspace_id": "ws-1", "revision": 4}
    assert (await client.post("/policies/set", json=policy)).json() == {"revision": 4}


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_gives_a_mandate_with_a_step_and_renews_it(
    client: httpx.AsyncClient, world: World, keys_dir: Path
) -> None:
    run = await world.start(workflow("s: {agent: qa, prompt: Hi}"))
    await world.advance(run)
    agent = signed(AppId.AGENT_QA, keys_dir)
    orchestrator = ServiceIdentity(AppId.ORCHESTRATOR, keys_dir)
    claimed = (await client.post("/steps/claim", json={**CLAIM, "run_id": run.id}, auth=agent)).json()
    beat = {"run_id": run.id, "step": "s", "exec": claimed["exec"]}
    quiet = (await client.post("/steps/heartbeat", json=beat, auth=agent)).json()
    assert (quiet["ok"], quiet["mandate"]) == (True, None)
    shown = {**beat, "mandate": claimed["mandate"]}
    renewed = (await client.post("/steps/heartbeat", json=shown, auth=agent)).json()["mandate"]
    for text in (claimed["mandate"], renewed):
        said = orchestrator.verify_mandate(text, issuer=AppId.ORCHESTRATOR, holder=AppId.AGENT_QA)
        assert (said.workspace_id, said.run_id) == ("ws-1", run.id)
    others = [
        orchestrator.mandate(AppId.AGENT_QA, [AppId.ORCHESTRATOR], workspace_id="ws-2", run_id="other"),
        orchestrator.mandate(AppId.GATEWAY, [AppId.ORCHESTRATOR], workspace_id="ws-2", run_id=run.id),
        "nonsense",
    ]
    for text in others:
        answer = (await client.post("/steps/heartbeat", json={**beat, "mandate": text}, auth=agent)).json()
        assert (answer["ok"], answer["mandate"]) == (True, None), "the worker hears that its step goes on"
    again = (
        await client.post("/steps/claim", json={**CLAIM, "run_id": run.id, "worker": "x"}, auth=agent)
    ).json()
    assert (again["task"], again["mandate"]) == (None, None)
