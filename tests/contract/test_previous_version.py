"""The version before this one works on the schema of this one: its own tests of stores, on our migrations."""

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("packages", "services", "benchmarks", "examples", "pyproject.toml")
LIMIT_S: Final = 420
TESTS: Final = {
    "gateway": ["services/gateway/tests", "-m", "integration"],
    "memory": ["services/memory/tests/test_memory_stores.py", "services/memory/tests/test_run_memory.py"],
    "orchestrator": [
        *(
            f"services/orchestrator/tests/test_{name}.py"
            for name in ("stores", "run_lists", "stats", "budgets")
        ),
        *(f"services/orchestrator/tests/test_{name}.py" for name in ("admission", "approvals", "reconcile")),
        "-k",
        "postgres",
    ],
}
"""What reads and writes every table, without the rest of the service."""

ABOUT_THE_SCHEMA: Final = (
    "services/gateway/tests/test_stores.py::test_migrates_once_when_many_start_together",
    "services/gateway/tests/test_stores.py::test_migrations_make_the_tables_that_the_code_uses",
)
"""They compare the schema with the older code's own migrations."""

MIGRATE: Final = """
import asyncio, os, subprocess, sys
def _run(url):
    env = {{"PATH": os.environ["PATH"], "PYTHONPATH": {sources!r}, "FLOWLOOM_{upper}_DATABASE_URL": url}}
    subprocess.run([sys.executable, "-m", "{service}.migrate"], check=True, cwd="/", env=env)
async def _run_beside(url):
    await asyncio.to_thread(_run, url)
migrate = {migrate}
"""


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def _previous() -> str:
    """Return the newest release, or, before there is one, the commit before the last migration."""
    releases = _git("tag", "--list", "v*", "--merged", "HEAD~1", "--sort=-v:refname").decode().split()
    if releases:
        return releases[0]
    written = _git("log", "-1", "--format=%H", "--", "services/*/migrations/versions/*.py").decode().strip()
    return f"{written}~1" if written else ""


def _sources(root: Path) -> str:
    members = sorted([*root.glob("packages/*/src"), *root.glob("services/*/src")])
    return os.pathsep.join(map(str, [*members, root]))


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tree of the version before, with our migrations in place of its own."""
    packed = _git("archive", _previous(), *FOLDERS)
    if not packed:
        pytest.skip("the history of the repository is not here: `git fetch --unshallow --tags`")
    root = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(root, filter="data")
    for service in TESTS:
        migrate = "_run" if service == "memory" else "_run_beside"
        shim = MIGRATE.format(sources=_sources(ROOT), upper=service.upper(), service=service, migrate=migrate)
        (root / f"services/{service}/src/{service}/migrate.py").write_text(shim)
    return root


@pytest.mark.integration
@pytest.mark.timeout(LIMIT_S + 60)
@pytest.mark.parametrize("service", sorted(TESTS))
def test_the_stores_of_the_version_before_work_on_the_schema_of_this_one(
    service: str, previous: Path
) -> None:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    deselected = [f"--deselect={name}" for name in ABOUT_THE_SCHEMA]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS[service], *deselected],
        cwd=previous,
        env={**outer, "PYTHONPATH": _sources(previous)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
