"""The call journal without a database."""

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall
from flowloom_contracts.base import JsonValue


class InMemoryCallJournal:
    """Keeps begun and ended calls; `current_exec` refuses those of an older execution."""

    def __init__(self) -> None:
        self.begun: dict[tuple[str, str, int, int], BeginCall] = {}
        self.ended: dict[tuple[str, str, int, int], EndCall] = {}
        self.current_exec: dict[tuple[str, str], int] = {}
        self.planned: list[CallBegun] = []
        """What a test lets the next calls be answered, whatever the journal knows of them."""

    async def begin(self, call: BeginCall) -> CallBegun:
        """Announce a call."""
        if self.planned:
            return self.planned.pop(0)
        key = (call.run_id, call.step, call.attempt, call.call)
        if call.exec < self.current_exec.get((call.run_id, call.step), 0):
            return CallBegun(outcome="superseded")
        ended = self.ended.get(key)
        if ended is not None and ended.request_hash == call.request_hash:
            return CallBegun(outcome="replay", response=ended.response, usage=ended.usage)
        if ended is not None:
            for later in [k for k in self.ended if k[:3] == key[:3] and k[3] >= call.call]:
                del self.ended[later]
        elif key in self.begun and self.begun[key].effect == "once":
            return CallBegun(outcome="uncertain")
        self.begun[key] = call
        return CallBegun(outcome="go", effect_key=f"{call.run_id}/{call.step}/{call.call}")

    async def end(self, call: EndCall) -> CallEnded:
        """Keep an answer."""
        if call.exec < self.current_exec.get((call.run_id, call.step), 0):
            return CallEnded(outcome="superseded")
        kept = call.model_copy(update={"response": _as_jsonb(call.response)})
        self.ended[(call.run_id, call.step, call.attempt, call.call)] = kept
        return CallEnded(outcome="kept")


def _as_jsonb(value: JsonValue) -> JsonValue:
    """Return a value with its keys in the order in which Postgres gives them back: shorter ones first."""
    if isinstance(value, dict):
        return {key: _as_jsonb(value[key]) for key in sorted(value, key=lambda key: (len(key.encode()), key))}
    return [_as_jsonb(item) for item in value] if isinstance(value, list) else value
