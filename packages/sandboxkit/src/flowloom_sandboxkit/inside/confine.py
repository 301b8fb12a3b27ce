"""Takes rights away from the calling process; nothing here can be taken back."""

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable, Mapping
from typing import Final

from flowloom_sandboxkit.inside.syscalls import MACHINES, ArgumentRule, seccomp_program

SET_PARENT_DEATH_SIGNAL, SET_DUMPABLE, SET_NO_NEW_PRIVILEGES = 1, 4, 38
SECCOMP_SET_FILTER, SECCOMP_ALL_THREADS = 1, 1
SECCOMP_NUMBER: Final = {"x86_64": 317, "aarch64": 277}
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_FILES: Final = (1 << 13) - 1
"""Every right of Landlock's first version: what is not allowed below is refused."""
LANDLOCK_READ: Final = 0b1101
"""Execute, read files, list folders."""
LANDLOCK_FILE_RIGHTS: Final = 0b111

LIBC: Final = ctypes.CDLL(None, use_errno=True)


class ConfineError(OSError):
    """The kernel refused to take a right away; the process must not go on."""


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when the thread that started it ends."""
    _prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def no_new_privileges() -> None:
    """Make set-user-id programs and file capabilities useless from here on."""
    _prctl(SET_NO_NEW_PRIVILEGES, 1)


def limit_process(*, memory_bytes: int, open_files: int) -> None:
    """Bound address space and files; no core files, and nothing can be written to a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def limit_processes(count: int) -> None:
    """Bound the processes and threads of this user; the kernel counts all of the user's, and spares root."""
    resource.setrlimit(resource.RLIMIT_NPROC, (count, count))


def become(user_id: int) -> None:
    """Give up root for good; every thread follows."""
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)


def filter_system_calls(rules: Mapping[str, ArgumentRule | None]) -> bool:
    """Leave every thread of this process the listed system calls; return False on an unknown machine."""
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        return False
    program = seccomp_program(machine, rules)
    instructions = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, padding, their address.
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    )
    _syscall(SECCOMP_NUMBER[os.uname().machine], SECCOMP_SET_FILTER, SECCOMP_ALL_THREADS, header)
    return True


def restrict_files(readable: Iterable[str]) -> bool:
    """Leave this thread only reading below some paths (Landlock); return False where the kernel has none."""
    attributes = ctypes.create_string_buffer(struct.pack("=Q", LANDLOCK_FILES), 8)
    ruleset = LIBC.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        _syscall(LANDLOCK_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def has_landlock() -> bool:
    """Return whether this kernel restricts files for processes that ask for it."""
    version: int = LIBC.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    return version > 0


def _allow_reading(ruleset: int, path: str) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights = LANDLOCK_READ if os.path.isdir(path) else LANDLOCK_READ & LANDLOCK_FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, folder), 12)
        _syscall(LANDLOCK_ADD, ruleset, 1, rule, 0)
    finally:
        os.close(folder)


def _prctl(option: int, value: int) -> None:
    if (
        LIBC.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
        != 0
    ):
        raise ConfineError(ctypes.get_errno(), f"prctl {option} was refused")


def _syscall(number: int, *arguments: int | ctypes.Array[ctypes.c_char]) -> None:
    if LIBC.syscall(number, *arguments) != 0:
        raise ConfineError(ctypes.get_errno(), f"system call {number} was refused")
