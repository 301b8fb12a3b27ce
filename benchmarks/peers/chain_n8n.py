"""B-ORC-1 (b): five model calls one after the other, ours against n8n's published recipe."""

from functools import partial

from pydantic import JsonValue

from benchmarks.core import blocks
from benchmarks.core.comparison import compared
from benchmarks.core.load import closed_loop
from benchmarks.core.memory import footprint
from benchmarks.core.results import Result
from benchmarks.core.site import running_site
from benchmarks.documents import chain5
from benchmarks.orchestration.chain import TEXT
from benchmarks.peers.n8n import NODE, VERSION, running_n8n

ID = "B-ORC-1b"
RUNS = {1: 20, 10: 60}
"""Runs of one block, by how many are in flight."""

LEAST = 1.3

NOTES = [
    f"n8n {VERSION} on Node.js {NODE}, one main process, Postgres, every execution saved; a webhook that"
    " answers with its last node. It does not survive SIGKILL: executions in flight are marked as crashed.",
    "Ours: POST the run, follow its SSE stream to the end; journal and history kept; survives SIGKILL.",
    "Both make the same five calls of the mock model and pass the answer on, on the same Postgres server.",
    "Both systems and Postgres on core 0, mock and generator on core 1.",
]


async def measure() -> Result:
    """Run both systems in interleaved blocks, one and ten in flight."""
    result = Result(id=ID, figures={}, targets=[], notes=NOTES)
    async with running_site(mock="step") as site, running_n8n(site, steps=5) as peer:
        workflow = await site.save(chain5())

        async def ours(_number: int) -> None:
            await site.run_to_end(workflow, {"text": TEXT})

        async def theirs(_number: int) -> None:
            await peer.run(TEXT)

        for at_once, total in RUNS.items():
            load = partial(closed_loop, total=total, at_once=at_once)
            done = await blocks.interleaved({"ours": partial(load, ours), "n8n": partial(load, theirs)})
            result = compared(result, done, against="n8n", at_once=at_once, target=("(b)", LEAST))
        memory: JsonValue = round(footprint("n8n", peer.pid).pss_mib)
    return result.model_copy(update={"figures": {**result.figures, "n8n_pss_mib": memory}})
