"""The call journal without a database."""

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall


class InMemoryCallJournal:
    """Keeps begun and ended calls; `current_exec` refuses those of an older execution."""

    def __init__(self) -> None:
        self.begun: dict[tuple[str, str, int, int], BeginCall] = {}
        self.ended: dict[tuple[str, str, int, int], EndCall] = {}
        self.current_exec: dict[tuple[str, str], int] = {}

    async def begin(self, call: BeginCall) -> CallBegun:
        """Announce a call."""
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
        self.ended[(call.run_id, call.step, call.attempt, call.call)] = call
        return CallEnded(outcome="kept")
