"""What a load needs: processors, copies, connections and memory, from figures that were measured.

Not a measurement: `python -m benchmarks capacity` multiplies the newest results and names the nearest wall.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from benchmarks.core.results import FOLDER

USED_SHARE: Final = 0.5
"""Of what a process or a disk can do: the other half is for peaks, vacuum and a lost copy."""

STEPS_MEASURED: Final = 5
"""B-ORC-1 runs a chain of five model steps."""

AGENT_STEP_CPU_MS: Final = 33.0
"""Of an agent beside its model: a kickoff with shared clients."""

COMMITS_FIXED: Final = 1
COMMITS_A_STEP: Final = 1
"""A chain of five steps takes six."""

POOLS: Final = {"gateway": 15, "orchestrator": 18, "memory": 12}
"""Connections a copy: transactions, and half as many for single statements."""

POSTGRES_CONNECTIONS: Final = 120
KEPT_CONNECTIONS: Final = 30
"""For sidecars, migrations, exporters, a person and the superuser."""

STREAM_BYTES: Final = 100_000
REDIS_BYTES: Final = 2 * 1024**3
PASSAGE_BYTES: Final = 2_000
"""A vector of 384 numbers with its share of the index."""

AGENTS_AT_ONCE: Final = 16
_PARTS: Final = {
    "gateway": ("gateway", "gateway-dapr"),
    "orchestrator": ("orchestrator", "orchestrator-dapr"),
    "postgres": ("postgres",),
    "redis": ("valkey",),
    "dapr": ("placement", "scheduler"),
}


class Measured(BaseModel):
    """What one five-step run costs each part in milliseconds, and what the disk commits a second."""

    model_config = ConfigDict(frozen=True)

    run_cpu_ms: Mapping[str, float]
    commits_per_s: float
    sources: Sequence[str]

    @classmethod
    def newest(cls, folder: Path = FOLDER) -> "Measured":
        """Read the newest results; raises FileNotFoundError where a benchmark has never run."""
        runs, webhooks = _newest(folder, "B-ORC-1"), _newest(folder, "B-API-5")
        return cls.of(runs, webhooks)

    @classmethod
    def of(cls, runs: Path, webhooks: Path) -> "Measured":
        """Read these two."""
        chain = json.loads(runs.read_text())["figures"]["c=10"]["cpu_s_per_1000_runs"]
        disk = json.loads(webhooks.read_text())["figures"]["per_s"]["pgbench_10"]
        known = {process for processes in _PARTS.values() for process in processes}
        cpu = {part: sum(chain.get(one, 0.0) for one in processes) for part, processes in _PARTS.items()}
        cpu["others"] = sum(cost for process, cost in chain.items() if process not in known)
        return cls(
            run_cpu_ms=cpu,
            commits_per_s=sorted(disk)[len(disk) // 2],
            sources=[f"{path.parent.name}/{path.name}" for path in (runs, webhooks)],
        )


def _newest(folder: Path, name: str) -> Path:
    found = sorted((folder / name).glob("*.json"))
    if not found:
        raise FileNotFoundError(f"no result of {name} in {folder}: python -m benchmarks run {name}")
    return found[-1]


class Load(BaseModel):
    """What shall be carried."""

    model_config = ConfigDict(frozen=True)

    runs_per_minute: float = Field(gt=0)
    steps: int = Field(default=STEPS_MEASURED, ge=1, le=1000)
    agent_steps: int = Field(default=0, ge=0, le=1000)
    run_seconds: float = Field(default=10, gt=0)
    agent_seconds: float = Field(default=5, gt=0)
    documents: int = Field(default=0, ge=0)
    passages: int = Field(default=10, ge=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What it needs; `walls` are used parts of what there is without doing anything, the nearest first."""

    service_cores: float
    postgres_cores: float
    gateways: int
    orchestrators: int
    agents: int
    commits_per_s: float
    connections: int
    redis_bytes: float
    vector_bytes: float
    walls: Sequence[tuple[str, float]]

    @property
    def breaks_first(self) -> str:
        """Which wall is passed first, and by how much."""
        name, share = self.walls[0]
        return f"{name} ({share:.0%})" if share > 1 else "nothing"


def plan(load: Load, measured: Measured) -> Plan:
    """Multiply: a copy of gateway or orchestrator is one Python process, so it has one core."""
    per_s = load.runs_per_minute / 60
    size = load.steps / STEPS_MEASURED
    used = {part: per_s * size * ms / 1000 for part, ms in measured.run_cpu_ms.items()}
    agents_used = per_s * load.agent_steps * AGENT_STEP_CPU_MS / 1000
    in_flight = per_s * load.agent_steps * load.agent_seconds
    gateways = max(2, ceil(used["gateway"] / USED_SHARE))
    orchestrators = max(1, ceil(used["orchestrator"] / USED_SHARE))
    agents = max(1, ceil(agents_used / USED_SHARE), ceil(in_flight / AGENTS_AT_ONCE))
    postgres = used["postgres"] / USED_SHARE
    commits = per_s * (COMMITS_FIXED + COMMITS_A_STEP * load.steps)
    connections = gateways * POOLS["gateway"] + orchestrators * POOLS["orchestrator"] + POOLS["memory"]
    redis = per_s * load.run_seconds * STREAM_BYTES * 2
    walls = {
        "connections of Postgres": connections / (POSTGRES_CONNECTIONS - KEPT_CONNECTIONS),
        "commits of the disk": commits / (measured.commits_per_s * USED_SHARE),
        "memory of Redis": redis / (REDIS_BYTES * USED_SHARE),
        "one core of Redis": used["redis"] / USED_SHARE,
    }
    return Plan(
        service_cores=(sum(used.values()) - used["postgres"] + agents_used) / USED_SHARE,
        postgres_cores=postgres,
        gateways=gateways,
        orchestrators=orchestrators,
        agents=agents,
        commits_per_s=commits,
        connections=connections,
        redis_bytes=redis,
        vector_bytes=float(load.documents * load.passages * PASSAGE_BYTES),
        walls=sorted(walls.items(), key=lambda wall: -wall[1]),
    )


HEAD: Final = (
    "| Runs a minute | Cores for services | gateway / orchestrator / each agent | Postgres | Redis |"
    " Breaks first |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def table(loads: Sequence[Load], measured: Measured) -> str:
    """Return the plans of several loads in Markdown."""
    return "\n".join([HEAD, *(_row(load, plan(load, measured)) for load in loads)])


def _row(load: Load, found: Plan) -> str:
    copies = f"{found.gateways} / {found.orchestrators} / {found.agents}"
    cores, commits = ceil(found.postgres_cores), f"{found.commits_per_s:,.0f} commits/s"
    postgres = f"{cores} core{'s' * (cores > 1)}, {commits}, {found.connections} connections"
    redis = f"{found.redis_bytes / 1024**2:,.0f} MiB"
    cells = (
        f"{load.runs_per_minute:,.0f}",
        ceil(found.service_cores),
        copies,
        postgres,
        redis,
        found.breaks_first,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def told(load: Load, measured: Measured) -> str:
    """Return the plan of one load in lines, with where its figures are from."""
    found = plan(load, measured)
    lines = [
        HEAD,
        _row(load, found),
        "",
        *(f"{name}: {share:.0%} of what there is" for name, share in found.walls),
    ]
    if found.vector_bytes:
        lines.append(f"vectors: {found.vector_bytes / 1e9:.1f} GB, which Postgres should keep in memory")
    return "\n".join([*lines, f"calculated from {', '.join(measured.sources)}"])
