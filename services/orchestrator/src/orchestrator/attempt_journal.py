"""A journal for steps that run where the database is: the last call is stored with the end of the attempt."""

from typing import Protocol

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall
from flowloom_servicekit.clock import Clock
from orchestrator.domain.journal import BegunCall, effect_key
from orchestrator.domain.milestones import called
from orchestrator.domain.records import JournalEntry, NewEvent
from orchestrator.ports.journal import JournalStore
from orchestrator.usecases.gate import Relay
from orchestrator.usecases.guard_calls import CallGuard
from orchestrator.usecases.keep_calls import end_call, entry_of


class AttemptJournal(Protocol):
    """A `CallJournal` that hands over what the end of the attempt must store."""

    async def begin(self, call: BeginCall) -> CallBegun:
        """See `CallJournal`."""

    async def end(self, call: EndCall) -> CallEnded:
        """See `CallJournal`."""

    def take(self) -> tuple[tuple[JournalEntry, ...], tuple[NewEvent, ...]]:
        """Return calls and their events that are not stored yet."""


class BufferedCallJournal:
    """See `CallJournal`; for calls without effect, in an attempt that no worker had before."""

    def __init__(self, journal: JournalStore, *, relay: Relay, clock: Clock) -> None:
        self._journal = journal
        self._relay = relay
        self._clock = clock
        self._kept: tuple[EndCall, BegunCall] | None = None
        self._names: dict[int, str] = {}

    async def begin(self, call: BeginCall) -> CallBegun:
        """Go on: nothing can have been called; what was called before in this attempt is stored first."""
        if self._kept is not None:
            end, self._kept = self._kept[0], None
            kept = await end_call(end, journal=self._journal, relay=self._relay, clock=self._clock)
            if kept.outcome == "superseded":
                return CallBegun(outcome="superseded")
        self._names[call.call] = call.name
        return CallBegun(outcome="go", effect_key=effect_key(call.run_id, call.step, call.call))

    async def end(self, call: EndCall) -> CallEnded:
        """Keep the answer until the attempt ends."""
        self._kept = (call, BegunCall(branch=0, name=self._names[call.call], effect="none"))
        return CallEnded(outcome="kept")

    def take(self) -> tuple[tuple[JournalEntry, ...], tuple[NewEvent, ...]]:
        """Return what is to be stored with the end of the attempt; it stays until the next call."""
        if self._kept is None:
            return (), ()
        entry = entry_of(*self._kept)
        return (entry,), (called(self._kept[0].run_id, entry, self._clock.now()),)


class StoredCallJournal:
    """See `CallJournal`; every call is looked up and stored at once."""

    def __init__(self, guard: CallGuard) -> None:
        self._guard = guard

    async def begin(self, call: BeginCall) -> CallBegun:
        """Look the call up, and judge it where it has to be made."""
        return await self._guard.begin(call)

    async def end(self, call: EndCall) -> CallEnded:
        """Store the answer."""
        return await self._guard.end(call)

    def take(self) -> tuple[tuple[JournalEntry, ...], tuple[NewEvent, ...]]:
        """Return nothing: all is stored."""
        return (), ()
