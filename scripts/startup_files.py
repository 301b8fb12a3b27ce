"""What installed packages run without being asked: python -m scripts.startup_files [--write].

Path files with code, `sitecustomize` and entry points are where a poisoned package begins. Those that are
known stand in requirements/startup.lst; a new one is listed and ends with 1 until somebody has looked at it
and written it down.
"""

import importlib.metadata
import importlib.util
import site
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "requirements" / "startup.lst"
HOOKS = ("sitecustomize", "usercustomize")
OURS = "flowloom"


def main(arguments: list[str]) -> int:
    """Compare, or write down what is there beside what was known (another Python may have installed that)."""
    present, known = set(found()), set(read())
    if "--write" in arguments:
        KNOWN.write_text("".join(f"{line}\n" for line in sorted(present | known)), encoding="utf-8")
        return 0
    new = sorted(present - known)
    for line in new:
        print(f"new: {line}")
    if new:
        print("look at what it does; then `python -m scripts.startup_files --write`")
    return 1 if new else 0


def read() -> list[str]:
    """Return the lines that are known."""
    return KNOWN.read_text(encoding="utf-8").splitlines() if KNOWN.exists() else []


def found() -> Iterator[str]:
    """Yield what this environment would run: `pth …`, `hook …`, `entry <group> <name> <package>`."""
    for folder in site.getsitepackages():
        for path in sorted(Path(folder).glob("*.pth")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            if any(line.startswith(("import ", "import\t")) for line in lines):
                yield f"pth {path.name} runs code"
            elif not path.name.startswith(OURS):
                yield f"pth {path.name}"
    for name in HOOKS:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin and Path(sys.prefix) in Path(spec.origin).parents:
            yield f"hook {name}"
    for package in importlib.metadata.distributions():
        name = str(package.metadata["Name"]).lower().replace("_", "-")
        if not name.startswith(OURS):
            yield from (f"entry {entry.group} {entry.name} {name}" for entry in package.entry_points)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
