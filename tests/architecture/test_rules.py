"""Every own lint of scripts/checks over the whole repository."""

import pytest

from scripts.checks.registry import checks
from scripts.checks.tree import Tree

CHECKS = checks()


@pytest.fixture(scope="module")
def tree() -> Tree:
    """Give the checkout; each file is read and parsed once."""
    return Tree()


@pytest.mark.parametrize("name", CHECKS)
def test_repository_obeys(name: str, tree: Tree) -> None:
    findings = CHECKS[name](tree)
    assert not findings, f"{len(findings)} findings of scripts/checks/{name}.py:\n" + "\n".join(findings)


def test_every_check_is_proved_to_fire() -> None:
    proofs = Tree().text("tests/architecture/test_checks_fire.py")
    missing = [name for name in CHECKS if f'"{name}"' not in proofs]
    assert not missing, f"add a bad sample to test_checks_fire.py for {missing}"
