"""Files of a run: versions written once, bounded, told of, taken along by forks, gone with their run."""

import hashlib
from datetime import timedelta

import pytest
from pydantic import ValidationError

from flowloom_contracts.files import (
    RunFile,
    RunFileList,
    RunFilePartQuery,
    RunFilesQuery,
    StepFilePartQuery,
    StepFilesQuery,
    WriteRunFile,
    WrittenFileQuery,
    path_problem,
)
from flowloom_contracts.forks import ForkBody, StepOverride
from flowloom_contracts.runs import Run, RunStatus
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.files import (
    FileNotFoundInRunError,
    FileTooLargeError,
    StepNotHeldError,
    TooManyFilesError,
    media_type_of,
)
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow

TWO = workflow("a: {agent: qa, prompt: x}", "b: {agent: qa, prompt: '${steps.a.output}'}")


async def _begun(world: World, source: str = TWO, step: str = "a") -> tuple[Run, int]:
    run = await world.start(source)
    await world.advance(run)
    return run, (await world.claim(run, step)).exec or 0


async def _write(
    world: World, held: tuple[Run, int], path: str, content: bytes, *, key: str, step: str = "a"
) -> RunFile:
    run, exec = held
    return await world.files.write(
        WriteRunFile(run_id=run.id, step=step, exec=exec, path=path, content=content, key=key)
    )


async def _listed(world: World, run: Run, **more: object) -> RunFileList:
    return await world.files.of_run(RunFilesQuery(actor=ACTOR, run_id=run.id).model_copy(update=more))


async def _read(world: World, run: Run, path: str, version: int | None = None) -> bytes:
    query = RunFilePartQuery(actor=ACTOR, run_id=run.id, path=path, version=version, limit=3)
    whole = b""
    while True:
        part = await world.files.part(query)
        whole += part.content
        if part.next_offset is None:
            return whole
        query = query.model_copy(update={"offset": part.next_offset})


async def test_keeps_versions_and_tells_of_each_once(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        first = await _write(world, (run, exec), "out/a.md", b"one", key="key-00001")
        again = await _write(world, (run, exec), "out/a.md", b"one", key="key-00001")
        second = await _write(world, (run, exec), "out/a.md", b"two and more", key="key-00002")
        assert again == first
        assert (first.version, second.version, second.media_type) == (1, 2, "text/markdown")
        assert second.sha256 == hashlib.sha256(b"two and more").hexdigest()
        assert await _read(world, run, "out/a.md") == b"two and more"
        assert await _read(world, run, "out/a.md", 1) == b"one"
        assert [(file.path, file.version) for file in (await _listed(world, run)).items] == [("out/a.md", 2)]
        told = [event for event in (await world.events(run)).items if event.type == "file.written.v1"]
        assert [(event.data.path, event.data.version, event.step) for event in told] == [
            ("out/a.md", 1, "a"),
            ("out/a.md", 2, "a"),
        ]


async def test_says_what_a_key_has_written(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        query = WrittenFileQuery(run_id=run.id, step="a", exec=exec, key="key-00001")
        assert (await world.files.written(query)).file is None
        kept = await _write(world, (run, exec), "a.txt", b"x", key="key-00001")
        assert (await world.files.written(query)).file == kept


async def test_only_who_carries_out_the_step_writes_and_reads(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, old = await _begun(world)
        exec = (await world.claim(run, "a", boot="b")).exec or 0
        assert exec > old
        with pytest.raises(StepNotHeldError):
            await _write(world, (run, old), "a.txt", b"thawed", key="key-00001")
        with pytest.raises(StepNotHeldError):
            await world.files.of_step(StepFilesQuery(run_id=run.id, step="a", exec=old))
        await _write(world, (run, exec), "a.txt", b"mine", key="key-00001")
        await world.complete(run, "a", exec, text="done")
        with pytest.raises(StepNotHeldError):
            await _write(world, (run, exec), "a.txt", b"late", key="key-00002")
        assert await _read(world, run, "a.txt") == b"mine"


async def test_later_steps_read_what_earlier_ones_wrote(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        await _write(world, (run, exec), "a.txt", b"hello", key="key-00001")
        await world.complete(run, "a", exec, text="done")
        await world.advance(run)
        other = (await world.claim(run, "b")).exec or 0
        read = await world.files.part_of_step(
            StepFilePartQuery(run_id=run.id, step="b", exec=other, path="a.txt")
        )
        assert (read.content, read.file.step, read.next_offset) == (b"hello", "a", None)


async def test_refuses_what_does_not_fit(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        with pytest.raises(FileTooLargeError, match=r"4,097 bytes.*at most 4,096"):
            await _write(world, (run, exec), "a.txt", b"x" * 4_097, key="key-large")
        for number in range(2):
            await _write(world, (run, exec), "a.txt", b"x" * 4_096, key=f"key-0000{number}")
        with pytest.raises(TooManyFilesError, match="have 8,192 of 10,240"):
            await _write(world, (run, exec), "b.txt", b"x" * 4_096, key="key-00003")
        for number in range(8):
            await _write(world, (run, exec), f"{number}.txt", b"x", key=f"key-more-{number}")
        with pytest.raises(TooManyFilesError, match="10 versions"):
            await _write(world, (run, exec), "b.txt", b"x", key="key-00004")


async def test_pages_by_path(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        for path in ("b.txt", "Z.txt", "a/x.txt", "ä.txt"):
            await _write(world, (run, exec), path, b"x", key=f"key-of-{path}")
        page = await _listed(world, run, limit=3)
        rest = await _listed(world, run, limit=3, cursor=page.next_cursor)
        assert [file.path for file in page.items] == ["Z.txt", "a/x.txt", "b.txt"]
        assert ([file.path for file in rest.items], rest.next_cursor) == (["ä.txt"], None)


async def test_a_stranger_finds_nothing(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        await _write(world, (run, exec), "a.txt", b"x", key="key-00001")
        stranger = ACTOR.model_copy(update={"workspace_id": "ws-2"})
        with pytest.raises(RunNotFoundError):
            await world.files.of_run(RunFilesQuery(actor=stranger, run_id=run.id))
        with pytest.raises(RunNotFoundError):
            await world.files.part(RunFilePartQuery(actor=stranger, run_id=run.id, path="a.txt"))
        with pytest.raises(FileNotFoundInRunError, match=r"version 7 of 'a\.txt'"):
            await _read(world, run, "a.txt", 7)


async def test_a_fork_takes_the_files_of_what_it_reuses(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world)
        await _write(world, (run, exec), "a.txt", b"of a", key="key-00001")
        await world.complete(run, "a", exec, text="done")
        await world.advance(run)
        other = (await world.claim(run, "b")).exec or 0
        await _write(world, (run, other), "a.txt", b"of b", key="key-00002", step="b")
        await world.complete(run, "b", other, text="done")
        fork = (await world.fork(run, ForkBody(from_step="b"))).run
        assert fork is not None
        assert [(file.version, file.step) for file in (await _listed(world, fork)).items] == [(1, "a")]
        assert await _read(world, fork, "a.txt") == b"of a"
        await world.advance(fork)
        mine = (await world.claim(fork, "b")).exec or 0
        assert (await _write(world, (fork, mine), "a.txt", b"new", key="key-00003", step="b")).version == 2
        assert await _read(world, run, "a.txt") == b"of b"
        given = {"a": StepOverride(output="given")}
        other_fork = (await world.fork(run, ForkBody(from_step="b", overrides=given))).run
        assert other_fork is not None
        assert (await _listed(world, other_fork)).items == []


async def test_files_go_with_their_run(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, exec = await _begun(world, workflow("a: {agent: qa, prompt: x}"))
        await _write(world, (run, exec), "a.txt", b"x", key="key-00001")
        await world.complete(run, "a", exec, text="done")
        await world.advance(run)
        assert await world.status(run) is RunStatus.SUCCEEDED
        await world.relay.settled(run.id)
        removed = await stores.retention.remove_runs(world.clock.now() + timedelta(days=1), limit=10)
        assert removed == 1
        assert await stores.files.get(run.id, "a.txt", None) is None


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "",
        "a\0b",
        "a\nb",
        "a\\b",
        "C:/x",
        " a",
        "a ",
        "a.",
        "a\u202eb",
        "cafe\u0301.md",
        "x" * 101,
        "/".join("abcdefghij"),
        "a?b",
    ],
)
def test_no_file_has_such_a_path(path: str) -> None:
    assert path_problem(path)
    with pytest.raises(ValidationError):
        WriteRunFile(run_id="r", step="a", exec=1, path=path, content=b"", key="key-00001")


@pytest.mark.parametrize("path", ["a", "reports/2026/sommer über alles.md", ".gitignore", "a-b_c(1).csv"])
def test_files_have_plain_paths(path: str) -> None:
    assert path_problem(path) is None


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("a.PNG", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("a.png", b"<script>", "application/octet-stream"),
        ("a.csv", b"\xff\xfe\x00", "application/octet-stream"),
        ("a.svg", b"<svg/>", "image/svg+xml"),
        ("Makefile", b"all:", "text/plain"),
        ("a.py", b"print()", "text/plain"),
    ],
)
def test_the_content_says_what_a_file_is(path: str, content: bytes, expected: str) -> None:
    assert media_type_of(path, content) == expected
