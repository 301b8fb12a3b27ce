"""Sharing of workflows: who may go how far with one, asked for every call, changed by who may edit it."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from flowloom_contracts.runs import Actor, Reach
from flowloom_contracts.sharing import SaveSharing, Sharing
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from gateway.domain.etags import matches
from gateway.domain.principals import Principal
from gateway.domain.sharing import Shares, limits_of, reach_of
from gateway.ports import WorkflowStore
from gateway.sharing_ports import SharingStore
from gateway.usecases.workflows import find_workflow

TRUSTED_S: Final = 1.0
"""How long what is restricted in a workspace is believed; what is taken back must hold within 2 s."""

MOST_WORKSPACES: Final = 4_096


class SharingLocksOutError(ConflictError):
    """Whoever restricts a workflow would not be able to take it back."""

    title = "You would lock yourself out"


class StaleSharingError(PreconditionFailedError):
    """Somebody else shared it meanwhile."""

    title = "The sharing has changed meanwhile"


class SharingIfMatchRequiredError(PreconditionRequiredError):
    """A save must say which sharing it replaces."""


class SharingBook:
    """Knows the restricted workflows of the workspaces that are in use; no answer is older than a second."""

    def __init__(self, store: SharingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._read: dict[str, tuple[float, Shares]] = {}

    async def of(self, workspace_ids: Collection[str]) -> Mapping[str, Shares]:
        """Return what is restricted in these workspaces, asking once for all that is not known."""
        now = self._clock.monotonic()
        known = {one: self._read[one] for one in workspace_ids if one in self._read}
        found = {one: shares for one, (until, shares) in known.items() if now < until}
        missing = set(workspace_ids) - found.keys()
        if missing:
            read = await self._store.restricted(missing)
            if len(self._read) + len(missing) > MOST_WORKSPACES:
                self._read.clear()
            for one in missing:
                found[one] = read.get(one, {})
                self._read[one] = (now + TRUSTED_S, found[one])
        return found

    async def limits(self, workspace_id: str, user_id: str, role: str) -> dict[str, Reach]:
        """Return how far somebody may go with the workflows that are not open to them."""
        shares = (await self.of((workspace_id,)))[workspace_id]
        return limits_of(shares, user_id=user_id, role=role) if shares else {}

    async def limited(self, principal: Principal) -> Principal:
        """Return somebody with what is restricted for them now."""
        limits = await self.limits(principal.workspace_id, principal.user_id, principal.role.name)
        return principal if limits == principal.limits else replace(principal, limits=limits)

    async def limits_of_all(self, principals: Iterable[Principal]) -> list[dict[str, Reach]]:
        """Return the limits of many, in their order, with one question for all workspaces."""
        asked = list(principals)
        shares = await self.of({one.workspace_id for one in asked})
        return [limits_of(shares[one.workspace_id], user_id=one.user_id, role=one.role.name) for one in asked]

    async def renewed(self, actor: Actor) -> Actor:
        """Return who is behind a run with what is restricted for them now; the platform is never limited."""
        if actor.user_id is None:
            return actor
        limits = await self.limits(actor.workspace_id, actor.user_id, actor.roles[0] if actor.roles else "")
        return actor.model_copy(update={"limits": limits})

    def forget(self) -> None:
        """Ask again: something was changed here."""
        self._read.clear()


@dataclass(frozen=True, slots=True)
class KeptSharing:
    """Where it is kept with whom workflows are shared, and who has to forget what was read there."""

    store: SharingStore
    book: SharingBook
    clock: Clock


async def read_sharing(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore, store: SharingStore
) -> Sharing:
    """Return with whom a workflow is shared now."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    return _shown(await _known(stored.id, principal, store), principal)


async def save_sharing(
    workflow_id: str,
    body: SaveSharing,
    principal: Principal,
    *,
    if_match: str | None,
    workflows: WorkflowStore,
    kept: KeptSharing,
) -> Sharing:
    """Share a workflow with some people, or with everybody again; it holds everywhere within 2 s."""
    if if_match is None:
        raise SharingIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    stored = await find_workflow(workflow_id, principal, workflows=workflows, least="edit")
    before = await _known(stored.id, principal, kept.store)
    if not matches(if_match, _tag(before)):
        raise StaleSharingError("Read it again and repeat the change.")
    wanted = body if body.restricted else SaveSharing(restricted=False)
    shown = _shown(wanted, principal)
    if shown.reach != "edit":
        raise SharingLocksOutError("Share it with yourself to edit, or have an admin restrict it.")
    saved = await kept.store.replace(
        principal.workspace_id,
        stored.id,
        wanted.shares if wanted.restricted else None,
        over=before.shares if before.restricted else None,
        user_id=principal.user_id,
        now=kept.clock.now(),
    )
    kept.book.forget()
    if saved == "stale":
        raise StaleSharingError("Read it again and repeat the change.")
    return shown


async def _known(workflow_id: str, principal: Principal, store: SharingStore) -> SaveSharing:
    """Return what is kept, past the book: who changes it must not have read what held a second ago."""
    restricted = (await store.restricted((principal.workspace_id,))).get(principal.workspace_id, {})
    return SaveSharing(restricted=workflow_id in restricted, shares=list(restricted.get(workflow_id, ())))


def _tag(kept: SaveSharing) -> str:
    return f'"{hashlib.sha256(kept.model_dump_json().encode()).hexdigest()[:32]}"'


def _shown(kept: SaveSharing, principal: Principal) -> Sharing:
    own: Reach = "edit"
    if kept.restricted:
        own = reach_of(kept.shares, user_id=principal.user_id, role=principal.role.name)
    return Sharing(restricted=kept.restricted, shares=kept.shares, etag=_tag(kept), reach=own)
