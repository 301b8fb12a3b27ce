"""The import contracts of the root pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from scripts.checks.tree import Tree

LINTER = Path(sys.executable).with_name("lint-imports")


def test_import_contracts_are_kept() -> None:
    # A process of its own: the linter switches off every logger of the process that it runs in.
    root = Tree().root
    linted = subprocess.run(
        [LINTER, "--config", root / "pyproject.toml", "--cache-dir", root / ".import_linter_cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
