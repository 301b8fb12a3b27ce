"""The watch over open streams goes on whatever a look at the credentials meets."""

from collections.abc import Collection
from datetime import datetime

import pytest

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Role
from gateway.domain.principals import Principal
from gateway.live.connections import CHECK_SECONDS, Connections
from gateway.testing.sharing import InMemorySharing
from gateway.usecases.sharing import SharingBook

WHO = Principal(user_id="u", workspace_id="w", role=Role.OWNER, permissions=frozenset(), session_id="s")


class FailingOnce:
    """Credentials that cannot be asked at first; then every session has ended."""

    def __init__(self, failure: Exception) -> None:
        self._failures = [failure]

    async def roles_of(self, credential_ids: Collection[str], *, now: datetime) -> dict[str, Role]:
        """Fail, and from then on know of nobody."""
        if self._failures:
            raise self._failures.pop()
        return {}


@pytest.mark.parametrize("failure", [StorageUnavailableError("away"), KeyError("a fault of ours")])
async def test_closes_a_stream_though_an_earlier_look_failed(failure: Exception) -> None:
    clock, closed = FakeClock(), list[str]()
    connections = Connections(
        credentials=FailingOnce(failure), sharing=SharingBook(InMemorySharing(), clock), clock=clock
    )
    connections.add(WHO, closed.append)
    connections.start()
    for _ in range(2):
        await wait_until(lambda: clock.sleepers == 1)
        assert closed == []
        clock.advance(CHECK_SECONDS)
    await wait_until(lambda: closed == ["the session or key has ended"])
    await connections.stop()
