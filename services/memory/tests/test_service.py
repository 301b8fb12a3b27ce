"""The whole service in one process: its routes, on real Postgres and the real model."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from flowloom_contracts.topics import AppId
from flowloom_servicekit.database import Database
from flowloom_servicekit.identity import ServiceIdentity
from memory.bootstrap import build
from memory.settings import Settings

TOKEN = "the sidecar's token"
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
    """Give a folder with the keys of three services."""
    for app_id in (AppId.MEMORY, AppId.AGENT_RESEARCH, AppId.GATEWAY):
        key = ECKey.generate_key("P-256")
        (tmp_path / f"{app_id}.key.pem").write_bytes(key.as_pem(private=True))
        (tmp_path / f"{app_id}.pub.pem").write_bytes(key.as_pem(private=False))
    return tmp_path


@pytest.fixture
async def client(migrated_url: str, database: Database, keys_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that is the sidecar, with a token of the research agent; the tables are empty."""
    settings = Settings(
        database_url=migrated_url,
        keys_dir=keys_dir,
        redis_url="redis://127.0.0.1:1/0",
        dapr_api_token="d",
        app_api_token=TOKEN,
    )
    app = build(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        headers = {"dapr-api-token": TOKEN, "authorization": signed(AppId.AGENT_RESEARCH, keys_dir)}
        async with httpx.AsyncClient(transport=transport, base_url="http://memory", headers=headers) as made:
            yield made


def signed(app_id: str, keys_dir: Path) -> str:
    return f"Bearer {ServiceIdentity(app_id, keys_dir).token_for(AppId.MEMORY)}"


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
    gateway = await client.post(path, json=body, headers={"authorization": signed(AppId.GATEWAY, keys_dir)})
    assert (no_sidecar.status_code, unsigned.status_code, gateway.status_code) == (401, 401, 403)
    assert gateway.headers["content-type"] == "application/problem+json"


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


async def test_is_ready_when_postgres_answers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/healthz")).status_code == 200
