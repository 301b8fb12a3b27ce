"""The one way in which a stored run changes: decide, commit, and decide again if it has moved."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final, Protocol, TypeVar

from flowloom_contracts.rules import Rule
from orchestrator.domain.errors import RunBusyError, RunNotFoundError
from orchestrator.domain.large import ValuesNeededError
from orchestrator.domain.records import Committed, RunRecord, StoredChange
from orchestrator.domain.ruling import RulesNeededError
from orchestrator.domain.verdicts import Verdict
from orchestrator.ports.rules import RulesSource
from orchestrator.ports.runs import RunStore
from orchestrator.usecases.keep_values import ValueKeeper

MAX_ROUNDS: Final = 20
MAX_CACHED: Final = 256

T = TypeVar("T")


class Relay(Protocol):
    """Carries out what is committed."""

    def push(self, committed: Committed) -> None:
        """Take a commit's events and outbox; returns at once."""

    async def settled(self, run_id: str) -> None:
        """Wait a moment until what was pushed of a run is in its stream."""


class RunLocks:
    """One lock a run, for as long as somebody holds or wants it."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def hold(self, run_id: str) -> AsyncIterator[None]:
        """Wait for the run's lock and hold it."""
        lock, users = self._locks.get(run_id, (asyncio.Lock(), 0))
        self._locks[run_id] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[run_id]
            if users == 1:
                del self._locks[run_id]
            else:
                self._locks[run_id] = (lock, users - 1)


class RunGate:
    """Serialises the changes of a run in this process; between processes the stored revision decides.

    The last committed record of a run is kept, so that a change costs no read. A decision that changes
    nothing is only believed when it was made on a record that was read for it.
    """

    def __init__(
        self,
        runs: RunStore,
        relay: Relay,
        *,
        values: ValueKeeper,
        rules: RulesSource | None = None,
        at_once: int = 8,
    ) -> None:
        self._runs = runs
        self._values = values
        self._rules = rules
        # Work queues here instead of taking every connection from those who read.
        self._slots = asyncio.Semaphore(at_once)
        self._relay = relay
        self._locks = RunLocks()
        self._cache: OrderedDict[str, RunRecord] = OrderedDict()

    async def change(
        self,
        run_id: str,
        decide: Callable[[RunRecord], Verdict[T]],
        *,
        stale: Callable[[RunRecord], bool] | None = None,
    ) -> T:
        """Decide and commit; `stale` says that a kept record is not good enough for this decision.

        Raises `RunNotFoundError`, and `RunBusyError` when others keep changing the run.
        """
        async with self._locks.hold(run_id):
            kept = self._cache.get(run_id)
            if kept is not None and stale is not None and stale(kept):
                kept = None
            for _ in range(MAX_ROUNDS):
                record = kept or await self._load(run_id)
                verdict = await self._decide(record, decide)
                if verdict.change is None and kept is None:
                    return verdict.answer
                if verdict.change is not None and await self._commit(verdict.change):
                    return verdict.answer
                kept = None
        raise RunBusyError(run_id)

    async def _decide(self, record: RunRecord, decide: Callable[[RunRecord], Verdict[T]]) -> Verdict[T]:
        """Decide, with the large values and the rules that the decision looks at."""
        record = self._with_rules_at_hand(record)
        while True:
            try:
                return decide(record)
            except RulesNeededError:
                record = await self.prepared(record)
            except ValuesNeededError as needed:
                wanted = [ref for ref in needed.refs if ref not in record.values]
                if not wanted:
                    raise
                found = await self._values.loaded(record.id, wanted)
                record = replace(record, values={**record.values, **found})

    async def _commit(self, change: StoredChange) -> bool:
        self._cache.pop(change.record.id, None)
        await self._values.keep(change.record.id, change.values)
        async with self._slots:
            committed = await self._runs.commit(change)
        if committed is None:
            return False
        self._relay.push(committed)
        self.keep(change.record.advanced())
        return True

    def _with_rules_at_hand(self, record: RunRecord) -> RunRecord:
        known = self._rules.at_hand(record.workspace_id) if self._rules else ()
        return record if known is None else record.changed({"rules": tuple(known)})

    async def prepared(self, record: RunRecord) -> RunRecord:
        """Return a run with the rules of its workspace; raises `UpstreamError` when nobody can say them."""
        return replace(record, rules=await self.rules_of(record.workspace_id))

    async def rules_of(self, workspace_id: str) -> tuple[Rule, ...]:
        """Return the rules of a workspace; raises `UpstreamError` when nobody can say them."""
        return await self._rules.of(workspace_id) if self._rules else ()

    async def known(self, run_id: str) -> RunRecord:
        """Return a run, perhaps as it was a moment ago; raises `RunNotFoundError`."""
        return self._cache.get(run_id) or await self._load(run_id)

    async def _load(self, run_id: str) -> RunRecord:
        async with self._slots:
            record = await self._runs.load(run_id)
        if record is None:
            raise RunNotFoundError(f"There is no run {run_id!r}.")
        return record

    def keep(self, record: RunRecord) -> None:
        """Keep a record as it is stored now, for the next change of the run."""
        if record.state.status.is_terminal:
            return
        self._cache[record.id] = record
        if len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
