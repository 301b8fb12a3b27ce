"""Finds the pieces of a worker and writes the two commands that start one: bare and inside bubblewrap."""

import contextlib
import importlib.util
import json
import os
import shutil
import stat
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowloom_sandboxkit.errors import SandboxUnavailableError
from flowloom_sandboxkit.frames import GuardConfig
from flowloom_sandboxkit.settings import MIB, SandboxSettings

INSIDE: Final = Path("/sandbox")
"""Where the pieces lie inside bubblewrap."""
NOBODY: Final = 65534
FOLDER: Final = "flowloom-sandbox-"
"""Begins the name of a workshop's folder; the id of its process follows."""
LONGEST_INTERPRETER_LINE: Final = 120
SYSTEM_LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
START: Final = (
    "import sys, json; config = json.loads(sys.argv[1]); sys.path[:0] = sys.argv[2:]; "
    "from flowloom_sandboxkit.inside.guard import main; main(config)"
)
ENTRY: Final = """#!{python} -IS
import sys
sys.path[:0] = {libraries!r}
from flowloom_sandboxkit.inside.monty_entry import main
main({monty!r}, {nobody!r}, {memory_bytes!r})
"""


@dataclass(frozen=True)
class Pieces:
    """Where this installation has what a worker needs."""

    python: Path
    monty: Path
    libraries: tuple[Path, ...]
    """Files and folders to import from: Monty's client, what it imports, this package."""


@dataclass(frozen=True)
class Command:
    """How to start one worker."""

    arguments: tuple[str, ...]
    folder: Path


def find_pieces() -> Pieces:
    """Return the pieces; raises `SandboxUnavailableError` that names what is missing."""
    python = Path(os.path.realpath(sys.executable))
    if " " in str(python) or len(str(python)) > LONGEST_INTERPRETER_LINE:
        raise SandboxUnavailableError(f"The path of Python, {str(python)!r}, has a space or is too long.")
    found = [importlib.util.find_spec(name) for name in ("pydantic_monty", "typing_extensions")]
    if any(spec is None or spec.origin is None for spec in found):
        raise SandboxUnavailableError("The package pydantic-monty is not installed: install it.")
    monty, typing_extensions = (Path(spec.origin) for spec in found if spec and spec.origin)
    return Pieces(python, _interpreter(), (monty.parent, typing_extensions, Path(__file__).resolve().parent))


def _interpreter() -> Path:
    for folder in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent)):
        if (candidate := Path(folder, "monty")).is_file():
            return candidate
    if found := shutil.which("monty"):
        return Path(found)
    raise SandboxUnavailableError(
        "The program `monty` of pydantic-monty-runtime is not installed: install it."
    )


class Workshop:
    """A folder for the small files of the workers; `close` removes it."""

    def __init__(self, settings: SandboxSettings, pieces: Pieces) -> None:
        self._settings = settings
        self._pieces = pieces
        _sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
        self._empty = self._folder / "empty"
        self._empty.mkdir(mode=0o755)
        self._folder.chmod(0o755)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def bare(self) -> Command:
        """Return the command that starts a worker with only its own confinement."""
        places = [str(place) for place in dict.fromkeys(piece.parent for piece in self._pieces.libraries)]
        nobody = NOBODY if os.geteuid() == 0 else None
        entry = self._entry("bare", str(self._pieces.monty), places, nobody)
        config = self._config(str(entry), parent_pid=os.getpid(), nobody=nobody)
        return Command((str(self._pieces.python), *_start(config, places)), self._empty)

    def bubblewrapped(self, bubblewrap: str) -> Command:
        """Return the command that starts a worker in namespaces of its own: no network, only its files."""
        places = [str(INSIDE / "lib")]
        monty = INSIDE / "bin" / "monty"
        entry = self._entry("bubblewrapped", str(monty), places, None)
        config = self._config(str(INSIDE / "bin" / "entry"), parent_pid=None, nobody=None)
        shown = [(self._pieces.monty, monty), (entry, INSIDE / "bin" / "entry")]
        shown += [(piece, INSIDE / "lib" / piece.name) for piece in self._pieces.libraries]
        arguments = (
            *(bubblewrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"),
            *("--cap-drop", "ALL", "--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox"),
            *("--clearenv", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"),  # noqa: S108 - the sandbox's own
            *_binds([(piece, piece) for piece in _python_itself(self._pieces.python)] + shown),
            *("--remount-ro", "/"),
            *(str(self._pieces.python), *_start(config, places)),
        )
        return Command(arguments, self._empty)

    def _config(self, monty: str, *, parent_pid: int | None, nobody: int | None) -> GuardConfig:
        largest = max(self._settings.max_inputs_bytes, self._settings.max_result_bytes)
        return GuardConfig(
            monty=monty,
            parent_pid=parent_pid,
            nobody=nobody,
            guard_memory_bytes=1024 * MIB + 40 * largest,
            max_inputs_bytes=self._settings.max_inputs_bytes,
        )

    def _entry(self, name: str, monty: str, places: list[str], nobody: int | None) -> Path:
        """Write what Monty's pool starts in place of the interpreter: it confines, then becomes it."""
        entry = self._folder / name
        memory_bytes = 1024 * MIB + 2 * self._settings.max_memory_bytes
        entry.write_text(
            ENTRY.format(
                python=self._pieces.python,
                libraries=places,
                monty=monty,
                nobody=nobody,
                memory_bytes=memory_bytes,
            )
        )
        entry.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
        return entry


def _sweep() -> None:
    """Remove the folders of processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*"):
        pid = folder.name.removeprefix(FOLDER).split("-")[0]
        with contextlib.suppress(OSError):
            if pid.isdecimal() and folder.stat().st_uid == os.geteuid() and not Path("/proc", pid).exists():
                shutil.rmtree(folder, ignore_errors=True)


def _start(config: GuardConfig, places: list[str]) -> tuple[str, ...]:
    return ("-I", "-S", "-B", "-c", START, json.dumps(config), *places)


def _binds(pairs: list[tuple[Path, Path]]) -> list[str]:
    return [part for source, place in pairs for part in ("--ro-bind-try", str(source), str(place))]


def _python_itself(python: Path) -> list[Path]:
    """Return what Python and the interpreter load from the system, widest first."""
    system = [Path(path) for path in SYSTEM_LIBRARIES]
    prefix = Path(sys.base_prefix)
    if str(prefix) in ("/usr", "/usr/local"):
        return [*system, Path(sysconfig.get_path("stdlib")), prefix / "lib", python]
    return [*system, prefix]
