"""Fifty people with passwords in a running platform, and how they sign in again and again."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from benchmarks.core.databases import dsn_of_owner
from benchmarks.core.kept_connections import KeptConnection, connect, request_text
from benchmarks.core.site import Site
from flowloom_servicekit.ids import new_id
from gateway.adapters.argon2 import Argon2Passwords

PASSWORD = "a long enough password of somebody"
USER = """
insert into gateway.users (id, email, email_key, password_hash, created_at)
values (cast($1 as uuid), $2, $2, $3, $4)
"""
MEMBER = """
insert into gateway.members (workspace_id, user_id, role, created_at)
values (cast($1 as uuid), cast($2 as uuid), 'viewer', $3)
"""


async def add_people(site: Site, workspace_id: str, count: int) -> list[str]:
    """Add members to a workspace and return their addresses; one hash serves for all."""
    passwords = Argon2Passwords()
    stored, now = await passwords.hash(PASSWORD), datetime.now(UTC)
    await passwords.close()
    people = [(new_id(), f"person-{number}@example.org") for number in range(count)]
    database = await asyncpg.connect(dsn_of_owner(site.platform, "gateway"))
    await database.executemany(USER, [(user, email, stored, now) for user, email in people])
    await database.executemany(MEMBER, [(workspace_id, user, now) for user, _ in people])
    await database.close()
    return [email for _, email in people]


class Crowd:
    """People who sign in at once, each from an address of their own, and start again when they are in."""

    def __init__(self, doors: list[KeptConnection]) -> None:
        self._doors = doors
        self.answers: Counter[int] = Counter()
        """How often each status came."""

    @asynccontextmanager
    async def signing_in(self) -> AsyncIterator[None]:
        """Sign in all the time inside the block; what is under way ends with it."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for door in self._doors:
                group.create_task(self._repeat(door, over))
            try:
                yield
            finally:
                over.set()

    async def _repeat(self, door: KeptConnection, over: asyncio.Event) -> None:
        while not over.is_set():
            answer = await door.ask()
            self.answers[answer.status] += 1
            wait_s = float(answer.header(b"retry-after") or 0)
            # Who is refused waits as long as they were told, and no longer than the block.
            try:
                async with asyncio.timeout(wait_s):
                    await over.wait()
            except TimeoutError:
                continue

    def close(self) -> None:
        for door in self._doors:
            door.close()


async def gather_crowd(site: Site, emails: list[str]) -> Crowd:
    """Open a connection for each person, as if each sat at a machine of their own."""
    base_url = site.platform.base_url
    doors = []
    for number, email in enumerate(emails, start=1):
        body = json.dumps({"email": email, "password": PASSWORD}).encode()
        request = request_text(base_url, "/v1/auth/login", body=body)
        doors.append(await connect(base_url, request, from_address=f"127.0.1.{number}"))
    return Crowd(doors)
