"""Passwords are hashed behind everybody else, and nobody waits for ever for one."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from flowloom_servicekit.testing.waiting import wait_until
from gateway.adapters import argon2, password_program
from gateway.adapters.argon2 import Argon2Passwords
from gateway.adapters.password_process import PasswordProcess, PasswordsUnwellError
from gateway.domain.sign_in import TooManySignInsError
from gateway.testing.gateway import FakeGateway

PASSWORD = "a long enough password"
USUAL = "$argon2id$v=19$m=65536,t=3,p=1$"


@pytest.fixture
async def passwords() -> AsyncIterator[Argon2Passwords]:
    hashing = Argon2Passwords(max_waiting=1)
    yield hashing
    await hashing.close()


@pytest.fixture
async def process() -> AsyncIterator[PasswordProcess]:
    one = PasswordProcess(is_behind=True)
    yield one
    await one.end()


async def test_hashes_passwords_with_argon2id(passwords: Argon2Passwords) -> None:
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith(USUAL)
    assert await passwords.matches(PASSWORD, stored)
    assert not await passwords.matches("another password", stored)
    assert not await passwords.matches(PASSWORD, None)
    assert not await passwords.matches(PASSWORD, "not a hash")
    assert await passwords.matches("línea\n\U0001f600", await passwords.hash("línea\n\U0001f600"))


async def test_renews_a_hash_of_older_parameters(passwords: Argon2Passwords) -> None:
    older = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
    assert await passwords.matches(PASSWORD, older)
    async with passwords.turn() as turn:
        renewed = await turn.renewed(PASSWORD, older)
        assert renewed is not None and renewed.startswith(USUAL)
        assert await turn.renewed(PASSWORD, renewed) is None


async def test_refuses_who_would_wait_too_long_and_spreads_when_they_come_again(
    passwords: Argon2Passwords,
) -> None:
    many = await asyncio.gather(*(passwords.hash("x") for _ in range(8)), return_exceptions=True)
    waits = [one.retry_after for one in many if isinstance(one, TooManySignInsError)]
    assert len(waits) == 8 - len([one for one in many if isinstance(one, str)]) >= 5
    assert len(set(waits)) == len(waits) and all(wait and 1 <= wait <= argon2.MAX_WAIT_S for wait in waits)
    under_way = [asyncio.create_task(passwords.hash("x")) for _ in range(passwords._places)]
    await wait_until(lambda: passwords._free == 0)
    with pytest.raises(TooManySignInsError):
        async with passwords.turn():
            pass
    await asyncio.gather(*under_way)


async def test_lets_as_many_have_a_turn_as_there_are_processes_whatever_they_do_in_it() -> None:
    passwords, may_end = Argon2Passwords(max_waiting=3), asyncio.Event()
    at_work: list[int] = []

    async def sign_in(number: int) -> None:
        async with passwords.turn():
            at_work.append(number)
            await may_end.wait()
            at_work.remove(number)

    crowd = [asyncio.create_task(sign_in(number)) for number in range(passwords._places)]
    await wait_until(lambda: len(at_work) == passwords._at_once)
    assert passwords._free == 0 and at_work == [*range(passwords._at_once)]
    crowd[-1].cancel()  # who leaves the line leaves a place in it
    await asyncio.gather(crowd[-1], return_exceptions=True)
    assert passwords._free == 1
    may_end.set()
    await asyncio.gather(*crowd[:-1])
    assert _has_room(passwords)


async def test_keeps_the_process_of_who_gives_up_until_it_has_answered() -> None:
    passwords = Argon2Passwords(late_s=60)
    passwords._calm = [PasswordProcess(is_behind=False)]  # it shall not wait for all that goes on here
    stored = await passwords.hash(PASSWORD)
    pid = passwords._calm[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    given_up = asyncio.create_task(passwords.matches(PASSWORD, stored))
    await wait_until(lambda: any(one.under_way is not None for one in passwords._working.values()))
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert given_up.cancelled() and len(passwords._working) == 1
    os.kill(pid, signal.SIGCONT)
    await wait_until(lambda: _has_room(passwords), timeout_s=30)
    assert not await passwords.matches("another password", stored)
    await passwords.close()


async def test_gives_back_the_place_of_who_has_gone(passwords: Argon2Passwords) -> None:
    for _ in range(3):
        gone = [asyncio.create_task(passwords.hash("x")) for _ in range(2)]
        await asyncio.sleep(0)
        for one in gone:
            one.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        await wait_until(lambda: _has_room(passwords))
    assert await passwords.matches(PASSWORD, await passwords.hash(PASSWORD))


def _has_room(passwords: Argon2Passwords) -> bool:
    return passwords._free == passwords._places


async def test_hurries_where_a_hash_takes_too_long_behind_everybody() -> None:
    passwords = Argon2Passwords(late_s=0.001)
    assert (await passwords.hash(PASSWORD)).startswith(USUAL)
    assert passwords._hurried.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, passwords._hurried.pid) == os.nice(0)
    await passwords.close()


async def test_is_behind_everybody_as_process_and_as_session(process: PasswordProcess) -> None:
    await process.ask(PASSWORD, None)
    assert process.pid is not None
    assert os.sched_getscheduler(process.pid) == os.SCHED_IDLE
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
    assert os.getsid(process.pid) != os.getsid(0)
    assert _niceness_of_session(process.pid) in {None, "nice 19"}


def _niceness_of_session(pid: int) -> str | None:
    session = Path(f"/proc/{pid}/autogroup")
    return session.read_text().strip().partition(" ")[2] if session.exists() else None


async def test_starts_another_where_one_has_died(process: PasswordProcess) -> None:
    stored = await process.ask(PASSWORD, None)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert await process.ask(PASSWORD, stored) == stored
    assert process.pid != first


async def test_says_so_where_every_one_dies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(password_program, "__file__", str(broken))
    with pytest.raises(PasswordsUnwellError) as refused:
        await PasswordProcess(is_behind=True).ask(PASSWORD, None)
    assert (refused.value.status, refused.value.retry_after) == (503, 2)


async def test_is_gone_when_nobody_asks() -> None:
    process = PasswordProcess(is_behind=True, rest_s=0.05)
    await process.ask(PASSWORD, None)
    pid = process.pid
    assert pid is not None
    await wait_until(lambda: not psutil.pid_exists(pid))


async def test_is_gone_with_its_gateway(process: PasswordProcess) -> None:
    await process.ask(PASSWORD, None)
    running = process._process
    assert running is not None and running.stdin is not None
    running.stdin.close()  # as when the gateway is killed: nobody is left who could end it
    assert await asyncio.wait_for(running.wait(), 20) == 0


async def test_refuses_a_sign_in_without_room_before_anything_is_counted(
    gateway: FakeGateway, stranger: httpx.AsyncClient
) -> None:
    gateway.throttle.limit = 0
    gateway.passwords.is_full = True
    answer = await stranger.post("/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert gateway.passwords.comparisons == 0


async def test_does_all_of_a_sign_in_within_its_turn(
    gateway: FakeGateway, owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def watched(of: object, name: str) -> None:
        work = getattr(of, name)

        async def noted(*arguments: object, **named: object) -> object:
            asked.append((name, gateway.passwords.turns))
            return await work(*arguments, **named)

        monkeypatch.setattr(of, name, noted)

    for of, name in (
        (gateway.throttle, "admit"),
        (gateway.accounts, "find_account"),
        (gateway.throttle, "forgive"),
        (gateway.accounts, "open_session"),
    ):
        watched(of, name)
    answer = await owner.post("/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert asked == [("admit", 1), ("find_account", 1), ("forgive", 1), ("open_session", 1)]
    assert gateway.passwords.turns == 0
