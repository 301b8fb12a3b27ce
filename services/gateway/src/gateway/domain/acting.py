"""Who acts in the present request: what stores write down is done in the name of somebody."""

from contextvars import ContextVar
from typing import Final

from flowloom_contracts.audit import AuditActor

NOBODY: Final = AuditActor(kind="nobody")
_acting: Final[ContextVar[AuditActor]] = ContextVar("acting", default=NOBODY)


def act_as(actor: AuditActor) -> None:
    """Let what follows in this request be done in the name of somebody."""
    _acting.set(actor)


def acting() -> AuditActor:
    """Return who acts now."""
    return _acting.get()
