"""The parts that accounts and sign-in need beside those of every route."""

from dataclasses import dataclass

from gateway.identity_ports import (
    ApiClientStore,
    InvitationStore,
    MemberStore,
    MySessionStore,
    PasswordStore,
    WorkspaceStore,
)
from gateway.role_ports import RoleStore
from gateway.usecases.new_passwords import NewPasswords
from gateway.usecases.oidc import ProviderSignIn
from gateway.usecases.second_factor import SecondFactors


@dataclass(frozen=True, slots=True)
class PeopleParts:
    """What `bootstrap_identity` chose."""

    members: MemberStore
    roles: RoleStore
    workspaces: WorkspaceStore
    invitations: InvitationStore
    my_sessions: MySessionStore
    passwords: PasswordStore
    new_passwords: NewPasswords
    second_factors: SecondFactors
    clients: ApiClientStore
    providers: ProviderSignIn
