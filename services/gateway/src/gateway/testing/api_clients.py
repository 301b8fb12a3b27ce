"""API clients in memory."""

from datetime import datetime

from flowloom_contracts.sign_in import ApiClient
from gateway.identity_ports import KeptApiClient, LiveClient
from gateway.ports import RotationOutcome
from gateway.testing.people import KeptClient, People


class InMemoryApiClients:
    """See `ApiClientStore`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def add(self, client: ApiClient, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """See `ApiClientStore.add`."""
        self._people.clients[client.id] = KeptClient(client, digest, workspace_id, user_id)

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiClient]:
        """See `ApiClientStore.page`."""
        kept = self._people.clients.values()
        mine = [one.shown for one in kept if one.workspace_id == workspace_id and not one.revoked]
        ordered = sorted(mine, key=lambda client: client.id, reverse=True)
        return [client for client in ordered if after is None or client.id < after][:limit]

    async def revoke(self, workspace_id: str, client_id: str, *, now: datetime) -> bool:
        """See `ApiClientStore.revoke`."""
        kept = self._people.clients.get(client_id)
        if kept is None or kept.revoked or kept.workspace_id != workspace_id:
            return False
        kept.revoked = True
        return True

    async def find(self, workspace_id: str, client_id: str) -> KeptApiClient | None:
        """See `ApiClientStore.find`."""
        kept = self._people.clients.get(client_id)
        if kept is None or kept.revoked or kept.workspace_id != workspace_id:
            return None
        return KeptApiClient(kept.shown, kept.user_id)

    async def rotate(
        self, workspace_id: str, client_id: str, *, digest: bytes, now: datetime, ends_at: datetime
    ) -> RotationOutcome:
        """See `ApiClientStore.rotate`."""
        kept = self._people.clients.get(client_id)
        if kept is None or await self.find(workspace_id, client_id) is None:
            return "missing"
        if _two_work(kept, now):
            return "rotated"
        kept.old_digest, kept.digest = kept.digest, digest
        kept.shown = kept.shown.model_copy(update={"old_secret_until": ends_at})
        return "done"

    async def live(self, client_id: str, *, now: datetime) -> LiveClient | None:
        """See `ApiClientStore.live`."""
        kept = self._people.clients.get(client_id)
        if kept is None or kept.revoked:
            return None
        until = kept.shown.expires_at
        member = self._people.admitted(kept.workspace_id, kept.user_id)
        if member is None or (until is not None and until <= now):
            return None
        return LiveClient(
            id=client_id,
            user_id=kept.user_id,
            email=self._people.persons[kept.user_id].user.email,
            workspace_id=kept.workspace_id,
            role=member.role,
            scopes=tuple(kept.shown.scopes),
            digests=(kept.digest, kept.old_digest) if _two_work(kept, now) else (kept.digest,),
        )

    async def touch(self, client_id: str, *, now: datetime) -> None:
        """See `ApiClientStore.touch`."""
        kept = self._people.clients[client_id]
        kept.shown = kept.shown.model_copy(update={"last_used_at": now})


def _two_work(kept: KeptClient, now: datetime) -> bool:
    until = kept.shown.old_secret_until
    return until is not None and until > now
