"""What keeps secrets: sealing, and the store of what is sealed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.api import Secret
from flowloom_contracts.rules import Rule
from flowloom_servicekit.errors import ConflictError

Purpose = Literal["secrets", "webhooks", "models", "endpoints", "second_factors"]
"""Each purpose has a key of its own, derived from the same master key."""


class SecretUnreadableError(ConflictError):
    """A sealed value was changed, moved to another row, or its key is gone."""

    title = "A secret cannot be read"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs; anywhere else it cannot be opened."""

    purpose: Purpose
    workspace_id: str
    id: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value and the id of its key."""

    key_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed value in its place."""

    place: Place
    name: str
    sealed: Sealed


class Vault(Protocol):
    """Seals and opens; nothing else knows a key."""

    def seal(self, place: Place, value: str) -> Sealed:
        """Seal a value with the current key."""

    def open(self, place: Place, sealed: Sealed) -> str:
        """Return the value; raise SecretUnreadableError if it does not belong here."""

    def current_key_id(self) -> str:
        """Return the id of the key that seals now."""


def take_any(before: Secret | None) -> None:
    """Accept whatever a save meets."""


class SecretStore(Protocol):
    """Sealed secrets of one workspace at a time."""

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[tuple[str, Secret]]:
        """Return ids and secrets without values, newest first, from below the row `after`."""

    async def names(self, workspace_id: str) -> frozenset[str]:
        """Return the names of this workspace's secrets."""

    async def put(
        self,
        workspace_id: str,
        name: str,
        seal: Callable[[Place], Sealed],
        *,
        check: Callable[[Secret | None], None] = take_any,
        now: datetime,
    ) -> Secret:
        """Store a value under a name, over the one it had; `seal` is told where it will lie.

        `check` is shown what is there, which stays until the value is stored; what it raises ends the save.
        """

    async def delete(self, workspace_id: str, name: str) -> bool:
        """Delete a secret; False if this workspace has none of this name."""

    async def use(self, workspace_id: str, names: Sequence[str], *, now: datetime) -> list[SealedRow]:
        """Return the sealed values that exist and note that they were used."""


class SealedRows(Protocol):
    """Everything that is sealed, for the change to another key."""

    async def sealed_otherwise(self, key_id: str, limit: int) -> list[SealedRow]:
        """Return values that are sealed with another key than this one."""

    async def replace(self, row: SealedRow, sealed: Sealed) -> None:
        """Store a value sealed anew, unless it was changed meanwhile."""


@dataclass(frozen=True, slots=True)
class StoredRules:
    """The rules of a workspace; revision 0 is before the first save."""

    items: tuple[Rule, ...]
    revision: int
    updated_at: datetime | None


class RuleStore(Protocol):
    """The rules of one workspace at a time."""

    async def get(self, workspace_id: str) -> StoredRules:
        """Return the rules, none at first."""

    async def replace(
        self, workspace_id: str, items: Sequence[Rule], *, revision: int, user_id: str, now: datetime
    ) -> StoredRules | None:
        """Store rules over those of `revision`; None if that is not the present one."""
