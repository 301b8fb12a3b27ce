"""`python -m benchmarks run ID…` measures and writes a result; `list` names the ids, `capacity` plans."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from benchmarks import example_success
from benchmarks.api import cached_read, credential_checks, parallel_logins, read_latency, webhook_accepts
from benchmarks.browser import audits, canvas_speed, cold_open, streaming_cost
from benchmarks.core.results import Result, write
from benchmarks.operations import backup_speed, capacity, image_sizes, run_memory_cost, watching_cost
from benchmarks.orchestration import (
    chain,
    fan_out,
    idle,
    journal_cost,
    long_runs,
    pick_up,
    pure_steps,
    queue_drain,
    step_gap,
)
from benchmarks.peers import chain_n8n
from benchmarks.streaming import first_token, gaps, many_viewers, provider_layer, reconnects, stalled
from benchmarks.vector import index_search, ingestion, retrieval

BENCHMARKS: dict[str, Callable[[], Awaitable[Result]]] = {
    module.ID: module.measure
    for module in (
        chain,
        fan_out,
        step_gap,
        pick_up,
        long_runs,
        pure_steps,
        queue_drain,
        idle,
        journal_cost,
        first_token,
        gaps,
        many_viewers,
        provider_layer,
        reconnects,
        stalled,
        read_latency,
        cached_read,
        credential_checks,
        webhook_accepts,
        parallel_logins,
        example_success,
        index_search,
        ingestion,
        retrieval,
        chain_n8n,
        image_sizes,
        backup_speed,
        watching_cost,
        run_memory_cost,
        audits,
        canvas_speed,
        streaming_cost,
        cold_open,
    )
}


async def _run(name: str) -> bool:
    """Measure one; True when every target is met. A polite end also ends what was started for it."""
    work = asyncio.current_task()
    assert work is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    load = os.getloadavg()
    print(f"{name}", flush=True)
    result = await BENCHMARKS[name]()
    path = write(result, load_before=load)
    for target in result.targets:
        sign = "at least" if target.higher_is_better else "at most"
        verdict = "met" if target.is_met else "MISSED"
        print(f"  {target.name}: {target.value:.3f}, {sign} {target.limit}: {verdict}")
    print(f"  {path}")
    return all(target.is_met for target in result.targets)


def _add_load(parser: argparse.ArgumentParser) -> None:
    """One option for each field, which says what is allowed."""
    for name, field in capacity.Load.model_fields.items():
        option, kind = f"--{name.replace('_', '-')}", float if field.annotation is float else int
        parser.add_argument(option, type=kind, required=field.is_required(), default=field.default)


def main() -> int:
    """Return 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    commands.add_parser("run").add_argument("ids", nargs="+", choices=sorted(BENCHMARKS))
    _add_load(commands.add_parser("capacity", help="calculate what a load needs from the newest results"))
    options = parser.parse_args()
    if options.command == "capacity":
        given = {name: value for name, value in vars(options).items() if name in capacity.Load.model_fields}
        print(capacity.told(capacity.Load.model_validate(given), capacity.Measured.newest()))
        return 0
    if options.command == "list":
        print("\n".join(sorted(BENCHMARKS)))
        return 0
    met = [asyncio.run(_run(name)) for name in options.ids]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
