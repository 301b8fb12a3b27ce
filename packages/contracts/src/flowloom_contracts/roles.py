"""Bodies of the public interface about roles: those of every workspace and those it has made itself."""

from pydantic import Field

from flowloom_contracts.base import Request, Response

ROLE_NAME = r"^[a-z][a-z0-9-]{1,39}$"


class WorkspaceRole(Response):
    """A role that members of this workspace can have."""

    id: str = Field(description="Of a role that every workspace has, its name.")
    name: str
    description: str
    permissions: list[str]
    built_in: bool = Field(description="Every workspace has it; it cannot be changed.")
    members: int = Field(description="How many people have it.")
    etag: str | None = Field(
        default=None, description="What `If-Match` names to change it; a built-in role has none."
    )


class RoleList(Response):
    """All roles of a workspace: those of every workspace first, then its own by their names."""

    items: list[WorkspaceRole]
    next_cursor: str | None = None


class CreateRole(Request):
    """Body of `POST /v1/roles`."""

    name: str = Field(
        pattern=ROLE_NAME,
        description="Stays for good: steps, claims of identity providers and shares call the role by it.",
        examples=["support-lead"],
    )
    description: str = Field(default="", max_length=200)
    permissions: list[str] = Field(max_length=100)


class ChangeRole(Request):
    """Body of `PATCH /v1/roles/{role_id}`; what is absent stays."""

    description: str | None = Field(default=None, max_length=200)
    permissions: list[str] | None = Field(default=None, max_length=100)
