"""What is shown of a secret, and which save of it is the later one."""

from datetime import datetime, timedelta

from flowloom_contracts.api import Secret
from gateway.domain.etags import tag_of


def shown_secret(
    row_id: str,
    name: str,
    *,
    created_at: datetime,
    updated_at: datetime,
    last_used_at: datetime | None = None,
) -> Secret:
    """Return a secret without its value. Its tag tells saves apart and nothing about what was saved."""
    return Secret(
        name=name,
        created_at=created_at,
        updated_at=updated_at,
        last_used_at=last_used_at,
        etag=tag_of(row_id, updated_at.timestamp()),
    )


def later(before: datetime | None, now: datetime) -> datetime:
    """Return the time of a save: after the one before, also where clocks disagree or stand still."""
    return now if before is None else max(now, before + timedelta(microseconds=1))
