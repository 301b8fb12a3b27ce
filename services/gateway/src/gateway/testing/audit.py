"""The audit log in memory, linked as the database links it."""

from collections.abc import AsyncIterator

import orjson

from flowloom_contracts.base import JsonObject
from gateway.audit_ports import AuditFilter
from gateway.domain.audit import FIRST, Deed, Link, body_of, hash_of


class InMemoryAudit:
    """AuditLog; the other fakes `record` here what they do."""

    def __init__(self) -> None:
        self.chains: dict[str, list[Link]] = {}
        self.deeds: list[Deed] = []
        self._sources: set[tuple[str, str]] = set()

    def record(self, deed: Deed, *, source: str | None = None) -> None:
        """Write a deed down."""
        if source is not None:
            if (deed.workspace_id, source) in self._sources:
                return
            self._sources.add((deed.workspace_id, source))
        chain = self.chains.setdefault(deed.workspace_id, [])
        previous = chain[-1].hash if chain else FIRST
        body = body_of(deed)
        chain.append(Link(len(chain) + 1, body, previous, hash_of(len(chain) + 1, previous, body)))
        self.deeds.append(deed)

    async def add(self, deed: Deed, *, source: str | None = None) -> None:
        """See `AuditLog.add`."""
        self.record(deed, source=source)

    async def page(
        self, workspace_id: str, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[Link]:
        """See `AuditLog.page`."""
        found = [link for link in reversed(self.chains.get(workspace_id, [])) if _fits(link, wanted)]
        return [link for link in found if before is None or link.n < before][:limit]

    async def chain(self, workspace_id: str) -> AsyncIterator[list[Link]]:
        """See `AuditLog.chain`."""
        known = self.chains.get(workspace_id, [])
        if known:
            yield list(known)


def _fits(link: Link, wanted: AuditFilter) -> bool:
    entry: JsonObject = orjson.loads(link.body)
    actor, target = _part(entry, "actor"), _part(entry, "target")
    asked = (
        (wanted.action, entry["action"]),
        (wanted.outcome, entry["outcome"]),
        (wanted.actor_id, actor.get("id")),
        (wanted.target_kind, target.get("kind")),
        (wanted.target_id, target.get("id")),
    )
    at = str(entry["at"])
    in_time = (wanted.since is None or at >= wanted.since.isoformat()) and (
        wanted.until is None or at < wanted.until.isoformat()
    )
    return in_time and all(value is None or value == said for value, said in asked)


def _part(entry: JsonObject, name: str) -> JsonObject:
    found = entry[name]
    return found if isinstance(found, dict) else {}
