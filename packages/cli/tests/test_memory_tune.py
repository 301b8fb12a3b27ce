"""`flowloom memory tune` on a real cluster, and what it makes of measurements."""

import json
import random
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from flowloom_cli import environment
from flowloom_cli.app import app
from flowloom_cli.home_server import started
from flowloom_cli.parts.postgres import Postgres
from flowloom_cli.secrets import load_or_create
from flowloom_cli.topology import Topology
from flowloom_cli.tuning.grid import (
    FEW,
    MANY,
    SCANS,
    TODAYS_INDEX,
    TODAYS_SCAN,
    Index,
    Measured,
    Scan,
    best,
    worth_having,
)
from flowloom_cli.tuning.report import advice, picture, table

pytestmark = pytest.mark.timeout(240)
DIMENSIONS = 8


def one(recall: float, p95_ms: float, *, index: Index = TODAYS_INDEX, scan: Scan = TODAYS_SCAN) -> Measured:
    return Measured(
        index, scan, build_s=1, size_bytes=1 << 20, recall=recall, full_answers=1, p50_ms=1, p95_ms=p95_ms
    )


def test_keeps_what_nothing_else_beats() -> None:
    slow, fast, beaten = one(0.99, 9), one(0.9, 1), one(0.9, 5)
    assert worth_having([slow, beaten, fast]) == [fast, slow]


def test_chooses_the_fastest_that_finds_enough_and_else_what_finds_most() -> None:
    slow, fast, poor = one(0.99, 9), one(0.96, 2), one(0.5, 1)
    assert best([slow, fast, poor], recall=0.95) == fast
    assert best([poor, one(0.7, 3)], recall=0.95) == one(0.7, 3)


def test_says_what_to_build_or_to_leave_it() -> None:
    told = {"recall": 0.95, "table_name": "memory.vectors_1", "dimensions": 384}
    assert "leave it" in advice(one(0.97, 1), **told)  # type: ignore[arg-type]  # the fields above
    half = one(0.97, 1, index=Index("halfvec", 32, 128))
    assert (
        "CREATE INDEX CONCURRENTLY ON memory.vectors_1 USING hnsw ((embedding::public.halfvec(384))"
        " public.halfvec_cosine_ops) WITH (m = 32, ef_construction = 128);"
    ) in advice(half, **told)  # type: ignore[arg-type]  # the fields above
    assert "Nothing measured reaches" in advice(one(0.5, 1), **told)  # type: ignore[arg-type]  # the fields above


def test_draws_a_dot_for_each_measurement() -> None:
    measured = [one(0.9 + n / 100, n + 1, index=index) for n, index in enumerate(FEW)]
    drawn = ElementTree.fromstring(picture(measured, chosen=measured[2], title="<script>&"))
    titles = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(FEW)
    assert "recall 0.920" in str(titles[2])


def test_prints_what_is_used_now_and_the_choice() -> None:
    measured = [
        one(0.96, 3),
        one(0.97, 2, index=Index("vector", 32, 128)),
        one(0.9, 9, index=Index("vector", 8, 64)),
    ]
    lines = table(measured, chosen=measured[1], everything=False).splitlines()
    assert [line[:1] for line in lines] == [" ", "=", ">"]
    assert len(table(measured, chosen=measured[1], everything=True).splitlines()) == 4


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home at rest whose memory has one large collection, a namesake elsewhere, and a small one."""
    place = tmp_path / "home"
    secrets = load_or_create(place)
    for name in ("logs", "run"):
        (place / name).mkdir()
    cluster = Postgres(place, Topology(), secrets, env=environment.plain(place))
    await cluster.create_cluster()
    async with started(place, secrets) as server:
        await server.cluster.prepare()
        connection = await server.connect()
        try:
            await _fill(connection)
        finally:
            await connection.close()
    monkeypatch.setenv("FLOWLOOM_HOME", str(place))
    return place


async def _fill(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(
        "CREATE TABLE memory.generations (id int, dimensions int, status text);"
        "INSERT INTO memory.generations VALUES (3, 8, 'active');"
        "CREATE TABLE memory.vectors_3 (document_id uuid DEFAULT gen_random_uuid(), position int,"
        f" workspace_id text, collection text, embedding public.vector({DIMENSIONS}))"
    )
    chance = random.Random(7)
    rows = [
        (position, workspace, collection, str([chance.gauss() for _ in range(DIMENSIONS)]))
        for workspace, collection, count in (("w1", "docs", 900), ("w2", "docs", 600), ("w1", "few", 20))
        for position in range(count)
    ]
    await connection.executemany(
        "INSERT INTO memory.vectors_3 (position, workspace_id, collection, embedding)"
        " VALUES ($1, $2, $3, CAST($4::text AS public.vector))",
        rows,
    )


def test_measures_every_index_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    drawing = tmp_path / "tune.svg"
    told = ["memory", "tune", "docs", "--workspace", "w1", "--queries", "20", "--json", "--picture"]
    done = CliRunner().invoke(app, [*told, str(drawing)])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["title"] == "docs: 880 vectors beside 620 others, 20 queries"
    assert len(answer["measured"]) == len(FEW) * len(SCANS)
    assert len(MANY) == 18
    now = next(row for row in answer["measured"] if row["is_todays"])
    assert now["recall"] > 0.9
    assert now["full_answers"] == 1
    assert "</svg>" in drawing.read_text()
    again = CliRunner().invoke(app, ["memory", "tune", "docs"])
    assert again.exit_code != 0
    assert "2 workspaces have a collection 'docs'" in again.output
    assert "w1 (900 passages), w2 (600 passages)" in again.output
    few = CliRunner().invoke(app, ["memory", "tune", "few"])
    assert few.exit_code != 0
    assert "collection 'few' has 20 passages with vectors, and measuring needs 500" in few.output
    assert not [name for name in _schemas(home) if name.startswith("flowloom_tune")]


def test_says_that_there_is_no_platform_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWLOOM_HOME", str(tmp_path / "none"))
    done = CliRunner().invoke(app, ["memory", "tune", "docs"])
    assert (done.exit_code, "there is no platform in" in done.output) == (2, True)
    assert not (tmp_path / "none").exists()


def _schemas(home: Path) -> list[str]:
    import asyncio

    async def read() -> list[str]:
        async with started(home, load_or_create(home)) as server:
            connection = await server.connect()
            try:
                return [str(row[0]) for row in await connection.fetch("SELECT nspname FROM pg_namespace")]
            finally:
                await connection.close()

    return asyncio.run(read())
