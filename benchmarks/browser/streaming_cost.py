"""B-UI-4: four answers in Markdown at 80 tokens a second beside a run whose 500 steps change their states."""

from pydantic import BaseModel, JsonValue

from benchmarks.browser.blocks import Block, middle, spread, warm
from benchmarks.browser.driver import measured
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import summary

ID = "B-UI-4"
MOST_BUSY = 0.40
MOST_INP_MS = 100.0
NOTES = [
    "One page of the application's own parts: the page of a run with 500 steps on its canvas and four answers"
    " of conversations, each by the event socket, one event a token. All text must have arrived.",
    "Meanwhile 18 clicks and keys that choose a step. INP: the slowest of them, from the input to its frame.",
    "Long: a task of more than 50 ms. Busy: processor time of the page's main thread.",
]


class LongTask(BaseModel):
    """Work that kept the page from answering."""

    start: float
    duration: float


class Watched(Block):
    """One time of all of it."""

    script_s: float
    task_s: float
    at_s: float
    frames: list[float]
    long_tasks: list[LongTask]
    interactions: list[float]

    @property
    def busy(self) -> float:
        return self.task_s / self.at_s

    @property
    def inp_ms(self) -> float:
        """With less than fifty inputs it is the slowest one."""
        return max(self.interactions, default=0.0)


class Streamed(BaseModel):
    """What `streaming.bench.ts` reports."""

    chromium: str
    seconds: float
    blocks: list[Watched]


async def measure() -> Result:
    """Let the answers be said and the run happen."""
    return judged(await measured("streaming", Streamed, pages=["streams"]))


def judged(found: Streamed) -> Result:
    """Return how busy the page was, and what it had to be."""
    kept = warm(found.blocks)
    long = max(len(one.long_tasks) for one in kept)
    figures: dict[str, JsonValue] = {
        "chromium": found.chromium,
        "busy": spread(one.busy for one in kept),
        "script": spread(one.script_s / one.at_s for one in kept),
        "inp_ms": spread(one.inp_ms for one in kept),
        "frame_ms": summary([frame for one in kept for frame in one.frames]).model_dump(),
        "long_tasks": spread(float(len(one.long_tasks)) for one in kept),
        "longest_task_ms": max((task.duration for one in kept for task in one.long_tasks), default=0.0),
    }
    targets = [
        Target(name="long tasks", value=long, limit=0, higher_is_better=False),
        Target(name="busy", value=middle(one.busy for one in kept), limit=MOST_BUSY, higher_is_better=False),
        Target(
            name="INP ms", value=middle(one.inp_ms for one in kept), limit=MOST_INP_MS, higher_is_better=False
        ),
    ]
    return Result(
        id=ID, figures=figures, targets=targets, notes=NOTES, rows=[_row(one) for one in found.blocks]
    )


def _row(one: Watched) -> dict[str, JsonValue]:
    return {
        "block": one.block,
        "busy": round(one.busy, 4),
        "script": round(one.script_s / one.at_s, 4),
        "inp_ms": one.inp_ms,
        "interactions": len(one.interactions),
        "long_tasks": len(one.long_tasks),
        "longest_task_ms": max((task.duration for task in one.long_tasks), default=0.0),
        "frame_p95_ms": round(summary(one.frames).p95, 2),
    }
