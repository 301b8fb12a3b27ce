"""Wants every command that the documents tell people to type to exist."""

import re
from typing import Final

from scripts.checks.tree import Tree

TARGET: Final = re.compile(r"^([a-z][a-z0-9-]*):", re.MULTILINE)
TYPED: Final = re.compile(r"(?:^|[`$(\s])make ((?:[a-z][a-z0-9-]*[ ]?)+)(?=[`\n#&;)]|$)", re.MULTILINE)
FLOWLOOM: Final = re.compile(r"(?:^|[`$/\s])flowloom ([a-z][a-z-]*)(?=[`\s])", re.MULTILINE)
CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
SUBCOMMANDS: Final = "packages/cli/src/flowloom_cli/commands"


def check(tree: Tree) -> list[str]:
    """Return `make` targets and `flowloom` subcommands that the documents name and nobody wrote."""
    targets = set(TARGET.findall(tree.text("Makefile")))
    commands = {path.stem.rstrip("_").replace("_", "-") for path in (tree.root / SUBCOMMANDS).glob("*.py")}
    findings = []
    for where, text in tree.texts:
        if not where.endswith(".md") or where == "CHANGELOG.md":
            continue
        code = "\n".join(CODE.findall(text))
        asked = {word for words in TYPED.findall(code) for word in words.split()}
        findings += [f"{where}: no target {name!r} in the Makefile" for name in sorted(asked - targets)]
        wanted = set(FLOWLOOM.findall(code))
        findings += [f"{where}: no subcommand {name!r}" for name in sorted(wanted - commands) if commands]
    return findings + _undescribed(tree)


def _undescribed(tree: Tree) -> list[str]:
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)", tree.text("Makefile"), re.MULTILINE)
    names = set(phony[1].replace("\\", " ").split()) if phony else set()
    written = set(TARGET.findall(tree.text("Makefile")))
    return [f"Makefile: {name!r} is phony but nobody wrote it" for name in sorted(names - written)]
