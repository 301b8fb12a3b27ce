"""B-UI-3: frames while somebody pans, zooms, drags and selects, in the builder ÷ in bare React Flow."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, JsonValue

from benchmarks.browser.blocks import Block, middle, spread, warm
from benchmarks.browser.driver import measured
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import ratio, summary

ID = "B-UI-3"
MOST_RATIO = 1.3
MOST_SCRIPT_MS = 4.0
SCRIPT_AT = 500
MOST_HEAP_MB = 150.0
HEAP_AT = 1000
COLUMNS = 10
"""The grid of `frontend/bench/graph.ts`."""

DRAGGED = {
    "drag 1": frozenset({"steps.s42"}),
    "drag 50": frozenset(f"steps.s{row * COLUMNS + column}" for row in range(10) for column in range(5)),
}
NOTES = [
    "Frame: from one animation frame to the next while a pointer takes 60 steps, one a frame; p95 of each.",
    "Bare: React Flow with its own nodes and wires, same places, view, size, grid, selection and culling; no"
    " background, no map, no document.",
    "Work: processor time of the page's main thread for each step. Script: the part of it in JavaScript.",
    "Heap: after a garbage collection. Drawn nodes: counted in React's tree of the built page.",
]


class Sample(Block):
    """One gesture in one block."""

    system: Literal["ours", "bare"]
    count: int
    gesture: str
    steps: int
    frames: list[float]
    script_s: float
    task_s: float

    @property
    def frame_p95(self) -> float:
        return summary(self.frames).p95

    @property
    def script_ms(self) -> float:
        return self.script_s * 1000 / self.steps

    @property
    def work_ms(self) -> float:
        return self.task_s * 1000 / self.steps


class Heap(BaseModel):
    """What a page with a number of nodes keeps."""

    system: str
    count: int
    bytes: int


class Drawn(BaseModel):
    """Which nodes one commit of React drew."""

    wrappers: list[str]
    cards: list[str]


class Gestures(BaseModel):
    """What `canvas.bench.ts` reports."""

    chromium: str
    samples: list[Sample]
    heap: list[Heap]
    drawn: dict[str, list[Drawn]]


async def measure() -> Result:
    """Do every gesture on both, block after block."""
    return judged(await measured("canvas", Gestures, pages=["bare"]))


def judged(found: Gestures) -> Result:
    """Return the ratios of each gesture and number of nodes, and what they had to be."""
    kept = warm(found.samples)
    figures: dict[str, JsonValue] = {"chromium": found.chromium}
    targets: list[Target] = []
    for count in dict.fromkeys(one.count for one in kept):
        of_count: dict[str, JsonValue] = {}
        for gesture in dict.fromkeys(one.gesture for one in kept):
            own = [one for one in kept if (one.count, one.gesture) == (count, gesture)]
            of_count[gesture], frames = _compared(own)
            targets.append(_most(f"{gesture} at {count}", frames, MOST_RATIO))
        figures[f"{count} nodes"] = of_count
    figures["heap_mb"] = _heaps(found.heap)
    figures["drawn"] = {gesture: len(set(_drawn(found, gesture))) for gesture in found.drawn}
    targets.append(_most("script ms per dragged frame at 500", _script_ms(kept), MOST_SCRIPT_MS))
    targets.append(_most("heap MB at 1000", _heap_mb(found.heap), MOST_HEAP_MB))
    for gesture, dragged in DRAGGED.items():
        wrong = set(_drawn(found, gesture)) ^ dragged
        targets.append(_most(f"{gesture}: drawn but not dragged, or the reverse", len(wrong), 0))
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=_rows(found.samples))


def _compared(samples: list[Sample]) -> tuple[JsonValue, float]:
    """Return the figures of one gesture, and ours ÷ bare of the 95th percentile of its frames."""
    ours, bare = ([one for one in samples if one.system == system] for system in ("ours", "bare"))
    frames = ratio([one.frame_p95 for one in ours], [one.frame_p95 for one in bare])
    work = ratio([one.work_ms for one in ours], [one.work_ms for one in bare])
    figures: dict[str, JsonValue] = {
        "frame_p95_ratio": frames.model_dump(),
        "work_ratio": work.model_dump(),
        **{
            system: {
                "frame_p95_ms": spread(one.frame_p95 for one in own),
                "script_ms": spread(one.script_ms for one in own),
                "work_ms": spread(one.work_ms for one in own),
            }
            for system, own in (("ours", ours), ("bare", bare))
        },
    }
    return figures, frames.median


def _script_ms(samples: list[Sample]) -> float:
    return middle(
        one.script_ms
        for one in samples
        if (one.system, one.count, one.gesture) == ("ours", SCRIPT_AT, "drag 1")
    )


def _heaps(heaps: list[Heap]) -> dict[str, JsonValue]:
    kinds = dict.fromkeys((one.system, one.count) for one in heaps)
    return {
        f"{system} {count}": spread(
            one.bytes / 1e6 for one in heaps if (one.system, one.count) == (system, count)
        )
        for system, count in kinds
    }


def _heap_mb(heaps: list[Heap]) -> float:
    return middle(one.bytes / 1e6 for one in heaps if (one.system, one.count) == ("ours", HEAP_AT))


def _drawn(found: Gestures, gesture: str) -> Iterable[str]:
    """Give the nodes that were drawn, as often as they were."""
    for commit in found.drawn.get(gesture, []):
        yield from commit.wrappers
        yield from commit.cards


def _most(name: str, value: float, limit: float) -> Target:
    return Target(name=name, value=value, limit=limit, higher_is_better=False)


def _rows(samples: list[Sample]) -> list[dict[str, JsonValue]]:
    return [
        {
            "system": one.system,
            "count": one.count,
            "gesture": one.gesture,
            "block": one.block,
            "frames": len(one.frames),
            "frame_p50_ms": round(summary(one.frames).p50, 2),
            "frame_p95_ms": round(one.frame_p95, 2),
            "frame_max_ms": round(summary(one.frames).max, 2),
            "script_ms": round(one.script_ms, 3),
            "work_ms": round(one.work_ms, 3),
        }
        for one in samples
    ]
