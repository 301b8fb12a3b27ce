"""Passwords, reset links and second factors in memory."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from flowloom_contracts.api import User
from gateway.identity_ports import KeptFactor
from gateway.testing.people import People
from gateway.vault_ports import Sealed


@dataclass(slots=True)
class _Link:
    user_id: str
    until: datetime
    used: bool = False


class InMemoryPasswords:
    """See `PasswordStore`."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._links: dict[bytes, _Link] = {}

    async def of_user(self, user_id: str) -> tuple[User, str | None] | None:
        """See `PasswordStore.of_user`."""
        person = self._people.persons.get(user_id)
        return None if person is None else (person.user, person.password_hash)

    async def put(self, user_id: str, password_hash: str, *, now: datetime) -> None:
        """See `PasswordStore.put`."""
        self._people.persons[user_id].password_hash = password_hash
        for session in self._people.sessions.values():
            session.revoked = session.revoked or session.opened.user_id == user_id
        for link in self._links.values():
            link.used = link.used or link.user_id == user_id

    async def rehash(self, user_id: str, before: str, after: str) -> None:
        """See `PasswordStore.rehash`."""
        person = self._people.persons[user_id]
        if person.password_hash == before:
            person.password_hash = after

    async def add_reset(self, user_id: str, digest: bytes, *, now: datetime, until: datetime) -> None:
        """See `PasswordStore.add_reset`."""
        self._links[digest] = _Link(user_id, until)

    async def find_reset(self, digest: bytes, *, now: datetime) -> User | None:
        """See `PasswordStore.find_reset`."""
        link = self._links.get(digest)
        if link is None or link.used or link.until <= now:
            return None
        person = self._people.persons[link.user_id]
        return None if person.disabled else person.user

    async def use_reset(self, digest: bytes, password_hash: str, *, now: datetime) -> User | None:
        """See `PasswordStore.use_reset`."""
        user = await self.find_reset(digest, now=now)
        if user is not None:
            await self.put(user.id, password_hash, now=now)
        return user


@dataclass(slots=True)
class _Factor:
    sealed: Sealed
    is_confirmed: bool = False
    last_step: int = -1
    codes: dict[bytes, bool] = field(default_factory=dict)


class InMemorySecondFactors:
    """See `SecondFactorStore`."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._kept: dict[str, _Factor] = {}

    async def get(self, user_id: str) -> KeptFactor | None:
        """See `SecondFactorStore.get`."""
        kept = self._kept.get(user_id)
        return None if kept is None else KeptFactor(kept.sealed, kept.is_confirmed)

    async def begin(self, user_id: str, sealed: Sealed, *, now: datetime) -> bool:
        """See `SecondFactorStore.begin`."""
        kept = self._kept.get(user_id)
        if kept is not None and kept.is_confirmed:
            return False
        self._kept[user_id] = _Factor(sealed)
        return True

    async def confirm(self, user_id: str, step: int, codes: Collection[bytes], *, now: datetime) -> bool:
        """See `SecondFactorStore.confirm`."""
        kept = self._kept.get(user_id)
        if kept is None or kept.is_confirmed:
            return False
        kept.is_confirmed, kept.last_step = True, step
        kept.codes = dict.fromkeys(codes, False)
        self._people.persons[user_id].has_second_factor = True
        return True

    async def take_step(self, user_id: str, step: int) -> bool:
        """See `SecondFactorStore.take_step`."""
        kept = self._kept.get(user_id)
        if kept is None or not kept.is_confirmed or kept.last_step >= step:
            return False
        kept.last_step = step
        return True

    async def take_recovery(self, user_id: str, digest: bytes, *, now: datetime) -> bool:
        """See `SecondFactorStore.take_recovery`."""
        kept = self._kept.get(user_id)
        if kept is None or kept.codes.get(digest, True):
            return False
        kept.codes[digest] = True
        return True

    async def put_recovery(self, user_id: str, codes: Collection[bytes]) -> None:
        """See `SecondFactorStore.put_recovery`."""
        self._kept[user_id].codes = dict.fromkeys(codes, False)

    async def recovery_left(self, user_id: str) -> int:
        """See `SecondFactorStore.recovery_left`."""
        kept = self._kept.get(user_id)
        return 0 if kept is None else sum(not used for used in kept.codes.values())

    async def remove(self, user_id: str) -> None:
        """See `SecondFactorStore.remove`."""
        self._kept.pop(user_id, None)
        if user_id in self._people.persons:
            self._people.persons[user_id].has_second_factor = False
