"""What those may read who have other systems called: asked when a call is made, not when it was ordered."""

from gateway.domain.sharing import reach_of
from gateway.identity_ports import MemberStore
from gateway.notice_ports import StoredEndpoint
from gateway.usecases.sharing import SharingBook


class SubscriberSight:
    """Knows whether whoever saved an address last may read a workflow; no answer is older than a second."""

    def __init__(self, *, members: MemberStore, sharing: SharingBook) -> None:
        self._members = members
        self._sharing = sharing

    async def may_read(self, endpoint: StoredEndpoint, workflow_id: str | None) -> bool:
        """Tell whether an address may be told of a workflow; None is nothing that could be closed.

        What is everybody's in the workspace goes on to be told when its subscriber has left: the address is
        the workspace's. What is shared with some people is told for somebody who is one of them.
        """
        if workflow_id is None:
            return True
        workspace_id = endpoint.workspace_id
        shares = (await self._sharing.of((workspace_id,)))[workspace_id].get(workflow_id)
        if shares is None:
            return True
        if endpoint.subscriber_id is None:
            return False
        member = await self._members.get(workspace_id, endpoint.subscriber_id)
        if member is None or member.suspended or member.disabled:
            return False
        return reach_of(shares, user_id=member.user_id, role=member.role) != "none"
