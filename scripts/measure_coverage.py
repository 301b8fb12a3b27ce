"""Measure what tests reach, line by line, and fail below the floors: `python -m scripts.measure_coverage`.

Counted are the lines that tests reach in their own process. What only a started platform runs is not: its
processes end by signals in the middle of faults, which is no way to write a report.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON_FLOOR: Final = 90
"""Per cent of the lines (S75); that of the browser application stands in `frontend/vitest.config.ts`."""
# One process for each: workers of xdist end before their tests have, when coverage follows them.
PARTS: Final = (
    ("packages",),
    ("services/gateway",),
    ("services/orchestrator",),
    tuple(f"services/{name}" for name in ("memory", "agent-analysis", "agent-implementation")),
    ("services/agent-qa", "services/agent-research"),
    ("tests/architecture", "tests/chaos", "tests/contract", "tests/security", "tests/workflows"),
)
# SQLAlchemy carries asyncio across its synchronous parts with greenlets.
FOLLOWED: Final = (
    "--source=packages,services",
    "--omit=*/tests/*,*/testing/*",
    "--concurrency=greenlet,thread",
)
MARKS: Final = "not docker and not llm and not kong and not alone"


def main() -> int:
    """Run every part, then judge them together; failing tests are the business of `make test`."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "COVERAGE_FILE": str(Path(folder) / "coverage")}
        for part in PARTS:
            tests = ("-m", "pytest", "-q", "-n", "0", "-m", MARKS, *part)
            _coverage(env, "run", "--parallel-mode", *FOLLOWED, *tests)
        _coverage(env, "combine", "--quiet")
        python = _coverage(env, "report", "--skip-covered", f"--fail-under={PYTHON_FLOOR}")
    page = subprocess.run(
        [sys.executable, "scripts/frontend.py", "npm", "run", "--silent", "coverage"], cwd=ROOT, check=False
    ).returncode
    return 1 if python or page else 0


def _coverage(env: Mapping[str, str], *arguments: str) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
