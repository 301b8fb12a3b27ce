"""The platform needs no network but loopback: its own model answers for every agent, and it stops again."""

import asyncio
import sys
from pathlib import Path
from typing import Final

import psutil
import pytest

from flowloom_contracts.runs import Run, RunStatus, StepList, StepRun, StepStatus
from tests.integration.shell import Told, execute
from tests.integration.stack import ROOT

EXAMPLE = ROOT / "examples" / "workflows" / "first-brief.yaml"
PLACE = Path(__file__).with_name("example_without_network.sh")


LEAST: Final = {"research": 40, "analysis": 40, "implementation": 80, "qa": 20}
"""Characters that each kind of agent has to answer with, as the example's own checks say."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Path]:
    """Start, run and stop inside a namespace, once; what the script said, and its home."""
    home = tmp_path_factory.mktemp("offline")
    python = sys.executable
    command = (python, "-m", "tests.integration.loopback_only", "sh", str(PLACE), str(Path(python).parent))
    env = {
        "FLOWLOOM_HOME": str(home),
        "FLOWLOOM_PORT": "25120",
        "FLOWLOOM_PORT_BASE": "25100",
        "FLOWLOOM_NO_EXAMPLE": "1",
    }
    return asyncio.run(execute(*command, env=env, limit_s=280)), home


@pytest.mark.timeout(300)
def test_example_succeeds_with_the_embedded_model_and_only_loopback(told: tuple[Told, Path]) -> None:
    said, home = told
    run, _ = _ended(said)
    assert run.status is RunStatus.SUCCEEDED
    assert run.usage.tokens > 0
    assert run.outputs
    left = [p.pid for p in psutil.process_iter(["environ"]) if _belongs_to(p, home)]
    assert left == [], "processes are left after `flowloom down`"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("agent", LEAST)
def test_each_kind_of_agent_carries_out_its_task_with_the_embedded_model(
    told: tuple[Told, Path], agent: str
) -> None:
    _, steps = _ended(told[0])
    step = steps[agent]
    assert (step.kind, step.status) == ("agent", StepStatus.SUCCEEDED), step.error
    assert isinstance(step.output, str)
    assert len(step.output.strip()) >= LEAST[agent]
    assert step.usage.tokens > 0, "its words are a model's"


def _ended(said: Told) -> tuple[Run, dict[str, StepRun]]:
    assert said.code == 0, f"{said.out}\n{said.err}"
    run, steps = said.out.strip().splitlines()[-2:]
    listed = StepList.model_validate_json(steps).items
    return Run.model_validate_json(run), {step.path: step for step in listed}


def _belongs_to(process: psutil.Process, home: Path) -> bool:
    environment = process.info["environ"] or {}
    return environment.get("HOME") == str(home / "run")
