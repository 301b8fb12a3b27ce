"""Confines the process that becomes the interpreter: started by Monty's pool, it ends in `execve`."""

import os
import sys

from flowloom_sandboxkit.inside import confine
from flowloom_sandboxkit.inside.syscalls import MONTY_RULES

OPEN_FILES = 16
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/proc/self/maps")


def main(monty: str, nobody: int | None, memory_bytes: int) -> None:
    """Become the interpreter, with nothing left but computing and the two pipes."""
    program = os.open(monty, os.O_RDONLY | os.O_CLOEXEC)
    confine.no_new_privileges()
    confine.restrict_files((*LIBRARIES, monty))
    if nobody is not None:
        confine.become(nobody)
    # After the change of user, which would clear it; a parent that is gone already is pid 1 or a reaper.
    parent = os.getppid()
    if parent == 1:
        os._exit(1)
    confine.die_with_parent(parent)
    confine.limit_process(memory_bytes=memory_bytes, open_files=OPEN_FILES)
    confine.filter_system_calls(MONTY_RULES)
    os.execve(program, ["monty", *sys.argv[1:]], {})  # noqa: S606 - the pinned interpreter, opened above
