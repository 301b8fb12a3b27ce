"""A workflow engine that takes commands and runs nothing."""

from flowloom_contracts.base import JsonObject
from flowloom_contracts.topics import EngineName


class FakeEngine:
    """See `Engine`; set `failure` to play an engine that is away."""

    def __init__(self) -> None:
        self.scheduled: dict[str, tuple[str, JsonObject]] = {}
        self.signals: list[tuple[str, str]] = []
        self.terminated: list[str] = []
        self.failure: Exception | None = None

    async def schedule(self, instance_id: str, workflow: str, input: JsonObject) -> bool:
        """Remember the instance; False when it is known."""
        self._fail()
        if instance_id in self.scheduled:
            return False
        self.scheduled[instance_id] = (str(workflow), input)
        return True

    async def raise_signal(self, instance_id: str, name: str = EngineName.SIGNAL) -> None:
        """Remember the signal."""
        self._fail()
        self.signals.append((instance_id, str(name)))

    async def terminate(self, instance_id: str) -> None:
        """Remember the end."""
        self._fail()
        self.terminated.append(instance_id)

    async def purge(self, instance_id: str) -> None:
        """Forget the instance."""
        self._fail()
        self.scheduled.pop(instance_id, None)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
