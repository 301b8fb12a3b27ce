"""Wants numbered decision records that have all their parts."""

import re
from typing import Final

from scripts.checks.tree import Tree

NAME: Final = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
PARTS: Final = ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")
LONGEST: Final = 80


def check(tree: Tree) -> list[str]:
    """Return records with a wrong name, a number used twice, a missing part or more than a page."""
    findings: list[str] = []
    numbers: dict[str, str] = {}
    for path in sorted((tree.root / "docs/decisions").glob("*")):
        where, named = tree.where(path), NAME.fullmatch(path.name)
        if named is None:
            findings.append(f"{where}: call it NNNN-what-was-decided.md")
            continue
        if named[1] in numbers:
            findings.append(f"{where}: number {named[1]} belongs to {numbers[named[1]]}")
        numbers[named[1]] = path.name
        text = path.read_text(encoding="utf-8")
        findings += [f"{where}: part {part!r} is missing" for part in PARTS if part not in text]
        if len(text.splitlines()) > LONGEST:
            findings.append(f"{where}: a decision is one page, at most {LONGEST} lines")
    return findings
