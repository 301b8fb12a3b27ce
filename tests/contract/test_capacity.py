"""The capacity plan: what the handbook says is what the command calculates from measured results."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from benchmarks.core.results import FOLDER
from benchmarks.operations.capacity import Load, Measured, plan, table

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "operations" / "capacity.md"
RATES: Final = (10, 100, 1_000, 5_000, 10_000)
EVEN: Final = Measured(
    run_cpu_ms={"gateway": 10, "orchestrator": 20, "postgres": 10, "redis": 3, "dapr": 1, "others": 6},
    commits_per_s=1_000,
    sources=["a"],
)


def test_the_table_of_the_handbook_is_calculated() -> None:
    text = PAGE.read_text()
    named = re.search(r"<!-- capacity: (\S+) (\S+) -->\n((?:\|.*\n)+)", text)
    assert named is not None
    measured = Measured.of(FOLDER / named[1], FOLDER / named[2])
    assert named[3] == table([Load(runs_per_minute=rate) for rate in RATES], measured) + "\n"


def test_half_of_everything_stays_free() -> None:
    found = plan(Load(runs_per_minute=6_000), EVEN)  # 100 a second
    assert (found.gateways, found.orchestrators, found.agents) == (2, 4, 1)
    assert (found.postgres_cores, found.service_cores) == pytest.approx((2.0, 8.0))
    assert found.commits_per_s == 600
    assert dict(found.walls)["commits of the disk"] == pytest.approx(1.2)
    assert found.breaks_first == "connections of Postgres (127%)"


def test_longer_runs_cost_in_proportion_and_agents_by_how_long_they_wait() -> None:
    short, long = (plan(Load(runs_per_minute=600, steps=steps), EVEN) for steps in (5, 20))
    assert long.postgres_cores == pytest.approx(4 * short.postgres_cores)
    waiting = plan(Load(runs_per_minute=600, agent_steps=1, agent_seconds=16), EVEN)
    assert waiting.agents == 10, "160 in flight, sixteen a copy"


def test_a_small_load_breaks_nothing_and_has_two_gateways_all_the_same() -> None:
    found = plan(Load(runs_per_minute=1, documents=1_000_000), EVEN)
    assert (found.gateways, found.breaks_first) == (2, "nothing")
    assert found.vector_bytes == 20e9


def test_the_command_says_where_its_figures_are_from() -> None:
    command = [sys.executable, "-m", "benchmarks", "capacity", "--runs-per-minute", "1000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert "| 1,000 | " in done.stdout
    assert re.search(r"calculated from B-ORC-1/\S+\.json, B-API-5/\S+\.json", done.stdout)


def test_a_benchmark_that_never_ran_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="python -m benchmarks run B-ORC-1"):
        Measured.newest(tmp_path)
