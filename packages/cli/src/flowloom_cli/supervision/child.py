"""Become a supervised process: die with the supervisor, optionally as another user, then run the command.

Runs as `python -I -S child.py PARENT SIGNAL UID [--] COMMAND...` and uses nothing outside the standard
library, so that it starts in a few milliseconds. It is a program of its own and not a `preexec_fn`, because
code between fork and exec deadlocks when the parent has threads.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522
KEEP_OWN_USER = -1


def main(arguments: list[str]) -> None:
    """Set up this process and replace it by the command."""
    parent, death_signal, uid = (int(value) for value in arguments[:3])
    command = arguments[4:]
    # A dump of a process that has fallen would have every secret that it was given.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if uid != KEEP_OWN_USER:
        reachable = _is_reachable(command[0])
        _become(uid, keep_search=not (reachable and _is_reachable(os.getcwd())))
    if sys.platform == "linux":
        # After the change of user, which clears this setting.
        _prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("the supervisor has gone")
    os.execvp(command[0], command)  # noqa: S606 (no shell is wanted here)


def _is_reachable(path: str) -> bool:
    """Tell whether a user without rights of its own can get to a path."""
    folder = os.path.realpath(path)
    while folder != "/":
        if not os.stat(folder).st_mode & 0o001:
            return False
        folder = os.path.dirname(folder)
    return True


def _become(uid: int, *, keep_search: bool) -> None:
    """Drop from root to `uid`; with `keep_search`, keep only the right to walk through closed folders.

    Postgres refuses to run as root, while its data and binaries may lie below a folder that only root
    can enter (`FLOWLOOM_HOME` has mode 0700, a checkout may lie in /root).
    """
    if keep_search:
        _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if keep_search and not any(_keep(one) for one in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)):
        sys.exit(
            "cannot let the database reach its folder: it runs as another user, the folder is closed to it,"
            " and this container grants neither CAP_DAC_READ_SEARCH nor CAP_DAC_OVERRIDE;"
            " run as an ordinary user"
        )


def _keep(capability: int) -> bool:
    """Keep exactly one capability, through exec; False when the process does not hold it."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if _libc().capset(ctypes.byref(header), ctypes.byref(data)) != 0:
        return False
    return bool(_libc().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)


def _prctl(option: int, value: int) -> None:
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(sys.argv[1:])
