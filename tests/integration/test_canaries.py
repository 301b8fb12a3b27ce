"""S67 and S64 on the whole platform: a secret that was given is in nothing that is written or told."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from benchmarks.mock_llm.control import MockModel
from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.ids import new_id
from tests.integration.api import PublicApi
from tests.integration.documents import document
from tests.integration.outside import OutsideLedger, outside_ledger
from tests.integration.stack import Stack

VALUE: Final = "canary-c7e1f09a53"
SCHEMAS: Final = ("gateway", "orchestrator", "memory", "dapr")
SENDS: Final = """\
  send:
    http:
      method: POST
      url: "{url}/in"
      query: {{token: "${{secrets.canary}}"}}
      headers: {{authorization: "Bearer ${{secrets.canary}}"}}
      body: {{token: "${{secrets.canary}}"}}
  talk: {{llm: default, prompt: "Say ${{steps.send.output.body.authorization}} [[${{inputs.key}}/talk]]"}}
  fail:
    needs: [talk]
    http:
      url: "http://127.0.0.1:1/"
      query: {{t: "${{secrets.canary}}"}}
      headers: {{x-key: "${{secrets.canary}}"}}
"""


@pytest.fixture
async def outside(stack: Stack) -> AsyncIterator[OutsideLedger]:
    async with outside_ledger(stack.outside_port) as ledger:
        yield ledger


async def _given(api: PublicApi) -> list[str]:
    """Give the platform one of every kind of credential; return their values."""
    name = f"m{new_id()[-8:]}"
    model = {"name": name, "base_url": "https://models.example/v1", "model": "x", "api_key": f"{VALUE}-model"}
    assert (await api.http.put("/v1/secrets/canary", json={"value": VALUE})).is_success
    assert (await api.http.post("/v1/models", json=model)).status_code == 201
    key = await api.http.post("/v1/api-keys", json={"name": name, "scopes": ["runs:read"]})
    client = await api.http.post("/v1/api-clients", json={"name": name, "scopes": ["runs:read"]})
    endpoint = {"url": "https://hooks.example/in", "events": ["run_failed"]}
    hook = await api.http.post("/v1/webhook-endpoints", json=endpoint)
    invited = await api.http.post("/v1/invitations", json={"email": f"{name}@example.org", "role": "viewer"})
    used = {"headers": {"x-api-key": key.json()["key"]}}
    assert (await api.http.get("/v1/runs", **used)).is_success
    link = invited.json()["link"]
    return [
        VALUE,
        key.json()["key"].rpartition("_")[0].rpartition("_")[2],
        client.json()["client_secret"],
        hook.json()["secret"],
        re.split(r"[/=#]", link)[-1],
    ]


async def _wrong_passwords(api: PublicApi) -> str:
    password = f"{VALUE}-password"
    answer = await api.http.post("/v1/auth/login", json={"email": "a@example.org", "password": password})
    assert answer.status_code == 401
    return password


async def test_s67_no_credential_is_in_anything_that_is_kept_or_told(
    stack: Stack, api: PublicApi, outside: OutsideLedger, model: MockModel, *, key: str
) -> None:
    values = [*await _given(api), await _wrong_passwords(api)]
    steps = SENDS.format(url=stack.outside_url)
    saved = await api.save(document(f"canary-{key}", steps, more="secrets: [canary]\n"))
    assert saved.draft_valid, saved.problems
    run = await api.start(saved.id, {"key": key})
    ended = await api.finished(run.id, within_s=90)
    assert ended.status is RunStatus.FAILED
    assert any(VALUE in asked.headers.get("authorization", "") for asked in outside.asked), "it was used"
    prompts = [entry.prompt for entry in await model.entries(f"{key}/talk")]
    assert prompts and not any(VALUE in prompt for prompt in prompts)
    assert _in_logs(stack.platform.home / "logs", values) == []
    assert await _in_answers(api, run.id, saved.id, values) == []
    assert await _in_databases(stack, values) == []


def _in_logs(folder: Path, values: list[str]) -> list[str]:
    logs = [file for file in folder.rglob("*") if file.is_file()]
    assert len(logs) > 5
    return [
        f"{file.name}: {value}"
        for file in logs
        for value in values
        if value in file.read_text(errors="replace")
    ]


async def _in_answers(api: PublicApi, run_id: str, workflow_id: str, values: list[str]) -> list[str]:
    paths = [f"/v1/runs/{run_id}{rest}" for rest in ("", "/steps", "/events", "/snapshot", "/record")]
    paths += [
        "/v1/runs",
        "/v1/audit",
        "/v1/audit/export?format=jsonl",
        "/v1/usage",
        "/v1/models",
        "/v1/secrets",
    ]
    paths += [
        "/v1/api-keys",
        "/v1/api-clients",
        "/v1/webhook-endpoints",
        "/v1/invitations",
        "/v1/notifications",
    ]
    paths += [f"/v1/workflows/{workflow_id}/export"]
    found = []
    for path in paths:
        answer = await api.http.get(path)
        assert answer.is_success, (path, answer.text[:300])
        found += [f"{path}: {value}" for value in values if value in answer.text]
    return found


async def _in_databases(stack: Stack, values: list[str]) -> list[str]:
    found = []
    for schema in SCHEMAS:
        connection = await asyncpg.connect(stack.database_url(schema, as_owner=schema != "dapr"))
        try:
            tables = await connection.fetch(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables"
                " WHERE schemaname = $1",
                schema,
            )
            for table in tables:
                for value in values:
                    there = await connection.fetchval(
                        f"SELECT count(*) FROM {table['name']} AS kept WHERE strpos(kept::text, $1) > 0",
                        value,
                    )
                    found += [f"{table['name']}: {value}"] if there else []
        finally:
            await connection.close()
    return found


async def test_s64_no_question_to_a_model_has_a_secret_of_the_platform(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    saved = await api.save(
        document(f"asks-{key}", '  a: {agent: qa, prompt: "Judge. [[${inputs.key}/a]]"}\n')
    )
    await api.finished((await api.start(saved.id, {"key": key})).id)
    prompts = [entry.prompt for entry in await model.entries(f"{key}/a") if entry.prompt]
    secrets = stack.secrets
    hidden = [*secrets.dapr_api_tokens.values(), *secrets.app_api_tokens.values(), *secrets.roles.values()]
    hidden += [*secrets.redis_users.values(), secrets.setup_token, secrets.owner_password, secrets.edge]
    hidden += [stack.api_key, "sqlite", "127.0.0.1"]
    assert prompts
    assert [one for prompt in prompts for one in hidden if one in prompt] == []


def test_s67_no_process_leaves_a_dump_of_its_memory(stack: Stack) -> None:
    for name in stack.platform.names:
        pid = stack.platform.pid(name)
        assert pid is not None
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max core file size\s+0\s+0\s", limits, re.MULTILINE), name
