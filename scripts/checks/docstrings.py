"""Wants one sentence at the head of every module that says what the room is for."""

import ast

from scripts.checks.tree import Tree


def check(tree: Tree) -> list[str]:
    """Return modules that do not begin with a sentence; an empty `__init__.py` may be silent."""
    findings = []
    for file in tree.python:
        if not file.text.strip() and file.path.name == "__init__.py":
            continue
        first = (ast.get_docstring(file.syntax) or "").strip().split("\n\n")[0]
        if not first:
            findings.append(f"{file.where}:1: begin with one sentence that says what this module is for")
        elif not first.endswith((".", ":", "`")):
            findings.append(f"{file.where}:1: the first docstring is not a sentence with a full stop")
    return findings
