"""What a worker process itself can still do: native code in its place finds no way out either."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from flowloom_sandboxkit.inside import syscalls
from flowloom_sandboxkit.isolation import ConfinedStarter, best_starter
from flowloom_sandboxkit.layout import Command, Workshop, find_pieces
from flowloom_sandboxkit.runner import CodeRunner
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.tasks import CodeTask

ATTEMPTS = """
import ctypes, errno, json, os, socket, sys
from flowloom_sandboxkit.inside import confine, syscalls
confine.no_new_privileges()
confine.limit_process(memory_bytes=1 << 30, open_files=16)
assert confine.filter_system_calls(getattr(syscalls, RULES))
def attempt(work):
    try:
        work()
    except OSError as error:
        return errno.errorcode[error.errno]
    except Exception as error:
        return type(error).__name__
    return "done"
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
print(json.dumps({
    "socket": attempt(lambda: socket.socket()),
    "local socket": attempt(lambda: socket.socketpair()),
    "fork": attempt(os.fork),
    "write": attempt(lambda: open("escape", "w")),
    "append": attempt(lambda: os.open("escape", os.O_RDWR | os.O_CREAT)),
    "read": attempt(lambda: os.open("/etc/hostname", os.O_RDONLY)),
    "kill": attempt(lambda: os.kill(os.getppid(), 0)),
    "ptrace": attempt(lambda: call({"x86_64": 101, "aarch64": 117}[os.uname().machine], 0, 0, 0, 0)),
    "unshare": attempt(lambda: call({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000)),
    "io_uring": attempt(lambda: call(425, 8, 0)),
    "bpf": attempt(lambda: call({"x86_64": 321, "aarch64": 280}[os.uname().machine], 0, 0, 0)),
    "new filter": attempt(lambda: call(277 if os.uname().machine == "aarch64" else 317, 0, 0, 0)),
}))
"""
SURVEY = """
import json, os, socket
def readable(path):
    try:
        return bool(os.listdir(path) if os.path.isdir(path) else open(path).read())
    except OSError:
        return False
def writable(path):
    try:
        open(path, "w").close()
        return True
    except OSError:
        return False
print(json.dumps({
    "uid": os.getuid(),
    "interfaces": [name for _, name in socket.if_nameindex()],
    "host": os.uname().nodename,
    "environment": sorted(os.environ),
    "sees": [path for path in PLACES if readable(path)],
    "writes": [path for path in ("/escape", "/usr/escape", "/sandbox/bin/entry") if writable(path)],
    "programs": [path for path in ("/bin/sh", "/usr/bin/env", "/usr/bin/bwrap") if os.path.exists(path)],
}))
"""


def confined(command: Command, program: str) -> dict[str, object]:
    """Run a program of ours where a worker would run, and return what it prints."""
    arguments = list(command.arguments)
    arguments[arguments.index("-c") + 1] = "import sys; sys.path[:0] = sys.argv[2:]\n" + program
    done = subprocess.run(
        arguments, cwd=command.folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def proc(pid: int, name: str) -> str:
    """Return what the kernel says about a process."""
    return Path(f"/proc/{pid}/{name}").read_text()


@pytest_asyncio.fixture
async def starter(isolation_kind: str) -> AsyncIterator[ConfinedStarter]:
    found = await best_starter(SandboxSettings.model_validate({"isolation": isolation_kind}))
    yield found
    found.close()


@pytest.fixture
def workshop(tmp_path: Path) -> Iterable[Workshop]:
    made = Workshop(SandboxSettings(), find_pieces())
    yield made
    made.close()


@pytest.mark.parametrize("rules", ["GUARD_RULES", "MONTY_RULES"])
def test_native_code_cannot_leave_the_system_calls(workshop: Workshop, rules: str) -> None:
    ends = confined(workshop.bare(), f"RULES = {rules!r}\n{ATTEMPTS}")
    may_read = rules == "MONTY_RULES"  # it loads its libraries; Landlock and bubblewrap say which files
    assert ends.pop("read") == ("done" if may_read else "EPERM")
    assert set(ends.values()) <= {"EPERM", "EACCES", "ENOSYS"}, ends


def test_every_listed_system_call_has_a_number_somewhere() -> None:
    names = {*syscalls.GUARD_RULES, *syscalls.MONTY_RULES}
    assert not syscalls.unknown_names(syscalls.X86_64, names)
    only_old = {"poll", "epoll_wait", "access", "readlink", "arch_prctl"}
    assert syscalls.unknown_names(syscalls.AARCH64, names) - {"faccessat"} == only_old
    for machine in syscalls.MACHINES.values():
        program = syscalls.seccomp_program(machine, syscalls.MONTY_RULES)
        assert len(program) % 8 == 0
        assert len(program) // 8 < 1_000


@pytest.mark.parametrize("isolation_kind", ["bubblewrap"], indirect=True)
@pytest.mark.usefixtures("isolation_kind")
def test_bubblewrap_shows_nothing_of_the_machine(workshop: Workshop) -> None:
    places = [
        "/etc/passwd",
        "/etc/hostname",
        "/home",
        "/proc",
        "/sys",
        str(Path(__file__)),
        "/var",
        "/usr/bin",
    ]
    seen = confined(workshop.bubblewrapped("/usr/bin/bwrap"), f"PLACES = {places!r}\n{SURVEY}")
    assert seen["sees"] == []
    assert seen["writes"] == []
    assert seen["programs"] == []
    assert seen["uid"] == 65534
    assert seen["interfaces"] == ["lo"]
    assert seen["host"] == "sandbox"
    assert set(seen["environment"]) <= {"LC_CTYPE", "PWD"}  # type: ignore[call-overload]  # JSON of our own program


async def test_processes_of_a_worker_are_confined(starter: ConfinedStarter) -> None:
    worker = await starter.start_worker()
    try:
        processes = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        inside = [
            process for process in processes if process.name() in ("monty",) or "python" in process.name()
        ]
        assert len(inside) == 2
        for process in inside:
            status = proc(process.pid, "status")
            assert "NoNewPrivs:\t1" in status
            assert not starter.isolation.seccomp or "Seccomp:\t2" in status
            assert "CapEff:\t0000000000000000" in status
            limits = proc(process.pid, "limits")
            assert "Max file size             0" in limits
            assert "Max core file size        0" in limits
            assert "Max address space         unlimited" not in limits
    finally:
        worker.kill()
        await worker.ended()


@pytest.mark.parametrize("isolation_kind", ["process"], indirect=True)
async def test_root_becomes_nobody_without_bubblewrap(starter: ConfinedStarter) -> None:
    expected = 65534 if os.geteuid() == 0 else os.getuid()
    worker = await starter.start_worker()
    try:
        children = psutil.Process(worker.pid).children(recursive=True)
        assert {process.uids().real for process in (psutil.Process(worker.pid), *children)} == {expected}
    finally:
        worker.kill()
        await worker.ended()


PARENT = """
import asyncio, os, sys
import psutil
from flowloom_sandboxkit.runner import CodeRunner
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.tasks import CodeTask

async def main():
    async with CodeRunner(SandboxSettings.model_validate({"isolation": sys.argv[1]})) as runner:
        assert (await runner.run(CodeTask("1"))).value == 1
        running = asyncio.create_task(runner.run(CodeTask("while True:\\n    pass", time_s=60)))
        family = lambda: psutil.Process().children(recursive=True)
        while not any(p.name() == "monty" and p.cpu_times().user > 0.1 for p in family()):
            await asyncio.sleep(0.02)
        print(*(p.pid for p in family()), flush=True)
        await running

asyncio.run(main())
"""


def test_leaves_no_orphan_when_the_platform_is_killed(
    isolation_kind: str, wait_until_gone: Callable[[Iterable[int]], None]
) -> None:
    command = [sys.executable, "-c", PARENT, isolation_kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=30)
    assert len(workers) >= 2
    wait_until_gone(workers)


def test_removes_what_a_killed_platform_left_behind(workshop: Workshop) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(timeout=30)
    left = Path(tempfile.mkdtemp(prefix=f"flowloom-sandbox-{gone.pid}-"))
    (left / "bare").touch()
    another = Workshop(SandboxSettings(), find_pieces())
    assert not left.exists()
    assert workshop.bare().folder.exists()
    another.close()


async def test_idle_workers_use_no_processor_time(
    isolation_kind: str,
    a_while: Callable[[float], "asyncio.Future[None]"],
    newcomers: Callable[[], list[psutil.Process]],
) -> None:
    settings = SandboxSettings.model_validate({"isolation": isolation_kind})
    async with CodeRunner(settings) as runner:
        await asyncio.gather(*(runner.run(CodeTask("1")) for _ in range(4)))
        workers = newcomers()
        before = sum(sum(process.cpu_times()[:2]) for process in workers)
        await a_while(1.0)
        assert sum(sum(process.cpu_times()[:2]) for process in workers) - before <= 0.03
