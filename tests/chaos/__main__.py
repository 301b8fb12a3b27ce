"""Seeded random faults under load (`make chaos`; `python -m tests.chaos --episodes 20 --seed 1`).

Every 202 is journaled, every outside effect is in a ledger, and after each episode nothing may be lost,
doubled or missing from a stream. An episode that fails joins `FIXED` and is played first from then on.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.chaos.campaign import Campaign, Log
from tests.chaos.journal import ClientJournal
from tests.chaos.schedule import Episode, episode
from tests.integration.stack import ROOT, Stack

RESULTS: Final = ROOT / "tests" / "chaos" / "results"
PORT_BASE: Final = 24000
FIXED: Final[tuple[Episode, ...]] = (episode(3016, most_faults=12, least=6, kills_only=True),)
"""Episodes that have failed once: 3016 kept Valkey and the orchestrator away longer than steps wait."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument(
        "--seed", type=int, default=1, help="the first episode's seed; the next ones count on"
    )
    parser.add_argument("--minutes", type=float, default=None, help="begin no episode after this time")
    parser.add_argument("--faults", type=int, default=3, help="at most so many faults in an episode")
    parser.add_argument("--least-faults", type=int, default=1, help="at least so many faults in an episode")
    parser.add_argument("--kills-only", action="store_true", help="only faults that kill processes")
    parser.add_argument("--port-base", type=int, default=PORT_BASE)
    parser.add_argument("--out", type=Path, default=None, help="the log; default: tests/chaos/results/")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _planned(options: argparse.Namespace) -> Iterator[Episode]:
    for seed in range(options.seed, options.seed + options.episodes):
        yield episode(
            seed, most_faults=options.faults, least=options.least_faults, kills_only=options.kills_only
        )


async def _play(options: argparse.Namespace, stack: Stack, log: Log, home: Path) -> None:
    over_at = None if options.minutes is None else time.monotonic() + 60 * options.minutes
    episodes = [*FIXED, *_planned(options)]
    with ClientJournal(home / "accepted.jsonl") as journal:
        campaign = Campaign(stack, journal)
        for planned in episodes:
            if over_at is not None and time.monotonic() >= over_at:
                break
            outcome = await campaign.play(planned)
            log.keep(outcome)
            _say(
                f"seed {planned.seed}: {', '.join(outcome.faults)} | {len(outcome.kills)} kills,"
                f" {outcome.runs} runs, quiet after {outcome.quiet_after_s} s | {len(outcome.failed)} failed,"
                f" {len(outcome.lost)} lost, {len(outcome.doubled)} doubled, {len(outcome.gaps)} gaps"
            )


def main() -> int:
    """Play a campaign; 0 when every promise was kept."""
    options = _arguments()
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-seed{options.seed}.jsonl"
    log = Log(options.out or RESULTS / name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="flowloom-chaos-") as folder:
        home = Path(folder)
        stack = Stack(home, port_base=options.port_base)
        log.begin(command=" ".join(sys.argv[1:]))
        try:
            stack.start()
            asyncio.run(_play(options, stack, log, home))
        finally:
            log.end()
            stack.stop()
    totals = log.totals
    _say(
        f"{totals.kills} kills in {totals.episodes} episodes, {totals.runs} runs: {totals.lost} lost,"
        f" {totals.doubled} doubled, {totals.gaps} gaps, {totals.failed} failed;"
        f" quiet at most {totals.slowest_quiet_s} s after the last fault ({log.path})"
    )
    return 0 if totals.is_clean and totals.episodes else 1


if __name__ == "__main__":
    sys.exit(main())
