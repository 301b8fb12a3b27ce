"""The real parts of a running gateway, as its routes see them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from flowloom_servicekit.clock import Clock
from gateway.audit_ports import AuditLog, BegunDeeds
from gateway.control_ports import Approvals, RunControl, Schedules
from gateway.desk import Desk
from gateway.live.connections import Connections
from gateway.live.persons import PersonWatch
from gateway.mail_ports import Mailer
from gateway.people_parts import PeopleParts
from gateway.ports import (
    AccessTokens,
    AccountStore,
    ApiKeyStore,
    PasswordHasher,
    Platform,
    Runs,
    RunStreams,
    SignInThrottle,
    StreamPages,
    WorkflowStore,
)
from gateway.rate_ports import RateLimits
from gateway.settings import Settings
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.hooks import HookBook
from gateway.usecases.intake import Intake
from gateway.usecases.relays import Relays
from gateway.usecases.sessions import SessionIssuer
from gateway.vault_ports import RuleStore, SecretStore, Vault
from gateway.version_ports import DeliveryStore, EventStore, TriggerStore, VersionStore


@dataclass(frozen=True, slots=True)
class Parts:
    """What `bootstrap` chose; lives as long as the application runs."""

    settings: Settings
    clock: Clock
    accounts: AccountStore
    keys: ApiKeyStore
    workflows: WorkflowStore
    runs: Runs
    streams: RunStreams
    pages: StreamPages
    passwords: PasswordHasher
    throttle: SignInThrottle
    tokens: AccessTokens
    issuer: SessionIssuer
    authenticator: Authenticator
    connections: Connections
    persons: PersonWatch
    platform: Platform
    control: RunControl
    approvals: Approvals
    schedules: Schedules
    versions: VersionStore
    rules: RuleStore
    secrets: SecretStore
    vault: Vault
    triggers: TriggerStore
    deliveries: DeliveryStore
    events: EventStore
    begun: BegunDeeds
    hooks: HookBook
    intake: Intake
    relays: Relays
    mailer: Mailer
    audit: AuditLog
    desk: Desk
    people: PeopleParts
    rates: RateLimits


async def parts_of(request: Request) -> Parts:  # a plain function would cost a hop to a thread
    """Return the parts of the application that serves this request."""
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
