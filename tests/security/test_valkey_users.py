"""S48, Valkey: no default user, and nobody can do what their work does not need; on the real server."""

import asyncio
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from redis.retry import Retry

from flowloom_cli.parts.valkey import valkey
from flowloom_cli.parts.valkey_users import OPERATOR, PROBE, RULES, SIDECARS
from flowloom_cli.topology import Topology
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.control import ControlChannel
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import encode_body
from flowloom_servicekit.streams.hub import StreamHub
from flowloom_servicekit.streams.reader import StreamReader
from flowloom_servicekit.streams.writer import Milestone, StreamWriter
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.adapters.redis_mcp_tally import RedisMcpTally

PASSWORDS = {name: f"password of {name}" for name in RULES}
SERVICES = [app_id.value for app_id in AppId]
WORKERS = [AppId.ORCHESTRATOR.value, *(app_id.value for app_id in AGENT_APP_IDS)]
DANGEROUS = [
    "CONFIG GET *",
    "CONFIG SET appendonly no",
    "DEBUG OBJECT x",
    "FLUSHALL",
    "FLUSHDB",
    "KEYS *",
    "SCAN 0",
    "MODULE LIST",
    "REPLICAOF 127.0.0.1 1",
    "SHUTDOWN NOSAVE",
    "ACL LIST",
    "ACL SETUSER x on",
    "CLIENT LIST",
    "CLIENT KILL TYPE normal",
    "MONITOR",
    "SAVE",
    "BGREWRITEAOF",
    "MIGRATE 127.0.0.1 1 x 0 1",
    "RESTORE x 0 y",
    "FUNCTION LIST",
    "SCRIPT FLUSH",
    "SLOWLOG GET",
]
EVENT = {"type": "run.started.v1", "run_id": "r", "data": {"text": "x"}}
TELL_EVERYTHING = "return redis.call('KEYS', '*')"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with the users of the platform, and keys of two kinds in it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        base: int = free.getsockname()[1] - 2
    topology = Topology(base=base)
    part = valkey(tmp_path_factory.mktemp("valkey"), topology, passwords=PASSWORDS, env={})
    server = subprocess.Popen(part.command, cwd=part.cwd, stdout=subprocess.DEVNULL)
    try:
        wait_for(topology.valkey)
        with client(topology.valkey, OPERATOR) as operator:
            operator.execute_command("XADD", "stream:{run:1}", "*", "e", "x")
            operator.execute_command("SET", "cache||presence", "x")
        yield topology.valkey
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def wait_for(port: int) -> None:
    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    asyncio.run(wait_until(listens, 10))


def client(port: int, name: str | None = None) -> "Redis[str]":
    """Connect without a second try: the client takes a refused password for an outage."""
    login = {} if name is None else {"username": name, "password": PASSWORDS.get(name, name)}
    return Redis(port=port, decode_responses=True, protocol=2, retry=Retry(NoBackoff(), 0), **login)


def test_nobody_is_let_in_without_a_name(port: int) -> None:
    with client(port) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    for password in ("guess", *PASSWORDS.values()):
        guesser = Redis(port=port, password=password, retry=Retry(NoBackoff(), 0))
        with guesser, pytest.raises((AuthenticationError, ResponseError)):
            guesser.ping()


@pytest.mark.parametrize("command", DANGEROUS)
@pytest.mark.parametrize("name", [*SERVICES, SIDECARS, PROBE])
def test_dangerous_commands_are_denied(port: int, name: str, command: str) -> None:
    # DEBUG is refused to everybody, before anybody asks who it is.
    refusals = (NoPermissionError, ResponseError) if command.startswith("DEBUG") else NoPermissionError
    with client(port, name) as user, pytest.raises(refusals, match=r"permission|not allowed"):
        user.execute_command(*command.split())


@pytest.mark.parametrize("name", [*SERVICES, PROBE])
def test_scripts_that_nobody_needs_are_denied(port: int, name: str) -> None:
    with client(port, name) as user:
        with pytest.raises(NoPermissionError):
            user.execute_command("EVAL", "return 1", 0)
        if name not in (AppId.MEMORY, PROBE):
            sha = user.execute_command("SCRIPT", "LOAD", TELL_EVERYTHING)
            with pytest.raises(
                (NoPermissionError, ResponseError), match=re.compile("permission|denied|ACL", re.I)
            ):
                user.execute_command("EVALSHA", sha, 0)


@pytest.mark.parametrize("name", [AppId.GATEWAY.value, *WORKERS])
def test_services_do_their_work_on_streams_and_see_no_cache(port: int, name: str) -> None:
    with client(port, name) as user:
        assert user.ping()
        assert user.execute_command("XLEN", "stream:{run:1}") == 1
        for command in (
            "GET cache||presence",
            "HGET cache||presence x",
            "XLEN run-events",
            "DEL cache||presence",
        ):
            with pytest.raises(NoPermissionError):
                user.execute_command(*command.split())


async def test_a_run_is_told_by_orchestrator_and_agent_and_followed_by_the_gateway(port: int) -> None:
    """The real writers and readers, each with the login of its own service."""
    urls = {name: f"redis://{name}:{quote(PASSWORDS[name])}@127.0.0.1:{port}/0" for name in SERVICES}
    name, agent_id = f"run:{new_id()}", AppId.AGENT_QA.value
    owner, agent, reader = (connect_redis(urls[who]) for who in ("orchestrator", agent_id, "gateway"))
    told, deltas, control = StreamWriter(owner), StreamWriter(agent), ControlChannel(urls["orchestrator"])
    heard = ControlChannel(urls[agent_id])
    cancels = aiter(heard.listen())
    async with StreamHub(urls["gateway"]) as hub:
        await told.append_milestones(name, [Milestone(n, encode_body(EVENT)) for n in (1, 2)])
        assert await deltas.append_deltas(name, "one", 1, [encode_body(EVENT)], turn=1) == 1
        page = await StreamReader(reader).read(name)
        assert page is not None
        assert [frame.cursor.seq for frame in page.frames] == [1, 2, 3]
        async with hub.subscribe(name, Cursor(1, 2)) as subscription:
            first = await asyncio.wait_for(anext(aiter(subscription)), 10)
        assert first is not None
        assert await deltas.server_id() == await told.server_id()
        await told.are_whole("this-server")
        assert await told.whole_since() == "this-server"
        assert await told.rebuild(name, 2, [Milestone(1, encode_body(EVENT))])
        assert await told.seal(name) == Cursor(2, 1)
        waiting = asyncio.create_task(anext(cancels))
        run_id = new_id()
        while not waiting.done():
            await control.publish_cancel(run_id)
            await asyncio.wait({waiting}, timeout=0.1)
        assert waiting.result() == run_id
    for connected in (owner, agent, reader, control, heard):
        await (connected.close() if isinstance(connected, ControlChannel) else connected.aclose())


async def test_only_the_orchestrator_counts_calls_of_mcp_servers(port: int) -> None:
    name = AppId.ORCHESTRATOR.value
    redis = connect_redis(f"redis://{name}:{quote(PASSWORDS[name])}@127.0.0.1:{port}/0")
    tally = RedisMcpTally(redis, SystemClock())
    assert await tally.admit("w", "crm", calls_per_minute=1) is None
    assert [await tally.first("one"), await tally.first("one")] == [True, False]
    await redis.aclose()
    for other in (AppId.GATEWAY.value, AppId.AGENT_QA.value, AppId.MEMORY.value):
        with client(port, other) as user, pytest.raises(NoPermissionError):
            user.execute_command("SET", "mcp:rate:w:crm:1", "0")


def test_the_gateway_cannot_write_what_runs_tell(port: int) -> None:
    with client(port, AppId.GATEWAY) as gateway:
        for command in ("XADD stream:{run:1} * e forged", "DEL stream:{run:1}", "HSET meta:{run:1} seq 9"):
            with pytest.raises(NoPermissionError):
                gateway.execute_command(*command.split())
        with pytest.raises(NoPermissionError):
            gateway.execute_command("PUBLISH", "control", "{}")
        assert gateway.execute_command("XADD", "stream:{user:1}", "*", "e", "x")


def test_memory_needs_nothing(port: int) -> None:
    with client(port, AppId.MEMORY) as memory:
        assert memory.ping()
        with pytest.raises(NoPermissionError):
            memory.execute_command("XLEN", "stream:{run:1}")


def test_sidecars_see_topics_and_cache_and_no_streams_of_runs(port: int) -> None:
    with client(port, SIDECARS) as sidecars:
        assert sidecars.execute_command("XADD", "run-events", "*", "data", "x")
        assert (
            sidecars.execute_command("EVAL", "return redis.call('HSET', KEYS[1], 'data', 'x')", 1, "cache||a")
            == 1
        )
        for command in ("XLEN stream:{run:1}", "XADD stream:{run:1} * e forged", "HGETALL meta:{run:1}"):
            with pytest.raises(NoPermissionError):
                sidecars.execute_command(*command.split())


def test_the_probe_may_ask_whether_the_server_answers(port: int) -> None:
    with client(port, PROBE) as probe:
        assert probe.execute_command("PING") is True
        with pytest.raises(NoPermissionError):
            probe.execute_command("XLEN", "run-events")
