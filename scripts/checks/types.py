"""Checks the types of every member and of the scripts: `python -m scripts.checks.types`."""

import subprocess
import sys

from scripts.checks.tree import ROOT, Tree


def main() -> int:
    """Run mypy once over all of them, because they share their cache and know each other."""
    tree = Tree()
    members = [f"packages/{name}/src" for name in tree.folders("packages")]
    members += [f"services/{name}/src" for name in tree.folders("services")]
    command = [sys.executable, "-m", "mypy", *members, "scripts"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
