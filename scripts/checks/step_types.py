"""Names what a step type still lacks: contract, execution, cases."""

import re
from collections.abc import Iterator
from typing import Final

import yaml

from scripts.checks.tree import Tree

CONTRACTS: Final = "packages/contracts/src/flowloom_contracts"
EXECUTIONS: Final = (
    "packages/language/src/flowloom_language/steps",
    "services/orchestrator/src/orchestrator/steps",
)
CASES: Final = "tests/workflows"
TAG: Final = re.compile(r"Tag\(\"<([a-z]+)>\"\)")
ELSEWHERE: Final = frozenset({"agent"})
"""Carried out by other processes: the agent services."""


def check(tree: Tree) -> list[str]:
    """Return what is missing for each kind that the build says it can carry out, and what is left over."""
    kinds = available_kinds(tree)
    findings = [finding for kind in kinds for finding in _missing(tree, kind)]
    for folder in (f"{CONTRACTS}/steps", *EXECUTIONS):
        extra = {path.stem for path in (tree.root / folder).glob("*.py")} - {*kinds, "__init__"}
        findings += [f"{folder}/{name}.py: {name!r} is no step type of workflow.py" for name in sorted(extra)]
    return findings


def available_kinds(tree: Tree) -> list[str]:
    """Return the kinds of the `Step` union, the only list."""
    return TAG.findall(tree.text(f"{CONTRACTS}/workflow.py"))


def _missing(tree: Tree, kind: str) -> Iterator[str]:
    if not tree.text(f"{CONTRACTS}/steps/{kind}.py"):
        yield f"{kind}: write its configuration in {CONTRACTS}/steps/{kind}.py"
    rooms = [folder for folder in EXECUTIONS if tree.text(f"{folder}/{kind}.py")]
    if len(rooms) > 1 or (not rooms and kind not in ELSEWHERE):
        yield f"{kind}: write its execution in one of {', '.join(EXECUTIONS)}, has {len(rooms)}"
    cases = yaml.safe_load(tree.text(f"{CASES}/{kind}.yaml") or "[]")
    passing = [case for case in cases if case["expect"].get("status") == "succeeded"]
    if not passing or len(passing) == len(cases):
        yield f"{kind}: write at least one passing and one failing case in {CASES}/{kind}.yaml"
