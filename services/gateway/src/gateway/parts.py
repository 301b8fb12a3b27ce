"""The real parts of a running gateway, as its routes see them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from flowloom_servicekit.clock import Clock
from gateway.live.connections import Connections
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
from gateway.settings import Settings
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.sessions import SessionIssuer


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
    platform: Platform


async def parts_of(request: Request) -> Parts:  # a plain function would cost a hop to a thread
    """Return the parts of the application that serves this request."""
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
