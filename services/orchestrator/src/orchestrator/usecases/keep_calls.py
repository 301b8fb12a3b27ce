"""The journal as workers use it: announce a call, keep its answer."""

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall
from flowloom_servicekit.clock import Clock
from orchestrator.domain.journal import BegunCall
from orchestrator.domain.milestones import MODEL_CALL, called
from orchestrator.domain.records import JournalEntry
from orchestrator.ports.journal import JournalStore
from orchestrator.usecases.gate import Relay


async def begin_call(request: BeginCall, *, journal: JournalStore, relay: Relay, clock: Clock) -> CallBegun:
    """Announce a call; a call that was made before comes back with its answer, and viewers are told."""
    begun = await journal.begin(request)
    if begun.outcome != "replay":
        return begun
    entry = _entry_of_replay(request, begun)
    event = called(request.run_id, entry, clock.now(), is_replayed=True)
    committed = await journal.tell(request, event)
    if committed is None:
        return CallBegun(outcome="superseded")
    relay.push(committed)
    return begun


async def end_call(request: EndCall, *, journal: JournalStore, relay: Relay, clock: Clock) -> CallEnded:
    """Keep an answer, and tell viewers of the call."""
    begun = await journal.begun(request) or BegunCall(branch=0, name=MODEL_CALL, effect="none")
    entry = entry_of(request, begun)
    event = called(request.run_id, entry, clock.now())
    committed = await journal.end(request, entry, event)
    if committed == "superseded":
        return CallEnded(outcome="superseded")
    if committed != "known":
        relay.push(committed)
    return CallEnded(outcome="kept")


def _entry_of_replay(request: BeginCall, begun: CallBegun) -> JournalEntry:
    return JournalEntry(
        step=request.step,
        attempt=request.attempt,
        call=request.call,
        branch=0,
        exec=request.exec,
        name=request.name,
        effect=request.effect,
        request_hash=request.request_hash,
        response=begun.response,
        usage=begun.usage,
        duration_ms=0,
    )


def entry_of(request: EndCall, begun: BegunCall) -> JournalEntry:
    """Return the journal's entry of a call that has ended."""
    return JournalEntry(
        step=request.step,
        attempt=request.attempt,
        call=request.call,
        branch=begun.branch,
        exec=request.exec,
        name=begun.name,
        effect=begun.effect,
        request_hash=request.request_hash,
        response=request.response,
        usage=request.usage,
        duration_ms=request.duration_ms,
    )
