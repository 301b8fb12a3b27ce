"""The platform needs no network but loopback: it starts, runs the example with its own model, and stops."""

import sys
from pathlib import Path

import psutil
import pytest

from flowloom_contracts.runs import Run, RunStatus
from tests.integration.shell import Told, execute
from tests.integration.stack import ROOT

EXAMPLE = ROOT / "examples" / "workflows" / "first-brief.yaml"
PLACE = Path(__file__).with_name("example_without_network.sh")


@pytest.fixture
async def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Path]:
    """Start, run and stop inside a namespace; what the script said, and its home."""
    home = tmp_path_factory.mktemp("offline")
    python = sys.executable
    command = (python, "-m", "tests.integration.loopback_only", "sh", str(PLACE), str(Path(python).parent))
    env = {
        "FLOWLOOM_HOME": str(home),
        "FLOWLOOM_PORT": "25120",
        "FLOWLOOM_PORT_BASE": "25100",
        "FLOWLOOM_NO_EXAMPLE": "1",
    }
    return await execute(*command, env=env, limit_s=280), home


@pytest.mark.timeout(300)
async def test_example_succeeds_with_the_embedded_model_and_only_loopback(told: tuple[Told, Path]) -> None:
    said, home = told
    assert said.code == 0, f"{said.out}\n{said.err}"
    run = Run.model_validate_json(said.out.strip().splitlines()[-1])
    assert run.status is RunStatus.SUCCEEDED
    assert run.usage.tokens > 0
    assert run.outputs
    left = [p.pid for p in psutil.process_iter(["environ"]) if _belongs_to(p, home)]
    assert left == [], "processes are left after `flowloom down`"


def _belongs_to(process: psutil.Process, home: Path) -> bool:
    environment = process.info["environ"] or {}
    return environment.get("HOME") == str(home / "run")
