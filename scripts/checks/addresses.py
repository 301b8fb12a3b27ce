"""Keeps package registries and paths of somebody's machine out of the repository."""

import re
from typing import Final

from scripts.checks.tree import Tree

REGISTRIES: Final = re.compile(
    r"(?:\bpypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|proxy\.golang\.|sum\.golang\.|\bindex-url\s*=|"
    r"artifactory|\bnexus\.)",
    re.IGNORECASE,
)
MACHINE: Final = re.compile(r"(?<![\w/.$}~])/(?:root|Users|work|home/\w+)/[\w.]")


def check(tree: Tree) -> list[str]:
    """Return lines that name either."""
    findings = []
    for where, text in tree.texts:
        if where == "scripts/checks/addresses.py":
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if REGISTRIES.search(line):
                findings.append(
                    f"{where}:{number}: no address of a package registry: the machine's settings decide"
                )
            if MACHINE.search(line):
                findings.append(f"{where}:{number}: no path of one machine")
    return findings
