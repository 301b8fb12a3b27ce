"""Second factors and recovery codes in Postgres."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_of_person
from gateway.adapters.identity_tables import recovery_codes, second_factors
from gateway.identity_ports import KeptFactor
from gateway.vault_ports import Sealed

_f = second_factors.c
_c = recovery_codes.c


class PostgresSecondFactorStore:
    """SecondFactorStore over the tables `second_factors` and `recovery_codes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: str) -> KeptFactor | None:
        """Return a person's factor."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            row = (await session.execute(select(second_factors).where(_f.user_id == user_id))).first()
        if row is None:
            return None
        return KeptFactor(Sealed(row.key_id, bytes(row.sealed)), is_confirmed=row.confirmed_at is not None)

    async def begin(self, user_id: str, sealed: Sealed, *, now: datetime) -> bool:
        """Store a secret over one that was never confirmed."""
        values = {"key_id": sealed.key_id, "sealed": sealed.data, "created_at": now}
        change = (
            upsert(second_factors)
            .values(user_id=user_id, **values)
            .on_conflict_do_update(index_elements=["user_id"], set_=values, where=_f.confirmed_at.is_(None))
            .returning(_f.user_id)
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return (await session.execute(change)).first() is not None

    async def confirm(self, user_id: str, step: int, codes: Collection[bytes], *, now: datetime) -> bool:
        """Let the factor count; of two at once the second finds it confirmed."""
        change = (
            update(second_factors)
            .where(_f.user_id == user_id, _f.confirmed_at.is_(None))
            .values(confirmed_at=now, last_step=step)
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            if (await session.execute(change.returning(_f.user_id))).first() is None:
                return False
            await _put_codes(session, user_id, codes)
            await _record(session, user_id, "enabled")
            return True

    async def take_step(self, user_id: str, step: int) -> bool:
        """Use up a code: one statement, so that of two with the same code one fails."""
        change = (
            update(second_factors)
            .where(
                _f.user_id == user_id,
                _f.confirmed_at.is_not(None),
                _f.last_step.is_(None) | (_f.last_step < step),
            )
            .values(last_step=step)
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return (await session.execute(change.returning(_f.user_id))).first() is not None

    async def take_recovery(self, user_id: str, digest: bytes, *, now: datetime) -> bool:
        """Use up a recovery code, by one statement too."""
        change = (
            update(recovery_codes)
            .where(_c.user_id == user_id, _c.digest == digest, _c.used_at.is_(None))
            .values(used_at=now)
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return (await session.execute(change.returning(_c.user_id))).first() is not None

    async def put_recovery(self, user_id: str, codes: Collection[bytes]) -> None:
        """Replace all recovery codes."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await _put_codes(session, user_id, codes)
            await _record(session, user_id, "recovery codes renewed")

    async def recovery_left(self, user_id: str) -> int:
        """Return how many recovery codes were not used."""
        query = select(func.count()).where(_c.user_id == user_id, _c.used_at.is_(None))
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return int(await session.scalar(query) or 0)

    async def remove(self, user_id: str) -> None:
        """Forget the factor with its codes."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(delete(recovery_codes).where(_c.user_id == user_id))
            await session.execute(delete(second_factors).where(_f.user_id == user_id))
            await _record(session, user_id, "removed")


async def _record(session: AsyncSession, user_id: str, change: str) -> None:
    await record_of_person(session, AuditAction.SECOND_FACTOR_CHANGED, user_id, change=change)


async def _put_codes(session: AsyncSession, user_id: str, codes: Collection[bytes]) -> None:
    await session.execute(delete(recovery_codes).where(_c.user_id == user_id))
    await session.execute(
        insert(recovery_codes), [{"user_id": user_id, "digest": digest} for digest in codes]
    )
