"""Invitations to a workspace; those who are invited have no account yet, or another workspace's."""

from typing import Final

from fastapi import APIRouter, Request, Response

from flowloom_contracts.api import Session, User, Workspace
from flowloom_contracts.identity import (
    AcceptInvitation,
    CreateInvitation,
    InvitationCreated,
    InvitationList,
    InvitationSeen,
    InvitationToken,
)
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.membership import RoleNotGrantedError
from gateway.domain.sign_in import TooManySignInsError
from gateway.parts import PartsOf
from gateway.routes.cookies import answered, visit_of
from gateway.routes.guards import InPerson, MemberManager, PageCursor, PageLimit
from gateway.usecases import invitations as usecases

router: Final = APIRouter(tags=["workspaces"], responses=problems(InvalidRequestError))
SIGNED_IN: Final = problems(UnauthenticatedError, ForbiddenError)
OPEN: Final = problems(usecases.InvitationNotFoundError, TooManySignInsError)
THROTTLED_AS: Final = "invitation"


@router.post(
    "/v1/invitations",
    status_code=201,
    responses={**SIGNED_IN, **problems(ForbiddenError, RoleNotGrantedError)},
)
async def create_invitation(
    body: CreateInvitation, principal: MemberManager, parts: PartsOf
) -> InvitationCreated:
    """Invite somebody; the link goes by mail and is shown here once."""
    return await usecases.create_invitation(
        body,
        principal,
        public_url=parts.settings.public_url,
        invitations=parts.people.invitations,
        roles=parts.people.roles,
        accounts=parts.accounts,
        mailer=parts.mailer,
        clock=parts.clock,
    )


@router.get("/v1/invitations", responses=SIGNED_IN)
async def list_invitations(
    principal: MemberManager, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> InvitationList:
    """List the invitations that can still be accepted, newest first."""
    return await usecases.list_invitations(
        principal,
        cursor=cursor,
        limit=limit,
        invitations=parts.people.invitations,
        clock=parts.clock,
    )


@router.post("/v1/invitations/accept", responses={**SIGNED_IN, **problems(usecases.InvitationNotFoundError)})
async def accept_invitation(body: InvitationToken, principal: InPerson, parts: PartsOf) -> Workspace:
    """Join with the account that is signed in; switch to the workspace to work there."""
    return await usecases.accept_in_person(
        body.token.get_secret_value(),
        principal,
        invitations=parts.people.invitations,
        clock=parts.clock,
    )


@router.delete(
    "/v1/invitations/{invitation_id}",
    status_code=204,
    responses={**SIGNED_IN, **problems(usecases.InvitationNotFoundError)},
)
async def revoke_invitation(invitation_id: str, principal: MemberManager, parts: PartsOf) -> None:
    """Take an invitation back; its link works no longer."""
    await usecases.revoke_invitation(
        invitation_id, principal, invitations=parts.people.invitations, clock=parts.clock
    )


@router.post("/v1/auth/invitation", responses=OPEN)
async def see_invitation(body: InvitationToken, request: Request, parts: PartsOf) -> InvitationSeen:
    """Say what the holder of a link is invited to."""
    await parts.throttle.admit(THROTTLED_AS, visit_of(request).address or "")
    return await usecases.see_invitation(
        body.token.get_secret_value(), invitations=parts.people.invitations, clock=parts.clock
    )


@router.post(
    "/v1/auth/invitation/accept",
    status_code=201,
    responses={**OPEN, **problems(usecases.AddressTakenError)},
)
async def accept_invitation_as_new(
    body: AcceptInvitation, request: Request, response: Response, parts: PartsOf
) -> Session:
    """Make an account for the invited address, join with it and sign in."""
    visit = visit_of(request)
    await parts.throttle.admit(THROTTLED_AS, visit.address or "")
    person, joined = await usecases.accept_as_new(
        body,
        invitations=parts.people.invitations,
        new_passwords=parts.people.new_passwords,
        clock=parts.clock,
    )
    user = User(id=person.user_id, email=person.email)
    signed_in = await parts.issuer.open(user, workspace_id=joined.workspace.id, role=joined.role, visit=visit)
    return answered(signed_in, response, parts.settings)
