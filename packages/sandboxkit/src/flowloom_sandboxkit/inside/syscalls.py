"""Writes the seccomp programs of the workers: lists of the system calls that stay possible.

Numbers are those of the kernel's tables for x86-64 and AArch64; on other machines there is no filter, and the
worker says so. Everything unlisted fails with EPERM, a foreign calling convention kills the process.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

LOAD, JUMP_EQUAL, JUMP_ANY_BIT, JUMP_NOT_BELOW, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
EPERM, EACCES, ENOSYS = 0x50001, 0x5000D, 0x50026
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
FOREIGN_NUMBERS: Final = 0x40000000
"""From here on, numbers of x86-64 belong to its 32-bit pointers' convention."""

CLONE_THREAD = 0x10000
WRITE_FLAGS = 0x1 | 0x2 | 0x40 | 0x200  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
PROT_EXEC = 0x4


@dataclass(frozen=True)
class ArgumentRule:
    """Lets a call pass only if bits of one argument are all clear, or any of them set."""

    argument: int
    bits: int
    must: Literal["clear", "set"]


@dataclass(frozen=True)
class Machine:
    """How a kind of machine numbers its system calls."""

    audit_code: int
    numbers: Mapping[str, int]


# Computing, reading and writing what is open already, threads, leaving.
RUNNING: Final = (
    *("read", "write", "readv", "writev", "close", "fstat", "lseek", "mmap", "munmap", "mremap", "madvise"),
    *("mprotect", "brk", "futex", "sched_yield", "sched_getaffinity", "nanosleep", "clock_nanosleep"),
    *("clock_gettime", "clock_getres", "gettimeofday", "getrandom", "getpid", "gettid", "getppid", "getuid"),
    *("geteuid", "getgid", "getegid", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    *("exit", "exit_group", "set_robust_list", "rseq", "epoll_wait", "epoll_pwait", "epoll_ctl", "poll"),
    *("ppoll", "wait4", "waitid", "restart_syscall", "getrusage", "membarrier", "prlimit64"),
)
STARTING: Final = (
    *(
        "execve",
        "execveat",
        "access",
        "faccessat",
        "faccessat2",
        "newfstatat",
        "statx",
        "pread64",
        "readlink",
    ),
    *("readlinkat", "arch_prctl", "set_tid_address", "prctl", "uname", "getcwd", "fcntl", "ioctl"),
)
THREAD_ONLY: Final = ArgumentRule(0, CLONE_THREAD, "set")
READ_ONLY: Final = ArgumentRule(2, WRITE_FLAGS, "clear")
NOT_EXECUTABLE: Final = ArgumentRule(2, PROT_EXEC, "clear")

GUARD_RULES: Final[Mapping[str, ArgumentRule | None]] = {
    **dict.fromkeys(RUNNING),
    "mmap": NOT_EXECUTABLE,
    "mprotect": NOT_EXECUTABLE,
    "clone": THREAD_ONLY,
}
"""For the guard once it is ready: it opens nothing and starts nothing any more."""

MONTY_RULES: Final[Mapping[str, ArgumentRule | None]] = {
    **dict.fromkeys((*RUNNING, *STARTING)),
    "openat": READ_ONLY,
    "clone": THREAD_ONLY,
}
"""For the interpreter from before its start on, so it may also load itself."""


def seccomp_program(machine: Machine, rules: Mapping[str, ArgumentRule | None]) -> bytes:
    """Return the filter as the kernel reads it: one 8-byte instruction after the other."""
    parts = [
        _instruction(LOAD, ARCHITECTURE),
        _instruction(JUMP_EQUAL, machine.audit_code, 1, 0),
        _instruction(RETURN, KILL_PROCESS),
        _instruction(LOAD, NUMBER),
        _instruction(JUMP_NOT_BELOW, FOREIGN_NUMBERS, 0, 1),
        _instruction(RETURN, KILL_PROCESS),
        # glibc falls back to `clone`, whose flags a filter can see.
        *_when(machine.numbers["clone3"], [_instruction(RETURN, ENOSYS)]),
    ]
    for name, rule in rules.items():
        if name in machine.numbers:
            parts += _when(machine.numbers[name], _decision(rule))
    return b"".join([*parts, _instruction(RETURN, EPERM)])


def _decision(rule: ArgumentRule | None) -> list[bytes]:
    if rule is None:
        return [_instruction(RETURN, ALLOW)]
    jumps = (0, 1) if rule.must == "set" else (1, 0)
    return [
        _instruction(LOAD, FIRST_ARGUMENT + 8 * rule.argument),
        _instruction(JUMP_ANY_BIT, rule.bits, *jumps),
        _instruction(RETURN, ALLOW),
        _instruction(RETURN, EACCES),
    ]


def _when(number: int, then: list[bytes]) -> list[bytes]:
    return [_instruction(JUMP_EQUAL, number, 0, len(then)), *then]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _table(text: str) -> Mapping[str, int]:
    return {name: int(number) for name, number in (pair.split("=") for pair in text.split())}


X86_64: Final = Machine(
    0xC000003E,
    _table(
        "read=0 write=1 close=3 fstat=5 poll=7 lseek=8 mmap=9 mprotect=10 munmap=11 brk=12 rt_sigaction=13 "
        "rt_sigprocmask=14 rt_sigreturn=15 ioctl=16 pread64=17 readv=19 writev=20 access=21 sched_yield=24 "
        "mremap=25 madvise=28 nanosleep=35 getpid=39 clone=56 execve=59 exit=60 wait4=61 uname=63 fcntl=72 "
        "getcwd=79 readlink=89 gettimeofday=96 getrusage=98 getuid=102 getgid=104 geteuid=107 getegid=108 "
        "getppid=110 sigaltstack=131 prctl=157 arch_prctl=158 gettid=186 futex=202 sched_getaffinity=204 "
        "set_tid_address=218 restart_syscall=219 clock_gettime=228 clock_getres=229 clock_nanosleep=230 "
        "exit_group=231 epoll_wait=232 epoll_ctl=233 waitid=247 openat=257 newfstatat=262 readlinkat=267 "
        "faccessat=269 ppoll=271 set_robust_list=273 epoll_pwait=281 prlimit64=302 getrandom=318 "
        "execveat=322 membarrier=324 statx=332 rseq=334 clone3=435 faccessat2=439"
    ),
)
AARCH64: Final = Machine(
    0xC00000B7,
    _table(
        "getcwd=17 epoll_ctl=21 epoll_pwait=22 fcntl=25 ioctl=29 faccessat=48 openat=56 close=57 lseek=62 "
        "read=63 write=64 readv=65 writev=66 pread64=67 ppoll=73 readlinkat=78 newfstatat=79 fstat=80 "
        "exit=93 exit_group=94 waitid=95 set_tid_address=96 futex=98 set_robust_list=99 nanosleep=101 "
        "clock_gettime=113 clock_getres=114 clock_nanosleep=115 sched_getaffinity=123 sched_yield=124 "
        "restart_syscall=128 sigaltstack=132 rt_sigaction=134 rt_sigprocmask=135 rt_sigreturn=139 uname=160 "
        "getrusage=165 prctl=167 gettimeofday=169 getpid=172 getppid=173 getuid=174 geteuid=175 getgid=176 "
        "getegid=177 gettid=178 brk=214 munmap=215 mremap=216 clone=220 execve=221 mmap=222 mprotect=226 "
        "madvise=233 wait4=260 prlimit64=261 getrandom=278 execveat=281 membarrier=283 statx=291 rseq=293 "
        "clone3=435 faccessat2=439"
    ),
)
MACHINES: Final[Mapping[str, Machine]] = {"x86_64": X86_64, "aarch64": AARCH64}


def unknown_names(machine: Machine, names: Iterable[str]) -> set[str]:
    """Return the names a machine has no number for: calls that exist only on the other."""
    return set(names) - set(machine.numbers)
