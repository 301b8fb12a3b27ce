"""The whole service in one process: its routes, on real Postgres and the real model."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from flowloom_contracts.topics import AppId
from flowloom_servicekit.database import Database
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.testing.callers import SignedCalls
from flowloom_servicekit.testing.postgres import ServiceDatabase
from flowloom_servicekit.testing.waiting import wait_until
from memory.bootstrap import build
from memory.settings import Settings
from memory.testing import files

TOKEN = "the sidecar's token 8f3b"
NOTE = {
    "workspace_id": "w1",
    "collection": "notes",
    "text": "The turbine needs new bearings before winter.",
    "metadata": {"run": "r1"},
    "effect_key": "k1",
}
QUESTION = {"workspace_id": "w1", "collections": ["notes"], "query": "What must be repaired?"}


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    """Give a folder with the keys of four services."""
    for app_id in (AppId.MEMORY, AppId.AGENT_RESEARCH, AppId.GATEWAY, AppId.ORCHESTRATOR):
        key = ECKey.generate_key("P-256")
        (tmp_path / f"{app_id}.key.pem").write_bytes(key.as_pem(private=True))
        (tmp_path / f"{app_id}.pub.pem").write_bytes(key.as_pem(private=False))
    return tmp_path


@pytest.fixture
async def client(
    addresses: ServiceDatabase, database: Database, keys_dir: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that is the sidecar, with a token of the research agent; the tables are empty."""
    settings = Settings(
        database_url=addresses.url,
        keys_dir=keys_dir,
        redis_url="redis://127.0.0.1:1/0",
        dapr_api_token="d-8f3b1c6e0a2d7f94",
        app_api_token=TOKEN,
    )
    app = build(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://memory",
            headers={"dapr-api-token": TOKEN},
            auth=signed(AppId.AGENT_RESEARCH, keys_dir),
        ) as made:
            yield made


def signed(app_id: str, keys_dir: Path) -> SignedCalls:
    orchestrator = ServiceIdentity(AppId.ORCHESTRATOR, keys_dir)
    return SignedCalls(ServiceIdentity(app_id, keys_dir), AppId.MEMORY, given_by=orchestrator)


async def test_stores_once_and_finds_by_meaning(client: httpx.AsyncClient) -> None:
    first = (await client.post("/internal/memory/store", json=NOTE)).json()
    again = (await client.post("/internal/memory/store", json=NOTE)).json()
    await client.post("/internal/memory/store", json={**NOTE, "effect_key": "k2", "text": "Lunch was soup."})
    assert first == {"id": first["id"], "created": True, "chunks": 1}
    assert again == {"id": first["id"], "created": False, "chunks": 1}
    answer = await client.post("/internal/memory/search", json=QUESTION)
    assert answer.status_code == 200
    best, other = answer.json()["items"]
    assert (best["id"], best["text"], best["metadata"]) == (first["id"], NOTE["text"], {"run": "r1"})
    assert best["score"] > other["score"]


@pytest.mark.parametrize("path", ["/internal/memory/store", "/internal/memory/search"])
async def test_refuses_strangers(client: httpx.AsyncClient, keys_dir: Path, path: str) -> None:
    body = NOTE if path.endswith("store") else QUESTION
    no_sidecar = await client.post(path, json=body, headers={"dapr-api-token": "guessed"})
    unsigned = await client.post(path, json=body, headers={"authorization": ""})
    assert (no_sidecar.status_code, unsigned.status_code) == (401, 401)
    assert unsigned.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("store", {"collection": "No Such Name!"}),
        ("store", {"text": ""}),
        ("store", {"text": "nul \0"}),
        ("store", {"colour": "red"}),
        ("search", {"top": 51}),
        ("search", {"collections": []}),
        ("search", {"query": "nul \0"}),
    ],
)
async def test_refuses_what_is_not_valid(
    client: httpx.AsyncClient, path: str, change: dict[str, str]
) -> None:
    body = NOTE if path == "store" else QUESTION
    answer = await client.post(f"/internal/memory/{path}", json=body | change)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_only_the_gateway_asks_for_generations(client: httpx.AsyncClient, keys_dir: Path) -> None:
    path = "/internal/memory/generations/list"
    agent = await client.post(path, json={})
    gateway = await client.post(path, json={}, auth=signed(AppId.GATEWAY, keys_dir))
    assert (agent.status_code, gateway.status_code) == (403, 200)
    assert [(one["id"], one["status"]) for one in gateway.json()["items"]] == [(1, "active")]


async def test_only_the_gateway_keeps_documents(client: httpx.AsyncClient) -> None:
    for what in ("collections/list", "documents/list", "documents/add", "forget"):
        assert (await client.post(f"/internal/memory/{what}", json={})).status_code == 403, what
    assert (await client.get("/internal/memory/documents/part")).status_code == 403


async def test_takes_a_document_and_cites_it(client: httpx.AsyncClient, keys_dir: Path) -> None:
    client.auth = signed(AppId.GATEWAY, keys_dir)
    asked = {"workspace_id": "w1", "role": "editor"}
    added = await client.post(
        "/internal/memory/documents/add",
        json={
            **asked,
            "collection": "manuals",
            "name": "turbine.docx",
            "effect_key": "d1",
            "metadata": {"v": 2},
        },
    )
    one = {**asked, "document_id": added.json()["id"]}
    content = files.a_docx()
    for number, part in enumerate((content[:5_000], content[5_000:]), start=1):
        sent = await client.put(
            "/internal/memory/documents/part", params={**one, "number": number}, content=part
        )
        assert sent.status_code == 204
    completed = await client.post("/internal/memory/documents/complete", json=one)
    assert (completed.json()["status"], completed.json()["size_bytes"]) == ("queued", len(content))

    async def is_ready() -> bool:
        return bool(
            (await client.post("/internal/memory/documents/get", json=one)).json()["status"] == "ready"
        )

    await wait_until(is_ready, 60, every_s=0.2)
    answer = await client.post(
        "/internal/memory/passages/search",
        json={**asked, "collections": ["manuals"], "query": "How often are bearings replaced?", "top": 1},
    )
    (hit,) = answer.json()["items"]
    assert hit["text"] == "The bearings are changed every two years."
    assert hit["citation"]["name"] == "turbine.docx"
    assert hit["citation"]["headings"] == ["Turbine manual", "Bearings"]
    assert hit["metadata"] == {"v": 2}
    parts = [
        await client.get("/internal/memory/documents/part", params={**one, "number": number})
        for number in (1, 2, 3)
    ]
    assert b"".join(part.content for part in parts) == content
    assert [part.status_code for part in parts] == [200, 200, 204]
    assert parts[0].headers["content-disposition"] == "attachment"


async def test_a_search_that_names_no_collection_sees_those_open_to_its_role(
    client: httpx.AsyncClient, keys_dir: Path
) -> None:
    for name in ("notes", "salaries"):
        await client.post("/internal/memory/store", json={**NOTE, "collection": name, "effect_key": name})
    closed = {"workspace_id": "w1", "role": "owner", "name": "salaries", "readers": ["editor"]}
    gateway = signed(AppId.GATEWAY, keys_dir)
    put = await client.post("/internal/memory/collections/put", json=closed, auth=gateway)
    assert put.status_code == 200, put.text
    seen = {}
    for role in ("viewer", "editor"):
        asked = {"workspace_id": "w1", "role": role, "query": "What must be repaired?"}
        found = await client.post("/internal/memory/passages/search", json=asked)
        assert found.status_code == 200, found.text
        seen[role] = {hit["collection"] for hit in found.json()["items"]}
        named = await client.post(
            "/internal/memory/passages/search", json={**asked, "collections": ["salaries"]}
        )
        seen[f"{role} by name"] = {hit["collection"] for hit in named.json()["items"]}
    both = {"notes", "salaries"}
    assert seen == {
        "viewer": {"notes"},
        "viewer by name": set(),
        "editor": both,
        "editor by name": {"salaries"},
    }
    asked = {"workspace_id": "w2", "role": "owner", "query": "What must be repaired?"}
    assert (await client.post("/internal/memory/passages/search", json=asked)).json()["items"] == []


async def test_compares_by_meaning(client: httpx.AsyncClient) -> None:
    body = {
        "workspace_id": "w1",
        "texts": ["The engine was repaired in spring.", "Soup is served at noon."],
        "others": ["Lunch begins at twelve o'clock.", "In April the motor was fixed."],
    }
    items = (await client.post("/internal/memory/compare", json=body)).json()["items"]
    assert [item["other"] for item in items] == [1, 0]
    assert all(0.3 < item["similarity"] <= 1 for item in items)
    refused = await client.post("/internal/memory/compare", json={**body, "others": []})
    assert refused.status_code == 422


async def test_hears_of_a_text_to_ingest_over_the_topic(client: httpx.AsyncClient, keys_dir: Path) -> None:
    client.auth = signed(AppId.GATEWAY, keys_dir)
    data = {
        "workspace_id": "w1",
        "collection": "notes",
        "name": "a.md",
        "text": "# Soup\n\nBoil it.",
        "effect_key": "e",
    }
    for _ in range(2):
        heard = await client.post("/subscriptions/memory-ingest", json={"id": "1", "data": data})
        assert heard.json() == {"status": "SUCCESS"}
    listed = await client.post(
        "/internal/memory/documents/list", json={"workspace_id": "w1", "collection": "notes"}
    )
    assert [item["name"] for item in listed.json()["items"]] == ["a.md"]
    lacking = await client.post(
        "/subscriptions/memory-ingest", json={"id": "2", "data": {"workspace_id": "w1", "name": "x"}}
    )
    assert lacking.json() == {"status": "DROP"}


async def test_hears_how_runs_end_and_tells_the_gateway(client: httpx.AsyncClient, keys_dir: Path) -> None:
    error = {"code": "upstream", "message": "The mail server does not answer.", "step": "send"}
    event = {
        "workspace_id": "w1",
        "workflow_id": "a",
        "workflow_name": "orders",
        "at": "2026-11-29T08:00:00Z",
    }
    for run_id in ("r1", "r1", "r2"):
        data = {**event, "run_id": run_id, "status": "failed", "error": error}
        heard = await client.post("/subscriptions/run-events", json={"id": run_id, "data": data})
        assert heard.json() == {"status": "SUCCESS"}
    path, query = "/internal/memory/runs/failures", {"workspace_id": "w1", "workflow_id": "a"}
    assert (await client.post(path, json=query)).status_code == 403
    answer = await client.post(path, json=query, auth=signed(AppId.GATEWAY, keys_dir))
    assert [(one["seen"], one["step"]) for one in answer.json()["items"]] == [(2, "send")]
    question = {**QUESTION, "collections": ["run-memory"], "query": "Why are no mails sent?"}

    async def found(**sight: list[str]) -> list[str]:
        hits = await client.post("/internal/memory/search", json={**question, "sight": sight})
        return [hit["text"] for hit in hits.json()["items"]]

    async def is_told() -> bool:
        return any("Seen 2 times" in text for text in await found(only=["a"]))

    await wait_until(is_told, 20)
    assert await found(only=["b"]) == await found() == []


async def test_is_ready_when_postgres_answers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/healthz")).status_code == 200
