"""Bodies of the public interface about people: members, workspaces, invitations, sessions."""

from datetime import datetime

from pydantic import Field, SecretStr

from flowloom_contracts.api import Workspace
from flowloom_contracts.base import Flag, Request, Response

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+$"


class Member(Response):
    """A person in this workspace."""

    user_id: str
    email: str
    role: str
    permissions: list[str] = Field(description="What the role lets them do.")
    joined_at: datetime
    suspended: bool = Field(description="A suspended member keeps their role and is not let in.")
    disabled: bool = Field(description="The account itself is disabled, in every workspace.")
    provider: str | None = Field(
        default=None, description="The identity provider that decides about this membership."
    )
    second_factor: bool = Field(description="Whether sign-in asks this person for a code as well.")


class MemberList(Response):
    """A page of members."""

    items: list[Member]
    next_cursor: str | None = None


class ChangeMember(Request):
    """Body of `PATCH /v1/members/{user_id}`; what is absent stays."""

    role: str | None = Field(default=None, max_length=80)
    suspended: Flag | None = None


class WorkspaceMembership(Response):
    """A workspace that lets the caller in."""

    id: str
    name: str
    role: str
    current: bool


class WorkspaceList(Response):
    """All workspaces of the caller, in the order in which they joined."""

    items: list[WorkspaceMembership]
    next_cursor: str | None = None


class CreateWorkspace(Request):
    """Body of `POST /v1/workspaces`."""

    name: str = Field(min_length=1, max_length=80)


class CreateInvitation(Request):
    """Body of `POST /v1/invitations`."""

    email: str = Field(min_length=3, max_length=254, pattern=EMAIL_PATTERN)
    role: str = Field(max_length=80)
    expires_in_days: int = Field(default=7, ge=1, le=30)


class Invitation(Response):
    """An invitation that was not answered yet."""

    id: str
    email: str
    role: str
    invited_by: str = Field(description="E-mail address of who invited.")
    created_at: datetime
    expires_at: datetime


class InvitationCreated(Invitation):
    """A new invitation; the link is shown only here and in the mail."""

    link: str
    mailed: bool = Field(description="False when the mail could not be sent: hand the link over yourself.")


class InvitationList(Response):
    """A page of invitations."""

    items: list[Invitation]
    next_cursor: str | None = None


class InvitationToken(Request):
    """Body of `POST /v1/auth/invitation` and `POST /v1/invitations/accept`."""

    token: SecretStr = Field(min_length=20, max_length=200)


class InvitationSeen(Response):
    """What an invitation offers to whoever holds its link."""

    workspace: Workspace
    email: str
    role: str
    expires_at: datetime


class AcceptInvitation(InvitationToken):
    """Body of `POST /v1/auth/invitation/accept`: make an account with it."""

    password: SecretStr = Field(min_length=12, max_length=256)


class MySession(Response):
    """One sign-in of the caller."""

    id: str
    current: bool = False
    workspace: Workspace
    device: str | None = Field(default=None, description="Browser and system, as the browser names itself.")
    address: str | None = Field(default=None, description="From where it was used last.")
    created_at: datetime
    last_used_at: datetime


class MySessionList(Response):
    """Every sign-in of the caller that may act."""

    items: list[MySession]
    next_cursor: str | None = None
