"""The program that hashes passwords in a process of its own; it reads and writes one line for each."""

import contextlib
import ctypes
import json
import os
import struct
import sys
from pathlib import Path
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

# It is started by its path, so that it loads nothing of the gateway: it imports no member.

MEMORY_KIB: Final = 64 * 1024
ROUNDS: Final = 3
HASHES: Final = PasswordHash((Argon2Hasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1),))

BEHIND: Final = "--behind-everybody"
LAST: Final = 19
SHORT_SLICE_NS: Final = 100_000
SET_SCHEDULING: Final = {"x86_64": 314, "aarch64": 274}
"""The number of the system call `sched_setattr`, by machine."""


def main() -> None:
    """Answer until nobody asks any more."""
    if BEHIND in sys.argv:
        step_back()
    for line in sys.stdin.buffer:
        password, stored = json.loads(line)
        sys.stdout.buffer.write(json.dumps(worked(password, stored)).encode() + b"\n")
        sys.stdout.buffer.flush()


def worked(password: str, stored: str | None) -> str:
    """Return a new hash, or the stored one if the password belongs to it, else nothing."""
    if stored is None:
        return HASHES.hash(password)
    try:
        return stored if HASHES.verify(password, stored) else ""
    except UnknownHashError:
        return ""


def step_back() -> None:
    """Let this process run where nobody else wants to: other requests shall not feel who signs in.

    Linux may weigh sessions against each other before it looks at processes, and the parts of the platform
    have a session each: so this one steps back as a session as well. Whoever wakes up is kept waiting until
    a slice is over, which is why the slices are short; a policy of idleness makes that no time at all where
    both are in one group.
    """
    os.nice(LAST)
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):  # no such file: sessions are not weighed here
        Path("/proc/self/autogroup").write_text(str(LAST))
    _shorten_slices()
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _shorten_slices() -> None:
    """Ask for slices of a tenth of a millisecond; kernels before 6.12 know no such wish and pass over it."""
    number = SET_SCHEDULING.get(os.uname().machine)
    if number is not None:
        # struct sched_attr: size, policy, flags, niceness, priority, runtime, deadline, period
        wish = struct.pack("=IIQiIQQQ", 48, os.SCHED_OTHER, 0, LAST, 0, SHORT_SLICE_NS, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(wish, len(wish)), 0)


if __name__ == "__main__":
    main()
