"""Large values in memory."""

from collections.abc import Collection


class InMemoryValueStore:
    """See `ValueStore`; `lost` are the runs that are not stored any more."""

    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str], bytes] = {}
        self.lost: set[str] = set()

    async def keep(self, run_id: str, ref: str, body: bytes) -> None:
        """See `ValueStore.keep`."""
        self.bodies.setdefault((run_id, ref), bytes(body))

    async def size(self, run_id: str, ref: str) -> int | None:
        """See `ValueStore.size`."""
        body = self.bodies.get((run_id, ref))
        return None if body is None else len(body)

    async def load(self, run_id: str, ref: str) -> bytes | None:
        """See `ValueStore.load`."""
        return self.bodies.get((run_id, ref))

    async def part(self, run_id: str, ref: str, *, offset: int, limit: int) -> bytes | None:
        """See `ValueStore.part`."""
        body = self.bodies.get((run_id, ref))
        return None if body is None else body[offset : offset + limit]

    async def adopt(self, run_id: str, origin: str, refs: Collection[str]) -> None:
        """See `ValueStore.adopt`."""
        for ref in refs:
            if (origin, ref) in self.bodies:
                self.bodies[run_id, ref] = self.bodies[origin, ref]

    async def sweep(self) -> int:
        """See `ValueStore.sweep`."""
        gone = [place for place in self.bodies if place[0] in self.lost]
        for place in gone:
            del self.bodies[place]
        return len(gone)
