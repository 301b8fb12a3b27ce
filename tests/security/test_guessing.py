"""S13: what a wrong guess costs does not tell whether there is such an account."""

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from flowloom_contracts.api import LogIn
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.postgres import running_postgres, service_database
from gateway.adapters.access_tokens import SignedAccessTokens
from gateway.adapters.argon2 import Argon2Passwords
from gateway.adapters.audit_trail import PostgresAuditLog
from gateway.adapters.key_ring import KeyRing, add_key
from gateway.adapters.password_process import PasswordProcess
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_passwords import PostgresPasswordStore
from gateway.adapters.postgres_second_factors import PostgresSecondFactorStore
from gateway.adapters.postgres_throttle import PostgresThrottle
from gateway.adapters.signing_keys import only
from gateway.domain.sign_in import WrongCredentialsError
from gateway.migrate import migrate
from gateway.ports import NewOwner, Visit
from gateway.usecases import sessions
from gateway.usecases.second_factor import SecondFactors

TIMINGS = 100
"""Of accounts that exist, and as many of others."""

DIFFERENCE = 0.1
ADDRESS = "ada@example.org"
KEY = ECKey.generate_key("P-256")


@dataclass
class Door:
    """Signing in with its own parts, over a Postgres of its own."""

    database: Database
    passwords: Argon2Passwords
    folder: Path
    counting: FakeClock

    async def guess(self, email: str, number: int) -> None:
        """Try a wrong password from an address of its own."""
        clock, accounts = SystemClock(), PostgresAccountStore(self.database)
        self.counting.advance(60)  # so that no guess is refused for those before it
        factors = PostgresSecondFactorStore(self.database)
        tokens = SignedAccessTokens(only(KEY), issuer="x", clock=clock)
        with pytest.raises(WrongCredentialsError):
            await sessions.log_in(
                LogIn.model_validate({"email": email, "password": "not the password"}),
                visit=Visit(address=f"10.0.{number // 250}.{number % 250}"),
                accounts=accounts,
                passwords=self.passwords,
                kept_passwords=PostgresPasswordStore(self.database),
                second_factors=SecondFactors(
                    store=factors, vault=KeyRing(self.folder / "vault.keys"), clock=clock
                ),
                throttle=PostgresThrottle(self.database, self.counting),
                issuer=sessions.SessionIssuer(accounts=accounts, tokens=tokens, clock=clock),
                audit=PostgresAuditLog(self.database),
                clock=clock,
            )

    async def cost_s(self, email: str, number: int) -> float:
        """Return the processor time of a guess, here and in the process that hashes."""
        (calm,) = self.passwords._calm[:1]
        before = time.process_time() + _used_s(calm.pid)
        await self.guess(email, number)
        return time.process_time() + _used_s(calm.pid) - before


def _used_s(pid: int | None) -> float:
    """Return how long a process has been on a processor; the usual figure counts in hundredths only."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@asynccontextmanager
async def _door(port: int, folder: Path) -> AsyncIterator[Door]:
    addresses = await service_database(port, "gateway")
    await migrate(addresses.owner_url)
    add_key(folder / "vault.keys")
    database, passwords = Database(addresses.url), Argon2Passwords(late_s=60)
    # The cost is measured and not the wait: behind everybody else it would wait for all that goes on here.
    passwords._calm = [PasswordProcess(is_behind=False)]
    owner = NewOwner(
        user_id=new_id(),
        email=ADDRESS,
        password_hash=await passwords.hash("a long enough password"),
        workspace_id=new_id(),
        workspace="Ada",
    )
    assert await PostgresAccountStore(database).create_owner(owner, now=datetime.now(UTC))
    try:
        yield Door(database, passwords, folder, FakeClock())
    finally:
        await passwords.close()
        await database.close()


@pytest.mark.alone
@pytest.mark.integration
@pytest.mark.timeout(300)
async def test_s13_a_guess_costs_the_same_whether_the_account_exists(tmp_path: Path) -> None:
    costs: dict[str, list[float]] = {"known": [], "unknown": []}
    with running_postgres() as port:
        async with _door(port, tmp_path) as door:
            # The first of each is warm-up: hashes for nobody, statements, connections.
            for number in range(TIMINGS + 1):
                for kind, email in (("known", ADDRESS), ("unknown", f"eve{number}@example.org")):
                    cost = await door.cost_s(email, number)
                    if number > 0:
                        costs[kind].append(cost)
    known, unknown = (statistics.median(costs[kind]) for kind in ("known", "unknown"))
    assert 0.02 < known < 2, "no hash was made"
    assert abs(known / unknown - 1) <= DIFFERENCE, f"{known * 1e3:.1f} ms against {unknown * 1e3:.1f} ms"
