"""Invitations: sent, listed, taken back, accepted once."""

import secrets
from datetime import timedelta
from typing import Final

import structlog

from flowloom_contracts.api import Workspace
from flowloom_contracts.identity import (
    AcceptInvitation,
    CreateInvitation,
    Invitation,
    InvitationCreated,
    InvitationList,
    InvitationSeen,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError, NotFoundError
from flowloom_servicekit.ids import new_id
from gateway.domain.membership import check_reach
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.domain.roles import RoleNotFoundError
from gateway.domain.texts import plain
from gateway.domain.tokens import token_digest
from gateway.identity_ports import InvitationStore, NewInvitation, NewPerson, OpenInvitation
from gateway.mail_ports import Mailer, MailNotSentError
from gateway.ports import AccountStore
from gateway.role_ports import RoleStore
from gateway.usecases.mails import invitation_mail
from gateway.usecases.new_passwords import NewPasswords
from gateway.usecases.roles import role_called

log = structlog.get_logger(__name__)

PAGE: Final = "/invitation#"
"""Behind the `#` the token stays in the browser: no server on the way writes it down."""


class InvitationNotFoundError(NotFoundError):
    """There is no such invitation, or it was used, taken back or has expired."""

    title = "Invitation not found"


class AddressTakenError(ConflictError):
    """The invited address has an account, which must accept itself."""

    title = "This address has an account"


async def create_invitation(
    body: CreateInvitation,
    principal: Principal,
    *,
    public_url: str,
    invitations: InvitationStore,
    roles: RoleStore,
    accounts: AccountStore,
    mailer: Mailer,
    clock: Clock,
) -> InvitationCreated:
    """Store an invitation and mail its link; who may not give the role cannot invite to it."""
    role = await role_called(body.role, principal, roles=roles)
    check_reach(principal, role)
    now, token = clock.now(), secrets.token_urlsafe(32)
    shown = Invitation(
        id=new_id(),
        email=plain(body.email, "email"),
        role=role.name,
        invited_by=principal.email or "",
        created_at=now,
        expires_at=now + timedelta(days=body.expires_in_days),
    )
    new = NewInvitation(shown, principal.workspace_id, token_digest(token), principal.user_id)
    if not await invitations.add(new):
        raise RoleNotFoundError("The role was deleted meanwhile.")
    link = f"{public_url}{PAGE}{token}"
    mailed = await _mailed(shown, link, principal, accounts=accounts, mailer=mailer)
    return InvitationCreated(**shown.model_dump(), link=link, mailed=mailed)


async def list_invitations(
    principal: Principal, *, cursor: str | None, limit: int, invitations: InvitationStore, clock: Clock
) -> InvitationList:
    """Return a page of open invitations, newest first."""
    rows = await invitations.page(
        principal.workspace_id, after=row_after(cursor), limit=limit + 1, now=clock.now()
    )
    return InvitationList(
        items=rows[:limit], next_cursor=cursor_of(rows[limit - 1].id) if len(rows) > limit else None
    )


async def revoke_invitation(
    invitation_id: str, principal: Principal, *, invitations: InvitationStore, clock: Clock
) -> None:
    """Take an invitation back."""
    if not await invitations.revoke(principal.workspace_id, invitation_id, now=clock.now()):
        raise InvitationNotFoundError(f"No open invitation {invitation_id[:80]!r} here.")


async def see_invitation(token: str, *, invitations: InvitationStore, clock: Clock) -> InvitationSeen:
    """Return what the holder of a token is invited to."""
    found = _open(await invitations.find(token_digest(token), now=clock.now()))
    return InvitationSeen(
        workspace=found.workspace, email=found.email, role=found.role.name, expires_at=found.expires_at
    )


async def accept_in_person(
    token: str, principal: Principal, *, invitations: InvitationStore, clock: Clock
) -> Workspace:
    """Join with the account that is signed in, whatever address the invitation went to."""
    found = await invitations.accept(token_digest(token), user_id=principal.user_id, now=clock.now())
    return _open(found).workspace


async def accept_as_new(
    body: AcceptInvitation, *, invitations: InvitationStore, new_passwords: NewPasswords, clock: Clock
) -> tuple[NewPerson, OpenInvitation]:
    """Make an account for the invited address and join with it."""
    digest, now = token_digest(body.token.get_secret_value()), clock.now()
    invited = _open(await invitations.find(digest, now=now))
    password = body.password.get_secret_value()
    hashed = await new_passwords.hashed(password, invited.email, invited.workspace.name)
    person = NewPerson(user_id=new_id(), email=invited.email, password_hash=hashed)
    found = await invitations.accept_as(digest, person, now=clock.now())
    if found == "address_taken":
        raise AddressTakenError("Sign in to it, then open the link again.")
    return person, _open(found)


def _open(found: OpenInvitation | None) -> OpenInvitation:
    if found is None:
        raise InvitationNotFoundError("It was used, taken back or has expired; ask for another.")
    return found


async def _mailed(
    shown: Invitation, link: str, principal: Principal, *, accounts: AccountStore, mailer: Mailer
) -> bool:
    member = await accounts.find_member(principal.user_id, principal.workspace_id)
    mail = invitation_mail(
        to=shown.email,
        workspace=member[1].name if member else "",
        role=shown.role,
        by=shown.invited_by,
        link=link,
        until=shown.expires_at,
    )
    try:
        await mailer.send(mail)
    except MailNotSentError as error:
        # The caller has the link and can hand it over.
        log.warning("an invitation was not mailed", error=repr(error))
        return False
    return True
