"""The files of the repository, as the checks see them."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NOT_OURS: Final = frozenset({".git", ".venv", "node_modules", "dist", "build", ".flowloom", "results"})
TEXT_SUFFIXES: Final = frozenset(
    {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".in", ".sh", ".cfg", ".ini", ".mod", ".go"}
    | {".js", ".ts", ".tsx", ".css", ".html", ".sql", ".example"}
)


@dataclass(frozen=True)
class PythonFile:
    """A module with its text and its syntax tree."""

    path: Path
    where: str

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, self.where)

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.parts

    @property
    def member(self) -> str:
        """`services/memory` for a module of that workspace member, else empty."""
        parts = self.where.split("/")
        return "/".join(parts[:2]) if parts[0] in ("packages", "services") else ""

    @property
    def is_production(self) -> bool:
        """Whether it is part of a package that is installed, fakes left out."""
        return bool(self.member) and "/src/" in self.where and "/testing/" not in self.where

    @property
    def module(self) -> str:
        """The dotted import name of a module below `src`, else empty."""
        _, found, below = self.where.partition("/src/")
        return below.removesuffix(".py").removesuffix("/__init__").replace("/", ".") if found else ""

    def at(self, node: ast.AST, message: str) -> str:
        """Return a finding about a node."""
        return f"{self.where}:{getattr(node, 'lineno', 1)}: {message}"


class Tree:
    """One checkout; the tests of the checks make small ones."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @cached_property
    def files(self) -> list[Path]:
        """Every file that could be committed, sorted; no symbolic links."""
        return sorted(self._walk())

    def _walk(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not _is_ignored(name)]
            yield from (Path(folder, name) for name in names if not _is_left_out(Path(folder, name)))

    @cached_property
    def python(self) -> list[PythonFile]:
        """Every Python module."""
        return [PythonFile(path, self.where(path)) for path in self.files if path.suffix == ".py"]

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        """Place and content of every text file."""
        return [
            (self.where(path), path.read_text(encoding="utf-8"))
            for path in self.files
            if path.suffix in TEXT_SUFFIXES or path.suffix == ""
        ]

    def where(self, path: Path) -> str:
        """Return a path as people write it, from the root of the checkout."""
        return path.relative_to(self.root).as_posix()

    def folders(self, below: str) -> list[str]:
        """Return the names of the folders inside a folder, without hidden ones."""
        folder = self.root / below
        if not folder.is_dir():
            return []
        return sorted(
            child.name for child in folder.iterdir() if child.is_dir() and not _is_ignored(child.name)
        )

    def text(self, where: str) -> str:
        """Return a file's content, empty if there is none."""
        path = self.root / where
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def _is_ignored(name: str) -> bool:
    return (
        name in NOT_OURS
        or name == "__pycache__"
        or name.endswith((".egg-info", "_cache"))
        or name == ".hypothesis"
    )


def called_name(call: ast.Call) -> str:
    """Return the dotted name of what is called: `time.sleep`."""
    return dotted(call.func)


def dotted(node: ast.AST) -> str:
    """Return a chain of attributes as text, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imports(module: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Give every absolute import with its full name; `from a.b import c` is `a.b.c`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def _is_left_out(path: Path) -> bool:
    # In a second working tree `.git` is a file that says where the repository is.
    return path.is_symlink() or path.name == ".git"
