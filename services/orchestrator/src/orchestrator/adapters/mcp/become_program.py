"""Becomes the program of an MCP server: limited, without a way to more rights, ended with who started it."""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def main(parent: str, memory: str, files: str, seconds: str, *command: str) -> None:
    """Take the limits on and go on as the program; it runs with `-I -S`, so that it imports nothing else."""
    # The kernel ends the program when the service dies, however that dies.
    control = ctypes.CDLL(None, use_errno=True).prctl
    for option, value in ((PR_SET_PDEATHSIG, int(signal.SIGKILL)), (PR_SET_NO_NEW_PRIVS, 1)):
        if control(option, value, 0, 0, 0) != 0:
            sys.exit(f"prctl {option} is refused: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):
        sys.exit("the service ended meanwhile")
    limits = (
        # What is written to counts, not what is reserved: some run-times reserve a hundred times more.
        (resource.RLIMIT_DATA, int(memory)),
        (resource.RLIMIT_NOFILE, int(files)),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_CORE, 0),
    )
    for limit, most in limits:
        hard = resource.getrlimit(limit)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (least, least))
    os.execv(command[0], command)  # noqa: S606  # the operator's file names it, and no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
