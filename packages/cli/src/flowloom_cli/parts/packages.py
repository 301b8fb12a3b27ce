"""Find files inside installed packages without importing them."""

import importlib.util
from pathlib import Path

from flowloom_cli.errors import MissingBinaryError


def package_dir(name: str) -> Path:
    """Return the folder of an installed package; raises MissingBinaryError."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise MissingBinaryError(f"the package {name!r} is not installed", hint="run `make setup`")
    return Path(found.submodule_search_locations[0])


def package_file(name: str, pattern: str) -> Path:
    """Return the one file of a package that matches a pattern; raises MissingBinaryError."""
    folder = package_dir(name)
    matches = sorted(folder.glob(pattern))
    if not matches:
        raise MissingBinaryError(
            f"the package {name!r} in {folder} has no file {pattern!r}",
            hint="reinstall it: remove .venv and run `make setup`",
        )
    return matches[0]
