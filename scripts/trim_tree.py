"""Take out of an installed tree what no running service uses: python trim_tree.py /opt/flowloom.

Symbols for debuggers are most of the bytes of many extension modules. Their sources, headers, type stubs and
the packages' own tests are for those who build; `uv` comes because a library of the agents names it.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FOR_BUILDING = {".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyi", ".pyx"}
FOR_TESTING = {"test", "tests"}
FOR_INSTALLING = ("uv", "uvx")
ELF = b"\x7fELF"


def main(arguments: list[str]) -> int:
    """Trim one tree."""
    tree = Path(arguments[0])
    packages = next(tree.glob("lib/python3.*/site-packages"))
    for name in FOR_INSTALLING:
        (tree / "bin" / name).unlink(missing_ok=True)
    for folder in sorted(_tests(packages)):
        shutil.rmtree(folder, ignore_errors=True)
    for path in [path for path in packages.rglob("*") if path.suffix in FOR_BUILDING]:
        path.unlink()
    for path in sorted(_modules(packages)):
        subprocess.run(["strip", "--strip-unneeded", path], check=True)
    return 0


def _tests(packages: Path) -> Iterator[Path]:
    """Yield the folders of tests that are parts of packages; a package of that name itself is left alone."""
    for folder in packages.glob("*/**/"):
        if folder.name in FOR_TESTING and folder.parent != packages:
            yield folder


def _modules(packages: Path) -> Iterator[Path]:
    """Yield extension modules, without those of packages that bring libraries along.

    What binds them to these libraries was written into the files afterwards, and `strip` may break it.
    """
    bundled = {folder.name.removesuffix(".libs").lower() for folder in packages.glob("*.libs")}
    for path in packages.rglob("*.so"):
        top = path.relative_to(packages).parts[0].lower()
        if not path.is_symlink() and top not in bundled and not top.endswith(".libs") and _is_elf(path):
            yield path


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ELF)) == ELF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
