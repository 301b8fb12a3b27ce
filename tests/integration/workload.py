"""Runs in flight while something is broken, and everything that must be true of them afterwards."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.runs import Run, RunList, RunStatus
from tests.chaos.findings import Findings
from tests.chaos.journal import ClientJournal
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until

ANSWERED_BEFORE = 4
"""How many calls are answered, at least, before anything is broken."""

TRY_AGAIN = frozenset({429, 502, 503, 504, 507})


@dataclass(frozen=True)
class Kind:
    """A document, the model calls each of its runs makes, and those whose text goes into memory."""

    name: str
    source: str
    calls: tuple[str, ...]
    texts: tuple[str, ...] = ()


CREW = Kind("crew", documents.CREW, documents.CREW_CALLS, documents.CREW_TEXTS)
CHAIN = Kind("chain", documents.CHAIN, ("one", "two", "three"))
BRANCHES = Kind("branches", documents.BRANCHES, ("left", "right", "good"))
TALK = Kind("long-agent", documents.LONG_AGENT, ("talk",))
MIXED = (CREW, CHAIN, BRANCHES, TALK)


@dataclass(frozen=True)
class Job:
    """One accepted run; its prompts are marked with `name`."""

    run_id: str
    name: str
    kind: Kind


class Workload:
    """Starts runs, waits for them, and looks at what is left; `windows` are the times of breakage."""

    def __init__(
        self,
        stack: Stack,
        api: PublicApi,
        model: MockModel,
        key: str,
        *,
        journal: ClientJournal | None = None,
    ) -> None:
        self.stack, self.api, self.model, self.key = stack, api, model, key
        self.journal = journal or ClientJournal()
        self.jobs: list[Job] = []
        self.windows: list[tuple[float, float]] = []
        self._workflows: dict[str, str] = {}

    async def begin(self, count: int, *kinds: Kind, words: int = 30, words_per_s: float = 40) -> None:
        """Start runs of these kinds in turn, at once; each of their calls streams for a while."""
        text = "[{marker}] " + "word " * words
        rule = Rule(name=self.key, match=self.key, mode="stream", texts=[text], tokens_per_s=words_per_s)
        await self.model.script(rule)
        for kind in kinds:
            await self.save(kind)
        await asyncio.gather(*(self.start(kinds[number % len(kinds)]) for number in range(count)))

    async def start(self, kind: Kind, *, within_s: float = 60) -> Job:
        """Start one run; a refusal for now is asked again with the same key, as a good client does."""
        name = f"{self.key}-{len(self.journal.accepted):02d}-{time.monotonic_ns() % 1_000_000:06d}"

        async def accepted() -> Run | None:
            try:
                answer = await self.api.request_start(self._workflows[kind.name], {"key": name}, key=name)
            except httpx.TransportError:
                return None
            if answer.status_code in TRY_AGAIN:
                return None
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text
            return Run.model_validate_json(answer.content)

        run = await until(accepted, within_s=within_s, every_s=0.2, what=f"a 202 for {name}")
        assert run is not None
        self.journal.write(run.id, key=name, kind=kind.name)
        job = Job(run.id, name, kind)
        self.jobs.append(job)
        return job

    async def save(self, kind: Kind) -> None:
        """Store the document of a kind, so that runs of it can be started."""
        self._workflows[kind.name] = (await self.api.save(kind.source)).id

    async def in_the_middle(self) -> None:
        """Wait until some calls are answered and others are being answered."""

        async def busy() -> bool:
            page = await self.model.page()
            ours = [e for e in page.entries if e.marker.startswith(self.key) and e.event == "answered"]
            return len(ours) >= ANSWERED_BEFORE and page.open >= 1

        await until(busy, within_s=60, what="a platform in the middle of its work")

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[None]:
        """Note the time from here to the end of the block as one in which calls may be repeated."""
        began = time.time()
        try:
            yield
        finally:
            self.windows.append((began, time.time()))

    async def ended(self, *, within_s: float) -> dict[str, Run]:
        """Return the runs by id when all have ended, or those that have when the time is over."""
        known: dict[str, Run] = {}
        wanted = {job.run_id for job in self.jobs}

        async def all_over() -> bool:
            known.update({run.id: run for run in await self._listed() if run.id in wanted})
            return all(run_id in known and known[run_id].status.is_terminal for run_id in wanted)

        try:
            await until(all_over, within_s=within_s, every_s=0.25, what="the end of all runs")
        except AssertionError:
            return known
        return known

    async def _listed(self) -> list[Run]:
        items: list[Run] = []
        cursor: str | None = None
        try:
            while len(items) < len(self.jobs) + 200:
                params: dict[str, str | int] = {"limit": 200} | ({"cursor": cursor} if cursor else {})
                answer = await self.api.http.get("/v1/runs", params=params)
                if not answer.is_success:
                    break
                page = RunList.model_validate_json(answer.content)
                items += page.items
                cursor = page.next_cursor
                if cursor is None:
                    break
        except httpx.TransportError:
            return items
        return items

    async def findings(self, *, within_s: float = 120, one_attempt: bool = False) -> Findings:
        """Wait for the ends and check I1 to I5 for every promised run.

        `one_attempt`: nothing may have been tried again, because a crash is the same attempt.
        """
        runs, found = await self.ended(within_s=within_s), Findings()
        done: list[Job] = []
        for job in self.jobs:
            run = runs.get(job.run_id)
            where = f"run {job.run_id} of {job.kind.name} ({job.name})"
            if run is None or not run.status.is_terminal:
                found.lost.append(f"{where}: {'not there' if run is None else run.status}")
                continue
            await self._look_at(job, run, found, one_attempt=one_attempt)
            if run.status is RunStatus.SUCCEEDED:
                done.append(job)
            else:
                found.failed.append(f"{where}: {run.status} {run.error}")
        await self._look_at_effects(done, found)
        return found

    async def _look_at(self, job: Job, run: Run, found: Findings, *, one_attempt: bool) -> None:
        events, steps = await self.api.told(run.id), await self.api.steps(run.id)
        with found.noting(lambda to: to.gaps, f"stream of {run.id}"):
            invariants.is_dense(events)
            invariants.ends_once(events, run)
            invariants.nothing_after_the_end(events)
            invariants.text_equals_output(events, steps)
        with found.noting(lambda to: to.doubled, f"calls of {run.id}"):
            invariants.every_step_ended_once(events, steps)
            invariants.calls_are_paid_once(events)
            tried_again = {path: step.attempt for path, step in steps.items() if step.attempt > 1}
            assert not (one_attempt and tried_again), tried_again

    async def _look_at_effects(self, jobs: Sequence[Job], found: Findings) -> None:
        """I2: what the outside world saw of the runs that ended well."""
        entries = await self.model.entries(self.key)
        for entry in invariants.repeated_beyond_doubt(entries, self.windows):
            found.doubled.append(f"{entry.marker} was answered at {entry.at} and asked again")
        answered = {entry.marker for entry in entries if entry.event == "answered"}
        missing = {f"{job.name}/{call}" for job in jobs for call in job.kind.calls} - answered
        found.lost += [f"{marker} was never asked" for marker in sorted(missing)]
        kept = await self._memory_texts()
        for job in jobs:
            for step in job.kind.texts:
                count = kept[f"[{job.name}/{step}]"]
                if count != 1:
                    where = found.doubled if count else found.lost
                    where.append(f"{job.name}/{step} is in memory {count} times")

    async def _memory_texts(self) -> Counter[str]:
        """Return how often each stored text of these runs is there, by its first word."""
        connection = await asyncpg.connect(self.stack.database_url("memory"))
        try:
            rows = await connection.fetch(
                "SELECT body FROM memory.documents WHERE body LIKE $1", f"[{self.key}%"
            )
        finally:
            await connection.close()
        return Counter(str(row["body"]).split()[0] for row in rows)
