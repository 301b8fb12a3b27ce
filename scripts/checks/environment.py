"""Keeps the environment in one room of each process, and its variables in `.env.example`."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import PythonFile, Tree, dotted

ROOMS: Final = frozenset({"settings.py", "environment.py"})
"""`settings.py` reads; `environment.py` prepares what a library or a child process is given."""
READERS: Final = frozenset({"os.environ", "os.getenv", "os.environb", "environ", "getenv"})
VARIABLE: Final = re.compile(
    r"\b(?:FLOWLOOM_[A-Z0-9_]+|DAPR_HTTP_PORT|DAPR_GRPC_PORT|(?:DAPR|APP)_API_TOKEN)\b"
)
LISTED: Final = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=", re.MULTILINE)


def check(tree: Tree) -> list[str]:
    """Return reads elsewhere, and variables that are not explained or not used."""
    production = [file for file in tree.python if file.is_production]
    findings = [finding for file in production if file.path.name not in ROOMS for finding in _reads(file)]
    return findings + _example(tree, production)


def _reads(file: PythonFile) -> Iterator[str]:
    for node in ast.walk(file.syntax):
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node) in READERS:
            yield file.at(node, "read the environment in settings.py only")
        elif isinstance(node, ast.ClassDef) and any(dotted(base).endswith("Settings") for base in node.bases):
            yield file.at(node, f"move {node.name!r} to settings.py")


def _example(tree: Tree, production: list[PythonFile]) -> list[str]:
    explained = set(LISTED.findall(tree.text(".env.example")))
    rooms = [file for file in production if file.path.name in ROOMS]
    used = {name for file in rooms for name in (*VARIABLE.findall(file.text), *_prefixed(file))}
    mentioned = " ".join(text for where, text in tree.texts if where != ".env.example")
    missing = [f".env.example:1: explain {name}" for name in sorted(used - explained)]
    unused = [
        f".env.example:1: nothing mentions {name}"
        for name in sorted(explained - used)
        if not re.search(rf"\b{name}\b", mentioned)
    ]
    return missing + unused


def _prefixed(file: PythonFile) -> Iterator[str]:
    """Give the variables of settings classes that set an `env_prefix`."""
    for node in ast.walk(file.syntax):
        if isinstance(node, ast.ClassDef) and (prefix := _env_prefix(node)):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and "alias" not in ast.unparse(field):
                    yield prefix + ast.unparse(field.target).upper()


def _env_prefix(node: ast.ClassDef) -> str:
    found = re.search(r"env_prefix='([A-Z_]+)'", ast.unparse(node))
    return found[1] if found else ""
