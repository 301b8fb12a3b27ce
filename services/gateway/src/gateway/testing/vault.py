"""Secrets and rules in memory, under a real vault with a key of its own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from flowloom_contracts.api import Secret
from flowloom_contracts.rules import Rule
from flowloom_servicekit.ids import new_id
from gateway.domain.shown_secrets import later, shown_secret
from gateway.vault_ports import Place, Sealed, SealedRow, StoredRules, take_any


class InMemorySecrets:
    """SecretStore and SealedRows; `rows` is what a thief of the database would have."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], SealedRow] = {}
        self._shown: dict[tuple[str, str], Secret] = {}

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[tuple[str, Secret]]:
        """See `SecretStore.page`."""
        mine = [(row.place.id, self._shown[key]) for key, row in self.rows.items() if key[0] == workspace_id]
        ordered = sorted(mine, key=lambda pair: pair[0], reverse=True)
        return [pair for pair in ordered if after is None or pair[0] < after][:limit]

    async def names(self, workspace_id: str) -> frozenset[str]:
        """See `SecretStore.names`."""
        return frozenset(name for workspace, name in self.rows if workspace == workspace_id)

    async def put(
        self,
        workspace_id: str,
        name: str,
        seal: Callable[[Place], Sealed],
        *,
        check: Callable[[Secret | None], None] = take_any,
        now: datetime,
    ) -> Secret:
        """See `SecretStore.put`."""
        before = self._shown.get((workspace_id, name))
        check(before)
        known = self.rows.get((workspace_id, name))
        place = known.place if known else Place("secrets", workspace_id, new_id())
        self.rows[workspace_id, name] = SealedRow(place, name, seal(place))
        shown = shown_secret(
            place.id,
            name,
            created_at=before.created_at if before else now,
            updated_at=later(before.updated_at if before else None, now),
            last_used_at=before.last_used_at if before else None,
        )
        self._shown[workspace_id, name] = shown
        return shown

    async def delete(self, workspace_id: str, name: str) -> bool:
        """See `SecretStore.delete`."""
        self._shown.pop((workspace_id, name), None)
        return self.rows.pop((workspace_id, name), None) is not None

    async def use(self, workspace_id: str, names: Sequence[str], *, now: datetime) -> list[SealedRow]:
        """See `SecretStore.use`."""
        found = [name for name in names if (workspace_id, name) in self.rows]
        for name in found:
            key = (workspace_id, name)
            self._shown[key] = self._shown[key].model_copy(update={"last_used_at": now})
        return [self.rows[workspace_id, name] for name in found]

    async def sealed_otherwise(self, key_id: str, limit: int) -> list[SealedRow]:
        """See `SealedRows.sealed_otherwise`."""
        return [row for row in self.rows.values() if row.sealed.key_id != key_id][:limit]

    async def replace(self, row: SealedRow, sealed: Sealed) -> None:
        """See `SealedRows.replace`."""
        key = (row.place.workspace_id, row.name)
        if self.rows.get(key) == row:
            self.rows[key] = replace(row, sealed=sealed)


class InMemoryRules:
    """See `RuleStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, StoredRules] = {}

    async def get(self, workspace_id: str) -> StoredRules:
        """See `RuleStore.get`."""
        return self._kept.get(workspace_id, StoredRules((), 0, None))

    async def replace(
        self, workspace_id: str, items: Sequence[Rule], *, revision: int, user_id: str, now: datetime
    ) -> StoredRules | None:
        """See `RuleStore.replace`."""
        if (await self.get(workspace_id)).revision != revision:
            return None
        self._kept[workspace_id] = StoredRules(tuple(items), revision + 1, now)
        return self._kept[workspace_id]
