"""The import contracts of the root pyproject.toml."""

import pytest
from importlinter import cli

from scripts.checks.tree import Tree


def test_import_contracts_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    root = Tree().root
    outcome = cli.lint_imports(
        config_filename=str(root / "pyproject.toml"), cache_dir=str(root / ".import_linter_cache")
    )
    assert outcome == 0, capsys.readouterr().out
