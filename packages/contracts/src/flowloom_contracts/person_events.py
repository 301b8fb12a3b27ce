"""The live stream of a person, `user:<id>`: what waits for them in the workspace of their session."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from flowloom_contracts.base import Event
from flowloom_contracts.notices import Notification

NEWEST: Final = 5
MOST_COUNTED: Final = 100


class AgentCount(Event):
    """How the agents of the platform are."""

    idle: int = 0
    busy: int = 0
    unwell: int = 0


class PersonState(Event):
    """What waits for a person; each state replaces the one before."""

    unread: int = Field(description="Notifications that they have not read.")
    newest: list[Notification] = Field(
        default=[], description="The newest that they have not read; the rest is `GET /v1/notifications`."
    )
    approvals: int | None = Field(
        default=None,
        description=f"Open decisions that are theirs, {MOST_COUNTED} for more; only with the permission.",
    )
    agents: AgentCount = AgentCount()


class PersonChanged(Event):
    """Something else waits than before."""

    stream: str
    epoch: int
    seq: int
    at: datetime
    type: Literal["person.changed.v1"]
    data: PersonState


class PersonResyncData(Event):
    """Where the viewer stands now, and what waits."""

    cursor: str
    snapshot: PersonState


class PersonResync(Event):
    """A viewer whose cursor leads nowhere starts again; carries no `seq` of its own."""

    stream: str
    epoch: int
    at: datetime
    type: Literal["stream.resync.v1"]
    data: PersonResyncData


PersonEvent = Annotated[PersonChanged | PersonResync, Field(discriminator="type")]


def person_stream(user_id: str) -> str:
    """Return the name of a person's stream."""
    return f"user:{user_id}"
