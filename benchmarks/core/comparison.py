"""Two systems in interleaved blocks: how many runs a second each does, and how they compare."""

from collections.abc import Mapping

from pydantic import JsonValue

from benchmarks.core import blocks
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import ratio, summary


def compared(
    result: Result,
    done: list[blocks.Block],
    *,
    against: str,
    at_once: int,
    target: tuple[str, float],
    more: Mapping[str, JsonValue] | None = None,
) -> Result:
    """Return a result with the blocks of `ours` and of `against` at one number of runs in flight.

    `target`: its name and the least ratio of ours to theirs; `more`: further figures of this number.
    """
    names = ("ours", against)
    speed = {name: [block.per_second for block in blocks.of(done, name)] for name in names}
    found = ratio(speed["ours"], speed[against])
    figures: dict[str, JsonValue] = {
        "runs_per_s": {name: summary(values).p50 for name, values in speed.items()},
        "latency_ms": {name: summary(blocks.latencies(done, name)).model_dump() for name in names},
        "ratio": found.model_dump(),
        **(more or {}),
    }
    rows: list[dict[str, JsonValue]] = [
        {"c": at_once, "system": block.system, "block": block.number, "latency_ms": latency}
        for block in done
        for latency in block.latencies_ms
    ]
    name, least = target
    met = Target(name=f"{name} c={at_once}".strip(), value=found.median, limit=least, higher_is_better=True)
    return result.model_copy(
        update={
            "figures": {**result.figures, f"c={at_once}": figures},
            "targets": [*result.targets, met],
            "rows": [*result.rows, *rows],
        }
    )
