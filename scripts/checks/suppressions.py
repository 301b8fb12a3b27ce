"""Lets a suppression stand only if it names its rule and its reason on the same line."""

import re
import tokenize
from io import StringIO
from typing import Final

from scripts.checks.tree import PythonFile, Tree

SUPPRESSION: Final = re.compile(r"#\s*(noqa|type:\s*ignore|ruff:\s*noqa|mypy:|fmt:\s*off|pragma:\s*no cover)")
GOOD: Final = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[a-z0-9, -]+\]|pragma:\s*no cover)"
    r"\s*[#:(-]\s*\S+(?:\s+\S+)+"
)
# Sizes have no exceptions.
NEVER: Final = re.compile(r"noqa:.*\b(?:C901|PLR09\d\d)\b")


def check(tree: Tree) -> list[str]:
    """Return suppressions without rule or reason, and those of the sizes."""
    return [finding for file in tree.python for finding in _in_file(file)]


def _in_file(file: PythonFile) -> list[str]:
    findings = []
    for token in tokenize.generate_tokens(StringIO(file.text).readline):
        if token.type != tokenize.COMMENT or not SUPPRESSION.search(token.string):
            continue
        where = f"{file.where}:{token.start[0]}"
        if NEVER.search(token.string):
            findings.append(f"{where}: sizes have no exceptions: divide the function")
        elif not GOOD.search(token.string):
            findings.append(f"{where}: name the rule and the reason, as in `# noqa: S608 - constants only`")
    return findings
