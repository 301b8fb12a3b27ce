"""With whom workflows are shared that not everybody in the workspace may use."""

from typing import Literal

from pydantic import Field

from flowloom_contracts.base import Document, Flag, Request, Response
from flowloom_contracts.runs import Reach

MOST_SHARES = 200


class Share(Document):
    """How far a member, or all who have a role, may go with a workflow."""

    kind: Literal["member", "role"]
    who: str = Field(min_length=1, max_length=64, description="A member's user id, or the name of a role.")
    reach: Literal["view", "run", "edit"] = Field(
        description="`view` reads it and its runs; `run` starts, commands and decides too; `edit` does all."
    )


class SaveSharing(Request):
    """Body of `PUT /v1/workflows/{id}/sharing`."""

    restricted: Flag = Field(description="False: everybody in the workspace, as far as their role allows.")
    shares: list[Share] = Field(default=[], max_length=MOST_SHARES)


class Sharing(Response):
    """With whom a workflow is shared; owners and admins of the workspace always may do everything."""

    restricted: bool
    shares: list[Share]
    etag: str = Field(description="What `If-Match` names to replace it.")
    reach: Reach = Field(description="How far the asking person may go, within what their role allows.")
