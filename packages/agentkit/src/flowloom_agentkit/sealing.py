"""Seals the calling process before it looks at what strangers wrote; nothing here can be taken back."""

import os
import resource
from typing import Final

from flowloom_sandboxkit.inside import confine
from flowloom_sandboxkit.inside.syscalls import GUARD_RULES

MEMORY_BYTES: Final = 2 * 1024 * 1024 * 1024
"""Of address space: libraries reserve much more of it than they use."""
CPU_SECONDS: Final = 20
OPEN_FILES: Final = 64
NOBODY: Final = 65534


def seal() -> bool:
    """Leave this process only what it has open: no file, socket or program can be opened or started any more.

    Memory and processor time are capped, and root becomes nobody. Everything that is needed has to be loaded
    before. Returns False on a machine without such a filter: then nothing of strangers may be read.
    """
    confine.no_new_privileges()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if os.geteuid() == 0:
        confine.become(NOBODY)
    confine.limit_process(memory_bytes=MEMORY_BYTES, open_files=OPEN_FILES)
    return confine.filter_system_calls(GUARD_RULES)
