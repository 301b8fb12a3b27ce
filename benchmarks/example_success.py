"""example-50: the first example, fifty times with the embedded model, while another load runs."""

import asyncio
import time
from contextlib import suppress

from pydantic import JsonValue

from benchmarks.core.results import Result, Target
from benchmarks.core.site import ROOT, running_site
from benchmarks.core.statistics import summary

ID = "example-50"
TIMES = 50
EXAMPLE = ROOT / "examples" / "workflows" / "first-brief.yaml"
NOTES = ["Embedded model, two runs side by side all the time, so that the machine is never idle."]


async def measure() -> Result:
    """Count the runs that succeed."""
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock=None) as site:
        workflow = await site.save(EXAMPLE.read_text())
        numbers = iter(range(TIMES))

        async def worker() -> None:
            for number in numbers:
                began = time.monotonic()
                trouble = ""
                try:
                    await site.run_to_end(workflow, {})
                except RuntimeError as error:
                    trouble = str(error)
                rows.append({"number": number, "seconds": time.monotonic() - began, "trouble": trouble})
                print(f"  {len(rows)} of {TIMES}: {rows[-1]}", flush=True)

        with suppress(KeyboardInterrupt):
            await asyncio.gather(worker(), worker())
    seconds = [row["seconds"] for row in rows if isinstance(row["seconds"], float)]
    good = sum(not row["trouble"] for row in rows)
    figures = {
        "succeeded": good,
        "of": len(rows),
        "seconds": summary(seconds).model_dump(),
    }
    target = Target(name="succeeded", value=good, limit=TIMES, higher_is_better=True)
    return Result(id=ID, figures=figures, targets=[target], notes=NOTES, rows=rows)
