"""The supervisor with small real processes: order, healing, failure, an end without orphans."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from flowloom_cli.errors import PartFailedError
from flowloom_cli.supervision.part import Part, Step
from flowloom_cli.supervision.process import State
from flowloom_cli.supervision.supervisor import Supervisor

LIMIT_S = 15
FORK = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
DEAF = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


async def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.02)


async def test_starts_in_the_order_of_needs(
    supervisor: Supervisor, a_part: Callable[..., Part], told: list[str]
) -> None:
    done: list[str] = []

    async def migrate() -> None:
        assert supervisor.processes["store"].state is State.READY
        done.append("migrate")

    parts = [a_part("service", needs=("migration",)), a_part("store")]
    await supervisor.start(parts, [Step("migration", migrate, needs=("store",))])
    assert [line.split(" ready")[0] for line in told] == ["store", "migration", "service"]
    assert done == ["migrate"]
    assert supervisor.all_ready


async def test_starts_a_process_again_when_it_was_killed(
    supervisor: Supervisor, a_part: Callable[..., Part], told: list[str]
) -> None:
    await supervisor.start([a_part("service")], [])
    process = supervisor.processes["service"]
    before = process.pid
    process.kill(signal.SIGKILL)
    await wait_until(lambda: process.state is State.READY and process.pid != before)
    assert process.restarts == 1
    assert "service is back" in told


async def test_reports_a_part_that_cannot_start_with_the_end_of_its_log(
    supervisor: Supervisor, a_part: Callable[..., Part]
) -> None:
    broken = a_part("service", program="raise SystemExit('no such table: runs')")
    with pytest.raises(PartFailedError, match="no such table: runs") as caught:
        await supervisor.start([broken, a_part("store")], [])
    assert caught.value.part == "service"
    assert caught.value.log.endswith("service.log")


async def test_leaves_no_process_behind_when_it_stops(
    supervisor: Supervisor, a_part: Callable[..., Part], tmp_path: Path
) -> None:
    forks = FORK + SERVED
    await supervisor.start([a_part("forks", program=forks), a_part("deaf", program=DEAF + SERVED)], [])
    # Only ours: another test's servers may be children of this process as well.
    parts = [psutil.Process(process.pid) for process in supervisor.processes.values()]
    children = [*parts, *(child for part in parts for child in part.children(recursive=True))]
    assert len(children) >= 3
    await supervisor.stop()
    await wait_until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))


async def test_stops_higher_stages_first(tmp_path: Path, a_part: Callable[..., Part]) -> None:
    order: list[str] = []

    def note() -> None:
        stopped = [name for name, one in supervisor.processes.items() if one.state is State.STOPPED]
        order.extend(name for name in stopped if name not in order)

    supervisor = Supervisor(tmp_path / "logs", on_change=note)
    await supervisor.start([a_part("store", stage=0), a_part("service", stage=3)], [])
    await supervisor.stop()
    assert order == ["service", "store"]


async def test_processes_die_with_a_killed_supervisor(tmp_path: Path, a_part: Callable[..., Part]) -> None:
    part = a_part("service")
    program = PARENT.format(command=part.command, port=part.port, folder=str(tmp_path))
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    assert parent.stdout is not None
    child = psutil.Process(int(await asyncio.wait_for(parent.stdout.readline(), LIMIT_S)))
    parent.kill()
    await parent.wait()
    await wait_until(lambda: not child.is_running() or child.status() == "zombie")


async def test_holds_a_process_down_and_releases_it(
    supervisor: Supervisor, a_part: Callable[..., Part]
) -> None:
    await supervisor.start([a_part("service")], [])
    process = supervisor.processes["service"]
    process.kill(signal.SIGKILL)
    await process.stop()
    assert process.state is State.STOPPED
    assert process.pid is None
    await process.start()
    assert process.state is State.READY


SERVED = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

PARENT = """
import asyncio, os, pathlib
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.supervision.supervisor import Supervisor

async def main():
    folder = pathlib.Path({folder!r})
    part = Part(name="service", command={command!r}, ready=answers_http({port}, "/"), port={port}, cwd=folder,
                env=dict(os.environ))
    supervisor = Supervisor(folder / "logs")
    await supervisor.start([part], [])
    print(supervisor.processes["service"].pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
