"""Backups of a real cluster: taken, proved, sealed, restored, and as of a moment in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowloom_cli import environment
from flowloom_cli.backup import sealing, sets
from flowloom_cli.backup.restore import Wish, restore
from flowloom_cli.backup.take import Plan, take
from flowloom_cli.errors import AlreadyRunningError, CliError, UsageError
from flowloom_cli.home_server import Server, started
from flowloom_cli.parts.postgres import Postgres
from flowloom_cli.parts.wal_archive import wal_receiver
from flowloom_cli.secrets import ensure_keys, load_or_create
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_cli.supervision.part import Step
from flowloom_cli.supervision.readiness import wait_ready
from flowloom_cli.supervision.supervisor import Supervisor, silent
from flowloom_cli.topology import Topology

from .conftest import free_port

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A home at rest, with databases and keys."""
    place = tmp_path / "home"
    secrets = load_or_create(place)
    ensure_keys(place / "keys")
    for name in ("logs", "run"):
        (place / name).mkdir()
    cluster = Postgres(place, Topology(), secrets, env=environment.plain(place))
    await cluster.create_cluster()
    async with started(place, secrets) as server:
        await server.cluster.prepare()
        await _note(server, "before")
    return place


async def _note(server: Server, text: str) -> None:
    connection = await server.connect()
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS gateway.workflows (name text)")
        await connection.execute("INSERT INTO gateway.workflows VALUES ($1)", text)
    finally:
        await connection.close()


async def _notes(home: Path) -> list[str]:
    async with started(home, load_or_create(home)) as server:
        connection = await server.connect()
        try:
            found = await connection.fetch("SELECT name FROM gateway.workflows ORDER BY name")
        finally:
            await connection.close()
    return [row["name"] for row in found]


async def test_what_was_backed_up_comes_back_whole(tmp_path: Path, home: Path) -> None:
    plan = Plan(home, tmp_path / "backups")
    done = await take(plan, silent)
    assert done.manifest.verified
    assert done.manifest.rows == {"workflows": 1}
    assert (_mode(done.folder), _mode(plan.into)) == (
        0o700,
        0o700,
    )
    elsewhere = tmp_path / "elsewhere"
    restored = await restore(Wish(plan.into, elsewhere), silent)
    assert restored.rows == {"workflows": 1}
    assert restored.aside is None
    assert await _notes(elsewhere) == ["before"]
    for name in ("secrets.json", "keys/gateway.key.pem", "keys/gateway-vault.keys"):
        assert (elsewhere / name).read_bytes() == (home / name).read_bytes()
        assert (elsewhere / name).stat().st_mode & 0o077 == 0


async def test_a_home_is_replaced_only_when_told_and_kept_aside(tmp_path: Path, home: Path) -> None:
    plan = Plan(home, tmp_path / "backups", verify=False)
    await take(plan, silent)
    async with started(home, load_or_create(home)) as server:
        await _note(server, "since")
    with pytest.raises(UsageError, match="there are databases"):
        await restore(Wish(plan.into, home), silent)
    done = await restore(Wish(plan.into, home, replace=True), silent)
    assert await _notes(home) == ["before"]
    assert done.aside is not None
    assert await _notes(done.aside) == ["before", "since"]


async def test_a_sealed_backup_shows_nothing_and_opens_with_its_key(tmp_path: Path, home: Path) -> None:
    public = sealing.new_key(tmp_path / "key")
    plan = Plan(home, tmp_path / "backups", keepers=sealing.recipients([public]), verify=False)
    done = await take(plan, silent)
    names = [file.name for file in done.manifest.files]
    assert all(name.endswith(".age") for name in names)
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(UsageError, match="is sealed"):
        await restore(Wish(plan.into, elsewhere), silent)
    assert not elsewhere.exists()
    await restore(Wish(plan.into, elsewhere, keys=sealing.identities(tmp_path / "key")), silent)
    assert await _notes(elsewhere) == ["before"]


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


async def test_a_damaged_backup_changes_nothing(tmp_path: Path, home: Path) -> None:
    plan = Plan(home, tmp_path / "backups", verify=False)
    done = await take(plan, silent)
    _damage(done.folder / "base.tar.gz")
    with pytest.raises(CliError, match=r"base\.tar\.gz is not the file"):
        await restore(Wish(plan.into, home, replace=True), silent)
    assert await _notes(home) == ["before"]
    assert _names(tmp_path) == {"backups", "home"}


async def test_a_running_home_is_not_restored(tmp_path: Path, home: Path) -> None:
    lock = HomeLock(home)
    lock.take()
    try:
        with pytest.raises(AlreadyRunningError):
            await restore(Wish(tmp_path, home, replace=True), silent)
    finally:
        lock.release()


async def test_there_must_be_something_to_back_up_and_something_to_restore(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to back up"):
        await take(Plan(tmp_path / "empty", tmp_path / "backups"), silent)
    with pytest.raises(UsageError, match="no complete backup"):
        await restore(Wish(tmp_path / "backups", tmp_path / "home"), silent)


@asynccontextmanager
async def _archiving(home: Path, root: Path) -> AsyncIterator[Server]:
    """Run the cluster with its archive, as `flowloom up` does."""
    topology = Topology(base=free_port() - 1)
    secrets = load_or_create(home)
    cluster = Postgres(home, topology, secrets, env=environment.plain(home))
    parts = [
        cluster.part(),
        wal_receiver(root, cluster, topology, secrets, env=environment.plain(home)),
    ]
    steps = [
        Step("database cluster", cluster.create_cluster),
        Step("databases", cluster.prepare, ("postgres",)),
    ]
    supervisor = Supervisor(home / "logs")
    await supervisor.start(parts, steps)
    try:
        yield Server(topology.postgres, secrets, cluster)
    finally:
        await supervisor.stop()


async def _received(server: Server) -> None:
    """Wait until the archive has everything that was written until now."""
    connection = await server.connect()
    try:
        here = await connection.fetchval("SELECT pg_current_wal_lsn()")

        async def flushed() -> bool:
            query = "SELECT bool_or(flush_lsn >= $1) FROM pg_stat_replication"
            return bool(await connection.fetchval(query, here))

        assert await wait_ready(flushed, limit_s=60)
    finally:
        await connection.close()


async def test_any_moment_since_the_backup_comes_back(tmp_path: Path, home: Path) -> None:
    root = tmp_path / "backups"
    done = await take(Plan(home, root, verify=False), silent)
    async with _archiving(home, root) as server:
        await _note(server, "first")
        between = await _now(server)
        await _note(server, "second")
        await _received(server)
    part, whole = tmp_path / "part", tmp_path / "whole"
    await restore(Wish(root, part, until=between), silent)
    assert await _notes(part) == ["before", "first"]
    await restore(Wish(root, whole), silent)
    assert await _notes(whole) == ["before", "first", "second"]
    with pytest.raises(CliError, match="recovery ended before configured recovery target was reached"):
        await restore(Wish(root, tmp_path / "never", until=datetime(2100, 1, 1, tzinfo=UTC)), silent)
    assert not (tmp_path / "never").exists()
    assert done.manifest.timeline == 1
    # What was restored goes on in an archive of its own.
    async with _archiving(part, root) as server:
        await _note(server, "other")
        await _received(server)
    assert any(sets.archived(root, 2))


async def _now(server: Server) -> datetime:
    connection = await server.connect()
    try:
        moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
        return moment
    finally:
        await connection.close()
