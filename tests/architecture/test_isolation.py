"""Each service alone: the shared environment of development hides what a service forgot to declare."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.checks.tree import ROOT, Tree
from tests.architecture.isolation import environment_of, sources_of

SERVICES = Tree().folders("services")
ADDRESS = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
ENVIRONMENT = {
    "FLOWLOOM_REDIS_URL": "redis://127.0.0.1:1/0",
    "FLOWLOOM_GATEWAY_DATABASE_URL": ADDRESS,
    "FLOWLOOM_ORCHESTRATOR_DATABASE_URL": ADDRESS,
    "FLOWLOOM_MEMORY_DATABASE_URL": ADDRESS,
    "FLOWLOOM_GATEWAY_SETUP_TOKEN": "a setup token that nobody guesses",
    "FLOWLOOM_MODEL_BASE_URL": "http://127.0.0.1:1/v1",
    "FLOWLOOM_MODEL_NAME": "none",
    "FLOWLOOM_FORBID_PROVIDER_CALLS": "1",
    "DAPR_API_TOKEN": "a token of a sidecar that nobody guesses",
    "APP_API_TOKEN": "a token of an app that nobody guesses",
}
HEAVY = {"crewai", "onnxruntime", "torch", "litellm"}


@pytest.mark.isolation
@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", SERVICES)
def test_service_imports_alone(service: str, tmp_path: Path) -> None:
    python = environment_of(service)
    sources = ":".join(map(str, sources_of(service)))
    caches = {"PYTHONPATH": sources, "PYTHONPYCACHEPREFIX": str(python.parents[1] / "pycache")}
    home = {"HOME": str(tmp_path), "FLOWLOOM_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [python, ROOT / "tests/architecture/import_alone.py", f"{service.replace('-', '_')}.main"],
        env={**ENVIRONMENT, **home, **caches},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["has_app"]
    # CrewAI takes seconds and 190 MB, onnxruntime 50: they are loaded after the start, not by an import.
    assert not HEAVY & set(answer["modules"])
    assert not list(tmp_path.iterdir()), "importing a service writes no file"
