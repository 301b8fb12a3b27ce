"""S75: what keeps people out, apart and silent is reached by tests, branch by branch."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LEAST: Final = 95.0
OUTBOUND: Final = "packages/servicekit/src/flowloom_servicekit/outbound"
MODULES: Final = (
    f"{OUTBOUND}/addresses.py",
    f"{OUTBOUND}/gate.py",
    "packages/servicekit/src/flowloom_servicekit/strong_secrets.py",
    "packages/servicekit/src/flowloom_servicekit/tenancy.py",
    "services/gateway/src/gateway/adapters/access_tokens.py",
    "services/orchestrator/src/orchestrator/domain/redaction.py",
)
TESTS: Final = ("-k", "the_modules_themselves", "tests/security/test_mutants.py")
"""The tables as they are: to whoever counts lines, mutants are other files."""


@pytest.mark.timeout(300)
def test_s75_nearly_every_branch_of_the_security_modules_is_reached(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    env = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    include = ",".join(f"{ROOT}/{module}" for module in MODULES)
    tests = ["-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *TESTS]
    run = [*coverage, "run", "--branch", f"--include={include}", *tests]
    done = subprocess.run(run, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-3_000:]
    subprocess.run([*coverage, "json", "-q", "-o", str(report)], cwd=ROOT, env=env, timeout=60, check=True)
    found = json.loads(report.read_text())["files"]
    reached = {name: round(file["summary"]["percent_covered"], 1) for name, file in found.items()}
    assert set(reached) == set(MODULES)
    assert {name: share for name, share in reached.items() if share < LEAST} == {}
