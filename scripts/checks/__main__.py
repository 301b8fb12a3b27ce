"""Runs our own lints: `python -m scripts.checks [name …]`; exits 1 when one finds something."""

import sys

from scripts.checks.registry import checks
from scripts.checks.tree import Tree


def main(wanted: list[str]) -> int:
    """Print the findings of all checks, or of those asked for."""
    tree, known = Tree(), checks()
    if unknown := set(wanted) - set(known):
        print(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return 2
    found = {name: check(tree) for name, check in known.items() if not wanted or name in wanted}
    for name, findings in found.items():
        for finding in findings:
            print(f"{finding}  [{name}]")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
