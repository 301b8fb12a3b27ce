"""The real parts of people's accounts and sign-in; `bootstrap` puts them beside the others."""

from contextlib import AsyncExitStack
from typing import Final

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.database import Database
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.targets import origin
from gateway.adapters.file_mailer import FileMailer
from gateway.adapters.guessability import ZxcvbnGuesses
from gateway.adapters.oidc_provider import OidcProvider
from gateway.adapters.oidc_settings import read_providers
from gateway.adapters.postgres_api_clients import PostgresApiClientStore
from gateway.adapters.postgres_identities import PostgresFlowStore, PostgresIdentityStore
from gateway.adapters.postgres_invitations import PostgresInvitationStore
from gateway.adapters.postgres_members import PostgresMemberStore, PostgresWorkspaceStore
from gateway.adapters.postgres_my_sessions import PostgresMySessionStore
from gateway.adapters.postgres_passwords import PostgresPasswordStore
from gateway.adapters.postgres_roles import PostgresRoleStore
from gateway.adapters.postgres_second_factors import PostgresSecondFactorStore
from gateway.adapters.smtp_mailer import SmtpMailer, SmtpServer
from gateway.mail_ports import Mailer
from gateway.oidc_ports import Provider
from gateway.people_parts import PeopleParts
from gateway.ports import PasswordHasher
from gateway.routes import (
    api_clients,
    invitations,
    members,
    my_sessions,
    oidc,
    passwords,
    roles,
    second_factor,
    workspaces,
)
from gateway.settings import Settings
from gateway.usecases.new_passwords import NewPasswords
from gateway.usecases.oidc import ProviderSignIn
from gateway.usecases.second_factor import SecondFactors
from gateway.vault_ports import Vault

PEOPLE_ROUTERS: Final = (
    api_clients,
    my_sessions,
    members,
    roles,
    workspaces,
    invitations,
    passwords,
    second_factor,
    oidc,
)


def open_mailer(settings: Settings, clock: Clock) -> Mailer:
    """Return the operator's mail server, or the folder that stands for one."""
    if settings.mail_url is None:
        return FileMailer(settings.mail_dir, sender=settings.mail_from, clock=clock)
    server = SmtpServer.of_url(settings.mail_url.get_secret_value())
    return SmtpMailer(server, sender=settings.mail_from, clock=clock)


def open_people(
    settings: Settings,
    stack: AsyncExitStack,
    *,
    database: Database,
    vault: Vault,
    hasher: PasswordHasher,
    clock: Clock,
) -> PeopleParts:
    """Return the parts of accounts."""
    factors = PostgresSecondFactorStore(database)
    return PeopleParts(
        members=PostgresMemberStore(database),
        roles=PostgresRoleStore(database),
        workspaces=PostgresWorkspaceStore(database),
        invitations=PostgresInvitationStore(database),
        my_sessions=PostgresMySessionStore(database),
        passwords=PostgresPasswordStore(database),
        new_passwords=NewPasswords(judge=ZxcvbnGuesses(), hasher=hasher),
        second_factors=SecondFactors(store=factors, vault=vault, clock=clock),
        clients=PostgresApiClientStore(database),
        providers=ProviderSignIn(
            _providers(settings, stack, clock),
            flows=PostgresFlowStore(database),
            identities=PostgresIdentityStore(database),
            public_url=settings.public_url,
            clock=clock,
        ),
    )


def _providers(settings: Settings, stack: AsyncExitStack, clock: Clock) -> dict[str, Provider]:
    """Return the providers of the operator's file; their own origins may be called wherever they lead."""
    given = read_providers(settings.oidc_file)
    allowed = settings.outbound_origins | {origin(one.issuer) for one in given}
    outside = OutboundClient(allow=allowed)
    stack.push_async_callback(outside.aclose)
    return {one.id: OidcProvider(one, outside=outside, clock=clock) for one in given}
