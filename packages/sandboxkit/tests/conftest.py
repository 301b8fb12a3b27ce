"""What the tests of the sandbox share: the kinds of isolation, and waiting for processes."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from functools import cache

import psutil
import pytest


@cache
def bubblewrap_fault() -> str:
    """Return why bubblewrap cannot be used on this machine, empty if it can."""
    found = shutil.which("bwrap")
    if found is None:
        return "bwrap is not installed"
    command = [found, "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return "" if tried.returncode == 0 else f"bwrap cannot make namespaces here: {tried.stderr.strip()}"


def pytest_report_header() -> str:
    """Say which kinds of isolation are tested here."""
    return (
        f"sandbox: without bubblewrap, {bubblewrap_fault()}" if bubblewrap_fault() else "sandbox: all kinds"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about bubblewrap where there is none; the header says so."""
    parameters = {id(item): getattr(getattr(item, "callspec", None), "params", {}) for item in items}
    about = [item for item in items if parameters[id(item)].get("isolation_kind") == "bubblewrap"]
    if about and bubblewrap_fault():
        config.hook.pytest_deselected(items=about)
        items[:] = [item for item in items if item not in about]


@pytest.fixture(scope="module", params=["bubblewrap", "process"])
def isolation_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of isolation that this machine has."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def wait_until_gone() -> Callable[[Iterable[int]], None]:
    """Wait until no process has one of these ids."""

    def wait_until(pids: Iterable[int]) -> None:
        limit = time.monotonic() + 30
        left = set(pids)
        while left := {pid for pid in left if psutil.pid_exists(pid) and not is_zombie(pid)}:
            assert time.monotonic() < limit, f"still there: {left}"
            time.sleep(0.02)

    return wait_until


def is_zombie(pid: int) -> bool:
    """Whether a process only waits to be collected by a parent that is not ours."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


Newcomers = Callable[[], list[psutil.Process]]


@pytest.fixture(scope="session")
def watch_family() -> Callable[[], Newcomers]:
    """Begin to list what is started below this process; the stores of other tests are there already."""

    def watch() -> Newcomers:
        known = set(psutil.Process().children(recursive=True))
        return lambda: [child for child in psutil.Process().children(recursive=True) if child not in known]

    return watch


@pytest.fixture
def newcomers(watch_family: Callable[[], Newcomers]) -> Newcomers:
    """List what this test has started and is still running."""
    return watch_family()


@pytest.fixture
def a_while() -> Callable[[float], "asyncio.Future[None]"]:
    """Let real time pass for processes that must do nothing in it."""

    def pass_time(seconds: float) -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        passed = loop.create_future()
        loop.call_later(seconds, passed.set_result, None)
        return passed

    return pass_time
