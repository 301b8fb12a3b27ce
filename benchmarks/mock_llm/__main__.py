"""Starts the mock model server: `python -m benchmarks.mock_llm --port 24003 --mode stream`."""

import argparse
import asyncio
import signal
from pathlib import Path

import uvloop

from benchmarks.mock_llm.answers import AnswerBook
from benchmarks.mock_llm.ledger import Ledger
from benchmarks.mock_llm.server import World, start_server


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mock_llm", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--mode", choices=["step", "stream"], default="step")
    parser.add_argument("--ledger", type=Path, default=None, help="append every request to this file")
    parser.add_argument("--no-prompts", action="store_true", help="do not keep the prompts")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    ledger = Ledger(options.ledger)
    world = World(
        AnswerBook(seed=options.seed, mode=options.mode), ledger, log_prompts=not options.no_prompts
    )
    server = await start_server(world, host=options.host, port=options.port)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    port = server.sockets[0].getsockname()[1]
    print(f"mock model listens on http://{options.host}:{port}/v1", flush=True)
    await stopped.wait()
    server.close()
    ledger.close()


if __name__ == "__main__":
    uvloop.run(_serve(_arguments()))
