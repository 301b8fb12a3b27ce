"""B-UI-5: a workflow of 500 steps is opened for the first time, on a processor four times as slow."""

from pydantic import BaseModel, JsonValue

from benchmarks.browser.blocks import Block, middle, spread, warm
from benchmarks.browser.driver import measured
from benchmarks.browser.streaming_cost import LongTask
from benchmarks.core.results import Result, Target

ID = "B-UI-5"
MOST_MS = 2500.0
NOTES = [
    "Nothing in the browser's cache, signed in by cookie, no network between page and fake gateway.",
    "Interactive: the first cards are drawn and the last task of more than 50 ms has ended, with two seconds"
    " of quiet after it; then a click chooses a card.",
    "Chromium slows the page's main thread down by four; `slowed` is what that made of a loop.",
]


class Opened(Block):
    """One time of opening it."""

    cards_ms: float
    first_paint_ms: float
    interactive_ms: float
    answer_ms: float
    script_s: float
    slowed: float
    long_tasks: list[LongTask]


class ColdOpen(BaseModel):
    """What `opening.bench.ts` reports."""

    chromium: str
    steps: int
    slower: int
    blocks: list[Opened]


async def measure() -> Result:
    """Open it again and again, each time as if for the first time."""
    return judged(await measured("opening", ColdOpen))


def judged(found: ColdOpen) -> Result:
    """Return how long it took, and how long it may take."""
    kept = warm(found.blocks)
    names = ("first_paint_ms", "cards_ms", "interactive_ms", "answer_ms", "script_s", "slowed")
    figures: dict[str, JsonValue] = {
        "chromium": found.chromium,
        "steps": found.steps,
        **{name: spread(float(getattr(one, name)) for one in kept) for name in names},
    }
    interactive = middle(one.interactive_ms for one in kept)
    target = Target(name="interactive ms", value=interactive, limit=MOST_MS, higher_is_better=False)
    rows: list[dict[str, JsonValue]] = [
        {
            "block": one.block,
            **{name: round(float(getattr(one, name)), 3) for name in names},
            "long_tasks": len(one.long_tasks),
            "long_ms": round(sum(task.duration for task in one.long_tasks), 1),
        }
        for one in found.blocks
    ]
    return Result(id=ID, figures=figures, targets=[target], notes=NOTES, rows=rows)
