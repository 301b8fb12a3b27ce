"""What images hold: libraries of the service alone, and nothing that only builds, tests or debugs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop

from scripts import lock, trim_tree

DAPR = "dapr[fastapi,workflow]==1.19.0"


@pytest.mark.parametrize(
    ("service", "has_workflows"),
    [("gateway", False), ("memory", False), ("orchestrator", True), ("agent-qa", True)],
)
def test_the_sdk_of_workflows_is_where_workflows_are_carried_out(service: str, has_workflows: bool) -> None:
    needs = lock.outside_needs(f"flowloom-{service}", lock.members(), set())
    assert (DAPR in needs) is has_workflows
    assert not any(need.startswith("flowloom-") for need in needs)
    locked = (lock.LOCKS / f"{service}.txt").read_text()
    assert ("\ngrpcio==" in locked) is has_workflows


@pytest.mark.skipif(shutil.which("strip") is None, reason="needs binutils")
def test_a_tree_is_trimmed_and_still_loads(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    folder = Path(uvloop.__file__).parent
    shutil.copytree(folder, packages / "uvloop")
    (module,) = (packages / "uvloop").glob("loop*.so")
    kept = [packages / "tests" / "__init__.py", packages / "bundling" / "a.so"]
    gone = [
        packages / "uvloop" / "tests" / "test_a.py",
        packages / "uvloop" / "types.pyi",
        tmp_path / "bin" / "uv",
    ]
    for path in (*kept, *gone, packages / "bundling.libs" / "b.so"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(trim_tree.ELF)
    before = module.stat().st_size
    assert trim_tree.main([str(tmp_path)]) == 0
    assert module.stat().st_size <= before
    assert [path.exists() for path in (*kept, *gone)] == [True, True, False, False, False]
    code = "import uvloop; print(uvloop.__file__)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert loaded.stdout.strip().startswith(str(packages))
