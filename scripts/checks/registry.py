"""Finds the checks: every module beside this one that has `check(tree)`."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TypeAlias

import scripts.checks
from scripts.checks.tree import Tree

Check: TypeAlias = Callable[[Tree], list[str]]


def checks() -> dict[str, Check]:
    """Return the checks by the name of their module."""
    names = sorted(module.name for module in pkgutil.iter_modules(scripts.checks.__path__))
    modules = {name: importlib.import_module(f"scripts.checks.{name}") for name in names if name != "types"}
    return {name: module.check for name, module in modules.items() if hasattr(module, "check")}
