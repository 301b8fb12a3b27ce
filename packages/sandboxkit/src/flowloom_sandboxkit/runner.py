"""The pool: gives each program a worker to itself, and replaces workers that cannot be trusted any more."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final, Self

from flowloom_contracts.base import JsonValue
from flowloom_sandboxkit.errors import (
    CodeError,
    CodeMemoryError,
    CodeRefusedError,
    CodeResultError,
    CodeTimeoutError,
    SandboxUnavailableError,
)
from flowloom_sandboxkit.frames import Answer, Question
from flowloom_sandboxkit.isolation import Isolation, Starter, best_starter
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.source import MAX_SOURCE_CHARS, RESULT
from flowloom_sandboxkit.tasks import CodeResult, CodeTask
from flowloom_sandboxkit.values import NotJsonError, decode, encode, is_small
from flowloom_sandboxkit.worker import Worker, WorkerDiedError, WorkerError

log: Final = logging.getLogger(__name__)

READ_BYTES_PER_S: Final = 2 * 1024 * 1024
"""How slowly a worker on a busy machine may take its inputs in before that counts as its program's time."""
LEAST_MEMORY_BYTES: Final = 1024 * 1024
SMALL_VALUE_BYTES: Final = 64 * 1024
ATTEMPTS_WHEN_A_WORKER_DIES: Final = 2
BROKE: Final = (
    "The program broke the sandbox it ran in; nothing else was harmed. "
    "It is probably nested too deeply or builds something very large: make it simpler."
)

StarterFactory = Callable[[SandboxSettings], Awaitable[Starter]]


@dataclass
class Seat:
    """A place in the pool, with its worker once one was needed."""

    worker: Worker | None = None


class CodeRunner:
    """Runs untrusted programs; start it once, share it, stop it at the end. Bound to one event loop."""

    def __init__(
        self, settings: SandboxSettings | None = None, *, find_starter: StarterFactory = best_starter
    ) -> None:
        self._settings = settings or SandboxSettings()
        self._find_starter = find_starter
        self._starter: Starter | None = None
        self._isolation = Isolation("unavailable", "the pool is not started")
        self._seats: asyncio.LifoQueue[Seat] = asyncio.LifoQueue()
        self._every_seat: list[Seat] = []
        self._at_work: set[asyncio.Task[tuple[Answer, bytes]]] = set()
        self._renewals: set[asyncio.Task[None]] = set()

    @property
    def isolation(self) -> Isolation:
        """What stands between programs and this machine; known after `start`."""
        return self._isolation

    async def start(self) -> None:
        """Find out how workers can be started here. Does not raise: without a sandbox, `run` does."""
        try:
            self._starter = await self._find_starter(self._settings)
        except SandboxUnavailableError as error:
            self._isolation = Isolation("unavailable", error.message)
            log.error("code steps cannot run: %s", error.message)
            return
        self._isolation = self._starter.isolation
        self._every_seat = [Seat() for _ in range(self._settings.workers)]
        for seat in self._every_seat:
            self._seats.put_nowait(seat)

    async def stop(self) -> None:
        """Kill every worker and wait until all are gone; programs at work fail."""
        starter, self._starter = self._starter, None
        self._isolation = Isolation("unavailable", "the pool is stopped")
        await _end_all(self._at_work)
        await _end_all(self._renewals)
        workers = [seat.worker for seat in self._every_seat if seat.worker is not None]
        for worker in workers:
            worker.kill()
        await asyncio.gather(*(worker.ended() for worker in workers))
        self._every_seat, self._seats = [], asyncio.LifoQueue()
        if starter is not None:
            starter.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    async def run(self, task: CodeTask) -> CodeResult:
        """Return the value of a program's last expression.

        Waits for a free worker first; that time does not count. Raises `CodeError`, `CodeTimeoutError`,
        `CodeMemoryError`, `CodeRefusedError` (`CodeResultError` for the value) or `SandboxUnavailableError`.
        """
        question, inputs = await self._question(task)
        work = asyncio.create_task(self._attempts(question, inputs))
        self._at_work.add(work)
        try:
            answer, value = await work
        except asyncio.CancelledError:
            if self._starter is None and work.cancelled() and not _is_cancelled():
                raise SandboxUnavailableError(f"The program was ended: {self._isolation.reason}") from None
            raise
        finally:
            self._at_work.discard(work)
        return await self._result(answer, value)

    async def _attempts(self, question: Question, inputs: bytes) -> tuple[Answer, bytes]:
        for _ in range(ATTEMPTS_WHEN_A_WORKER_DIES):
            # A program only computes, so that running it again after an accident changes nothing.
            with contextlib.suppress(WorkerDiedError):
                answer, value = await self._run_once(question, inputs)
                if answer["outcome"] != "crashed":
                    return answer, value
        raise CodeError(BROKE)

    async def _run_once(self, question: Question, inputs: bytes) -> tuple[Answer, bytes]:
        if self._starter is None:
            raise SandboxUnavailableError(f"Programs cannot run: {self._isolation.reason}")
        seat = await self._seats.get()
        worker, keep = seat.worker, False
        try:
            if worker is not None and not worker.is_alive:
                await worker.ended()
                worker = seat.worker = None
            if worker is None:
                worker = seat.worker = await self._starter.start_worker()
            patience = question["time_s"] + self._settings.grace_s + len(inputs) / READ_BYTES_PER_S
            answer, value = await worker.ask(question, inputs, timeout_s=patience)
            keep = not answer["spent"] and worker.tasks_done < self._settings.tasks_per_worker
        except TimeoutError:
            raise CodeTimeoutError(_too_slow(question["time_s"])) from None
        except WorkerDiedError:
            raise
        except WorkerError as error:
            log.warning("a worker of the sandbox said what no worker says: %s", error)
            raise CodeError(BROKE) from error
        finally:
            self._give_back(seat, keep=keep)
        return answer, value

    def _give_back(self, seat: Seat, *, keep: bool) -> None:
        worker = seat.worker
        if keep or worker is None:
            self._seats.put_nowait(seat)
            return
        worker.kill()
        renewal = asyncio.create_task(self._renew(seat, worker))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewals.discard)

    async def _renew(self, seat: Seat, old: Worker) -> None:
        """Put a new worker on a seat before anybody waits for it."""
        seats = self._seats
        try:
            await old.ended()
            seat.worker = None
            if self._starter is not None:
                seat.worker = await self._starter.start_worker()
        except SandboxUnavailableError as error:
            log.error("a worker of the sandbox could not be replaced: %s", error.message)
        finally:
            seats.put_nowait(seat)

    async def _question(self, task: CodeTask) -> tuple[Question, bytes]:
        settings = self._settings
        if len(task.source) > MAX_SOURCE_CHARS:
            raise CodeRefusedError(
                f"The program has {len(task.source):,} characters; {MAX_SOURCE_CHARS:,} are allowed."
            )
        _check_names(task)
        question = Question(
            id=secrets.token_hex(8),
            source=task.source,
            time_s=min(task.time_s, settings.max_time_s),
            memory_bytes=max(LEAST_MEMORY_BYTES, min(task.memory_bytes, settings.max_memory_bytes)),
            max_result_bytes=settings.max_result_bytes,
            max_printed_chars=settings.max_printed_chars,
        )
        try:
            if is_small(task.inputs):
                return question, encode(task.inputs, "with", settings.max_inputs_bytes)
            return question, await asyncio.to_thread(encode, task.inputs, "with", settings.max_inputs_bytes)
        except NotJsonError as error:
            raise CodeRefusedError(f"The inputs cannot enter the program: {error}.") from None

    async def _result(self, answer: Answer, value: bytes) -> CodeResult:
        printed, message = answer["printed"][: self._settings.max_printed_chars + 64], answer["message"]
        place = {"line": answer["line"], "column": answer["column"]}
        match answer["outcome"]:
            case "value":
                return CodeResult(await _decoded(value, printed), printed)
            case "timeout":
                raise CodeTimeoutError(_too_slow(None, message), printed=printed)
            case "memory":
                advice = "Work on less at once, or give the step less to do."
                raise CodeMemoryError(f"{message} {advice}", printed=printed)
            case "refused":
                raise CodeRefusedError(message, printed=printed, **place)
            case "unfit":
                raise CodeResultError(message, printed=printed, **place)
        raise CodeError(message, printed=printed, **place)


def _is_cancelled() -> bool:
    """Return whether somebody cancelled the task that calls this."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _end_all(
    tasks: Collection[asyncio.Task[tuple[Answer, bytes]]] | Collection[asyncio.Task[None]],
) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _check_names(task: CodeTask) -> None:
    for name in task.inputs:
        if not name.isidentifier() or name == RESULT:
            raise CodeRefusedError(
                f"The input {name[:70]!r} cannot be a name in a program: use letters, digits and underscores."
            )
    if not task.time_s > 0:
        raise CodeRefusedError(f"A time limit of {task.time_s} s leaves no time: use more than 0.")


async def _decoded(value: bytes, printed: str) -> JsonValue:
    try:
        if len(value) <= SMALL_VALUE_BYTES:
            return decode(value, "the value")
        return await asyncio.to_thread(decode, value, "the value")
    except NotJsonError as error:
        raise CodeResultError(f"The value cannot leave the program: {error}.", printed=printed) from None


def _too_slow(time_s: float | None, message: str = "") -> str:
    return (
        f"{message or f'The program ran longer than {time_s:g} s.'} Do less at once, or raise its `timeout`."
    )
