"""S45, S46 and S48 on real parts: who listens where, who is let in, and what a store's user can do."""

import json
import os
import socket
from collections.abc import Iterator

import asyncpg
import httpx
import psutil
import pytest

from flowloom_cli.parts.postgres import REPLICATION_ROLE
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import DATABASE_ROLES, MONITORING_ROLE
from flowloom_cli.topology import APP_IDS
from flowloom_contracts.topics import AGENT_APP_IDS, AppId, Topic
from tests.integration import other_namespace
from tests.integration.sidecar_api import SidecarApi
from tests.integration.stack import Stack

FORGED = {
    "specversion": "1.0",
    "id": "forged",
    "source": "orchestrator",
    "type": "run.finished.v1",
    "topic": "run-events",
    "pubsubname": "pubsub",
    "data": {"run_id": "0190a1b2-0000-7000-8000-000000000001", "status": "succeeded"},
}


def listening(platform: Platform) -> dict[str, set[tuple[str, int]]]:
    """Return where each process and its children listen."""
    found: dict[str, set[tuple[str, int]]] = {}
    for name in platform.names:
        pid = platform.pid(name)
        assert pid is not None, name
        leader = psutil.Process(pid)
        sockets = [one for process in (leader, *leader.children(recursive=True)) for one in _sockets(process)]
        found[name] = {(one.laddr.ip, one.laddr.port) for one in sockets}
    return found


def _sockets(process: psutil.Process) -> "Iterator[psutil._common.pconn]":
    try:
        for one in process.net_connections("inet"):
            if one.status == psutil.CONN_LISTEN or (one.type == socket.SOCK_DGRAM and not one.raddr):
                yield one
    except psutil.NoSuchProcess:
        return


async def test_s45_every_process_listens_on_its_ports_and_on_loopback_only(stack: Stack) -> None:
    topology = stack.platform.topology
    for name, places in listening(stack.platform).items():
        assert {port for _, port in places} == set(topology.ports_of(name)), name
        assert {address for address, _ in places} <= {"127.0.0.1", topology.behind(name)}, name


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can join a second network to this one")
async def test_s45_another_machine_finds_every_port_closed(stack: Stack) -> None:
    ports = sorted({port for places in listening(stack.platform).values() for _, port in places})
    with other_namespace.other_machine() as here, socket.create_server((here, 0)) as control:
        open_port: int = control.getsockname()[1]
        assert other_namespace.reachable_from_there([open_port]) == [open_port], "the cable works"
        assert other_namespace.reachable_from_there(ports) == []


@pytest.mark.parametrize("app_id", APP_IDS)
async def test_s45_a_sidecar_answers_nobody_without_its_token(stack: Stack, app_id: str) -> None:
    api = SidecarApi(stack, app_id)
    others = stack.secrets.dapr_api_tokens["memory" if app_id != "memory" else "gateway"]
    for token in ("", "guess", others):
        for path in ("/v1.0/metadata", "/v1.0/state/settings/x", "/v1.0/secrets/secrets/stores"):
            assert (await api.ask("GET", path, token=token)).statuses == [401], path
    assert (await api.ask("POST", "/v1.0/publish/pubsub/none")).statuses == [403], "its own token is known"


@pytest.mark.parametrize("app_id", APP_IDS)
async def test_s46_what_sidecars_call_asks_for_the_applications_token(stack: Stack, app_id: str) -> None:
    port = stack.platform.topology.app(app_id)
    others = stack.secrets.app_api_tokens["memory" if app_id != "memory" else "gateway"]
    own_sidecars = stack.secrets.dapr_api_tokens[app_id]
    paths = ["/dapr/subscribe", "/dapr/config", "/job/sched:1", "/internal/runs/start"]
    paths += [f"/subscriptions/{topic}" for topic in Topic]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for path in paths:
            for token in ("", "guess", others, own_sidecars):
                headers = {"dapr-api-token": token, "authorization": f"Bearer {token}x"}
                answer = await client.post(path, json=FORGED, headers=headers)
                assert answer.status_code == 401, (path, token)


@pytest.mark.parametrize(
    "path", ["/actors/x/y/method/z", "/actors/x/y", "/configuration/x", "/unknown-binding"]
)
async def test_s46_there_are_no_doors_for_actors_bindings_and_configuration(stack: Stack, path: str) -> None:
    for app_id in APP_IDS:
        url = f"http://127.0.0.1:{stack.platform.topology.app(app_id)}{path}"
        token = stack.secrets.app_api_tokens[app_id]
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.put(url, json=FORGED, headers={"dapr-api-token": token})
        assert answer.status_code in (401, 404, 405), app_id


@pytest.mark.parametrize("content", ["application/cloudevents+json", "application/json"])
async def test_s46_an_agent_cannot_publish_in_the_name_of_others(stack: Stack, content: str) -> None:
    may = {Topic.AGENT_STATUS, Topic.MEMORY_INGEST}
    for app_id in AGENT_APP_IDS:
        api = SidecarApi(stack, app_id)
        topics = [topic.value for topic in Topic if topic not in may]
        for topic in [
            *topics,
            *(f"{topic.value}-dead" for topic in Topic),
            "any",
            "run-events%00",
            "../run-events",
        ]:
            for query in ("", "?metadata.rawPayload=true"):
                path = f"/v1.0/publish/pubsub/{topic}{query}"
                reply = await api.ask("POST", path, body=json.dumps(FORGED), content=content)
                assert reply.statuses[0] in (403, 404, 400), (topic, reply.data[:200])


async def test_s48_postgres_roles_are_nobody_special(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.database_url("gateway", as_owner=False))
    try:
        rows = await connection.fetch("SELECT * FROM pg_roles WHERE rolname LIKE 'flowloom_%'")
        members = await connection.fetch(
            "SELECT member::regrole::text AS who, roleid::regrole::text AS what FROM pg_auth_members"
            " WHERE member::regrole::text LIKE 'flowloom_%'"
        )
        encryption = await connection.fetchval("SHOW password_encryption")
    finally:
        await connection.close()
    assert {row["rolname"] for row in rows} >= {f"flowloom_{owner}" for owner in DATABASE_ROLES}
    for row in rows:
        powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
        # Backups stream the log of changes; that role owns nothing and is let into no database of ours.
        needed = {"rolreplication"} if row["rolname"] == REPLICATION_ROLE else set[str]()
        assert {power for power in powers if row[power]} == needed, row["rolname"]
    # A service may step out of one workspace for work across all, and into nobody else's shoes; who watches
    # the server reads its figures and no row of a table.
    others = [(row["who"], row["what"]) for row in members if row["what"] != f"{row['who']}_platform"]
    assert others == [(f"flowloom_{MONITORING_ROLE}", "pg_monitor")]
    assert encryption == "scram-sha-256"


async def test_s48_postgres_lets_nobody_in_without_a_password(stack: Stack) -> None:
    port = stack.platform.topology.postgres
    hba = (stack.platform.home / "postgres" / "data" / "pg_hba.conf").read_text().splitlines()
    rules = [line.split() for line in hba if line.strip() and not line.startswith("#")]
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}
    for user in ("postgres", "flowloom_gateway", "flowloom_dapr"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host="127.0.0.1", port=port, user=user, password="guess", database="flowloom"
            )


@pytest.mark.parametrize("owner", DATABASE_ROLES)
async def test_s48_a_service_sees_its_own_schema_only(stack: Stack, owner: str) -> None:
    connection = await asyncpg.connect(stack.database_url(owner, as_owner=False))
    others = [other for other in (*DATABASE_ROLES, "public") if other != owner]
    try:
        for other in others:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f'CREATE TABLE "{other}".intruder (x int)')
            tables = await connection.fetch(
                "SELECT c.oid::regclass::text AS name FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v')",
                other,
            )
            for table in tables:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"SELECT 1 FROM {table['name']} LIMIT 1")  # our own names
        for statement in (
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT pg_read_file('postgresql.conf')",
            "CREATE EXTENSION dblink",
            "CREATE ROLE intruder",
            "ALTER SYSTEM SET fsync = off",
            "SET ROLE postgres",
        ):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFileError)):
                await connection.execute(statement)
    finally:
        await connection.close()


def test_s48_each_process_has_the_login_of_its_own_service(stack: Stack) -> None:
    for app_id in APP_IDS:
        pid = stack.platform.pid(app_id)
        assert pid is not None
        env = psutil.Process(pid).environ()
        assert env["FLOWLOOM_REDIS_URL"].startswith(f"redis://{app_id}:")
        databases = [name for name in env if name.endswith("_DATABASE_URL")]
        owners = (AppId.GATEWAY, AppId.ORCHESTRATOR, AppId.MEMORY)
        assert databases == ([f"FLOWLOOM_{app_id.upper()}_DATABASE_URL"] if app_id in owners else [])
