"""Takes from the reading process what it does not need, before it looks at the document."""

import ctypes
import resource
from typing import Final

MEMORY_BYTES: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 60
OPEN_FILES: Final = 64
_NEW_USER_AND_NETWORK: Final = 0x10000000 | 0x40000000


def confine() -> None:
    """Cap memory and time, forbid writing files, and leave the network where the kernel lets us."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Nothing here asks the network; where the kernel refuses, the readers' own settings are what is left.
    ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER_AND_NETWORK)
