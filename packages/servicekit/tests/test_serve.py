"""The program behind every service, each time in a process of its own."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE

from flowloom_servicekit.serve import YOUNG_OBJECTS

PATIENCE_S = 30

SERVING = """
import asyncio, gc
import uvicorn
from flowloom_servicekit.serve import SettledServer

async def app(scope, receive, send):
    pass

async def main():
    server = SettledServer(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count())
    server.should_exit = True
    await serving

asyncio.run(main())
"""

TOLD_BY_A_SIGNAL = """
import asyncio, os, signal
import uvicorn
from flowloom_servicekit import serve

serve.TICK_SECONDS = 3_600.0

async def app(scope, receive, send):
    pass

async def main():
    server = serve.SettledServer(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await serving

asyncio.run(main())
"""


async def _ran(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE, stderr=DEVNULL)
    async with asyncio.timeout(PATIENCE_S):
        said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_collections_pass_over_what_a_service_has_started_with() -> None:
    code, said = await _ran("-c", SERVING)
    enabled, young, settled = said.split()
    assert (code, enabled, int(young)) == (0, "True", YOUNG_OBJECTS)
    assert int(settled) > YOUNG_OBJECTS


async def test_a_server_ends_at_once_when_it_is_told_to() -> None:
    code, _ = await _ran("-c", TOLD_BY_A_SIGNAL)
    assert code == -signal.SIGTERM  # which the server raises again once it has ended


async def test_an_application_that_is_not_there_ends_the_program() -> None:
    code, _ = await _ran("-m", "flowloom_servicekit.serve", "flowloom_servicekit.clock:no_app")
    assert code not in (0, None)
