"""B-UI-2: Lighthouse on the page of signing in, the first page after it and the builder."""

from typing import Literal

from pydantic import BaseModel, JsonValue

from benchmarks.browser.blocks import Block, middle, spread, warm
from benchmarks.browser.driver import measured
from benchmarks.core.results import Result, Target

ID = "B-UI-2"
JUDGED = ("sign-in", "home")
"""Desktop; the builder, and signing in on a telephone, are figures beside them."""

LEAST = {"performance": 95.0, "accessibility": 100.0}
MOST = {"lcp_ms": 1500.0, "cls": 0.02, "tbt_ms": 100.0}
NOTES = [
    "Production build behind the fake gateway, compressed as the real one does; no network between them.",
    "Lighthouse's own throttling: desktop 10 Mbit/s and 40 ms, mobile 1.6 Mbit/s, 150 ms and a quarter of the"
    " processor. Median of five after one that warms up.",
]


class Audit(Block):
    """One look of Lighthouse at one page."""

    page: str
    form: Literal["desktop", "mobile"]
    performance: int
    accessibility: int
    lcp_ms: float
    fcp_ms: float
    tbt_ms: float
    cls: float
    version: str


class Audits(BaseModel):
    """What `lighthouse.bench.ts` reports."""

    chromium: str
    audits: list[Audit]


async def measure() -> Result:
    """Let Lighthouse look at each page."""
    return judged(await measured("lighthouse", Audits))


def judged(found: Audits) -> Result:
    """Return the medians of each page and what they had to be."""
    kept = warm(found.audits)
    figures: dict[str, JsonValue] = {"chromium": found.chromium, "lighthouse": kept[0].version}
    targets: list[Target] = []
    for page, form in dict.fromkeys((one.page, one.form) for one in kept):
        own = [one for one in kept if (one.page, one.form) == (page, form)]
        values = {name: [float(getattr(one, name)) for one in own] for name in (*LEAST, *MOST, "fcp_ms")}
        figures[f"{page} {form}"] = {name: spread(all_) for name, all_ in values.items()}
        if page in JUDGED and form == "desktop":
            targets += _targets(page, {name: middle(all_) for name, all_ in values.items()})
    rows: list[dict[str, JsonValue]] = [one.model_dump(mode="json") for one in found.audits]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


def _targets(page: str, value: dict[str, float]) -> list[Target]:
    least = [
        Target(name=f"{page} {name}", value=value[name], limit=limit, higher_is_better=True)
        for name, limit in LEAST.items()
    ]
    most = [
        Target(name=f"{page} {name}", value=value[name], limit=limit, higher_is_better=False)
        for name, limit in MOST.items()
    ]
    return least + most
