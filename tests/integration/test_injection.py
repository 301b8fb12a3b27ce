"""S24 on real databases: what a caller writes into searches, filters, orders and ids never becomes SQL."""

import re
import time
from collections.abc import Iterator
from typing import Final

import asyncpg
import httpx

from gateway.permission_table import described_app
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import passed

PAYLOADS: Final = (
    "'",
    "' OR '1'='1",
    "') OR ('1'='1' --",
    "' UNION SELECT NULL,NULL,version()--",
    "'; SELECT pg_sleep(5)--",
    "' AND 1=(SELECT 1 FROM pg_sleep(5))--",
    "1; DROP TABLE orchestrator.runs; --",
    "id; DROP TABLE gateway.users",
    "(SELECT password_hash FROM gateway.users LIMIT 1)",
    "' || (SELECT current_user) || '",
    "%' OR name LIKE '%",
    "\\'; --",
    "$$;SELECT pg_sleep(5);$$",
    ":workspace_id",
    "{0}%s%(id)s",
    "\u02bc OR 1=1 --",
    "1 AND extractvalue(1,concat(0x7e,version()))",
    "newest, (SELECT 1 FROM pg_sleep(5))",
)
SLOW_S: Final = 4.0
"""Less than what a statement that was let in would sleep; more than any answer takes on a busy machine."""

TALKS_OF_SQL: Final = re.compile(
    r"syntax error|asyncpg|sqlalchemy|psycopg|pg_catalog|unterminated|PostgreSQL \d|flowloom_gateway",
    re.IGNORECASE,
)
DOCUMENT: Final = described_app().openapi()
WAITING: Final = ("/v1/runs/{run_id}/stream", "/v1/auth/oidc/{provider}/start")


def _reads() -> Iterator[tuple[str, list[str]]]:
    """Yield each path that can be read, with the names of its texts in the query."""
    for path, methods in sorted(DOCUMENT["paths"].items()):
        if "get" in methods and path.startswith("/v1/") and path not in WAITING:
            given = methods["get"].get("parameters", [])
            yield path, [one["name"] for one in given if one["in"] == "query" and one["name"] != "wait"]


async def _ask(api: PublicApi, path: str, params: dict[str, str]) -> tuple[httpx.Response, float]:
    while True:
        began = time.monotonic()
        answer = await api.http.get(path, params=params)
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return answer, time.monotonic() - began
        await passed(float(answer.headers["retry-after"]))


def _wrong(answer: httpx.Response, took: float) -> str:
    if answer.status_code >= 500:
        return str(answer.status_code)
    if took > SLOW_S:
        return f"{took:.1f} s"
    told = TALKS_OF_SQL.search(answer.text)
    return f"it says {told[0]}" if told else ""


async def test_s24_no_parameter_becomes_sql(stack: Stack, api: PublicApi) -> None:
    before = await _counts(stack)
    found = []
    for number, (path, names) in enumerate(_reads()):
        # Each payload everywhere would take an hour; over all paths and names each one has its turns.
        for turn in range(6):
            payload = PAYLOADS[(number * 6 + turn) % len(PAYLOADS)]
            filled = re.sub(r"{\w+}", lambda _, payload=payload: _in_path(payload), path)
            for params in [dict.fromkeys(names, payload), *({name: payload} for name in names[turn::6])]:
                wrong = _wrong(*await _ask(api, filled, params))
                found += [f"{path} {params}: {wrong}"] if wrong else []
    assert found == []
    after = await _counts(stack)
    assert after.keys() == before.keys()
    assert all(after[table] >= before[table] for table in ("gateway.users", "orchestrator.runs"))


def _in_path(payload: str) -> str:
    return payload.replace("/", "").replace("?", "").replace("#", "") or "x"


async def test_s24_a_search_for_what_is_always_true_finds_nothing(api: PublicApi) -> None:
    for payload in PAYLOADS:
        answer, _ = await _ask(api, "/v1/runs", {"text": payload})
        assert answer.status_code == httpx.codes.OK, payload
        found = [run for run in answer.json()["items"] if payload not in run["workflow"]["name"]]
        assert found == [], payload


async def _counts(stack: Stack) -> dict[str, int]:
    counted: dict[str, int] = {}
    for service in ("gateway", "orchestrator"):
        connection = await asyncpg.connect(stack.database_url(service))
        try:
            tables = await connection.fetch(
                "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = $1", service
            )
            for table in tables:
                counted[table["name"]] = await connection.fetchval(f"SELECT count(*) FROM {table['name']}")
        finally:
            await connection.close()
    return counted
