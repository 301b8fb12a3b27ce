"""Deeds that another service does: each is kept before it is done, so that none is missing in the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_contracts.base import JsonValue
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, RemoteProblemError, UpstreamError
from flowloom_servicekit.ids import new_id
from gateway.audit_ports import AuditLog, BegunDeeds
from gateway.domain.audit import Deed, done_by, source_of
from gateway.domain.principals import Principal

log = structlog.get_logger(__name__)

UNTIL: Final = timedelta(minutes=10)
"""Longer than any deed takes: after that it is written down as begun, with `confirmed` false."""


class Doing:
    """A deed under way, and what is known of it once it is done."""

    def __init__(self, deed: Deed) -> None:
        self.deed = deed

    def tell(self, target: AuditTarget | None = None, **details: JsonValue) -> None:
        """Add what only the end has shown."""
        known = {**self.deed.details, **details}
        self.deed = replace(self.deed, target=target or self.deed.target, details=known)


@dataclass(frozen=True, slots=True)
class Deeds:
    """Writes down what is done in a store that has no transaction in common with the log (decision 0094)."""

    audit: AuditLog
    begun: BegunDeeds
    clock: Clock

    @asynccontextmanager
    async def doing(
        self, principal: Principal, action: AuditAction, target: AuditTarget, **details: JsonValue
    ) -> AsyncIterator[Doing]:
        """Keep a deed while it is done, and write it down; one that was refused is forgotten.

        Of one that ended otherwise nobody knows whether it was done: the relay writes it down later.
        """
        doing = Doing(done_by(principal, action, at=self.clock.now(), target=target, details=details))
        deed_id = new_id()
        await self.begun.keep(deed_id, doing.deed, until=self.clock.now() + UNTIL)
        try:
            yield doing
        except DomainError:
            await self._drop(deed_id)
            raise
        except RemoteProblemError as refused:
            if refused.is_callers_fault:
                await self._drop(deed_id)
            raise
        await self._write_down(deed_id, doing.deed)

    async def _write_down(self, deed_id: str, deed: Deed) -> None:
        try:
            await self.audit.add(deed, source=source_of(deed_id))
        except UpstreamError as error:
            log.warning("a deed is written down later", action=deed.action, error=repr(error))
            return
        await self._drop(deed_id)

    async def _drop(self, deed_id: str) -> None:
        try:
            await self.begun.drop(deed_id)
        except UpstreamError as error:  # what is written down already is not written down twice
            log.warning("a deed that has ended is still kept", deed=deed_id, error=repr(error))
