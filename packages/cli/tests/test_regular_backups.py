"""Backups that the platform takes by itself: when one is due, and after one that failed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from flowloom_cli import regular_backups
from flowloom_cli.backup import sets
from flowloom_cli.errors import CliError
from flowloom_cli.settings import Settings

HOUR_S = 3_600.0


class Night:
    """Time passes at once; `waited` is how long was waited, and after so many waits somebody ends it."""

    def __init__(self, waits: int) -> None:
        self.waited: list[float] = []
        self.taken: list[Path] = []
        self.said: list[str] = []
        self._waits = waits

    async def sleep(self, seconds: float) -> None:
        if len(self.waited) == self._waits:
            raise asyncio.CancelledError
        self.waited.append(seconds)

    async def watch(self, root: Path) -> None:
        settings = Settings.load().model_copy(update={"backup_every_hours": 6.0})
        with pytest.raises(asyncio.CancelledError):
            await regular_backups.take_when_due(settings, root, self.said.append)


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Night]:
    def begin(waits: int, *, failures: int = 0) -> Night:
        made = Night(waits)

        async def take(settings: Settings, root: Path) -> None:
            if len(made.said) < failures:
                raise CliError("the disk is full")
            made.taken.append(root)
            _set(root, datetime.now(UTC))

        monkeypatch.setattr(regular_backups, "asyncio", SimpleNamespace(sleep=made.sleep))
        monkeypatch.setattr(regular_backups, "_take", take)
        return made

    return begin


def _set(root: Path, done: datetime) -> Path:
    folder = root / sets.SETS / sets.stamp(done)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = sets.Manifest(
        version="0.1.0",
        created_at=done,
        finished_at=done,
        postgres=18,
        timeline=1,
        first_segment="000000010000000000000001",
        sealed=False,
        verified=True,
        rows={},
        files=[],
    )
    (folder / sets.MANIFEST).write_text(manifest.model_dump_json())
    return folder


async def test_the_first_is_taken_at_once_and_the_next_when_it_is_due(
    tmp_path: Path, night: Callable[..., Night]
) -> None:
    ours = night(2)
    await ours.watch(tmp_path)
    assert ours.taken == [tmp_path] * 2
    assert ours.waited[0] == 0
    assert 5.9 * HOUR_S < ours.waited[1] <= 6 * HOUR_S


async def test_a_restart_neither_repeats_nor_delays_one(tmp_path: Path, night: Callable[..., Night]) -> None:
    _set(tmp_path, datetime.now(UTC) - timedelta(hours=4))
    ours = night(1)
    await ours.watch(tmp_path)
    assert 1.9 * HOUR_S < ours.waited[0] <= 2 * HOUR_S


async def test_one_that_failed_is_told_and_tried_again(tmp_path: Path, night: Callable[..., Night]) -> None:
    ours = night(4, failures=1)
    await ours.watch(tmp_path)
    assert ours.said[0] == "no backup was taken: the disk is full"
    assert ours.waited[:3] == [0, regular_backups.AFTER_A_FAILURE.total_seconds(), 0]
    assert ours.taken[0] == tmp_path


async def test_a_set_that_cannot_be_read_ends_no_backups_to_come(
    tmp_path: Path, night: Callable[..., Night]
) -> None:
    broken = _set(tmp_path, datetime.now(UTC) - timedelta(hours=9)) / sets.MANIFEST
    broken.write_text("{")
    ours = night(2)
    await ours.watch(tmp_path)
    assert ours.waited == [regular_backups.AFTER_A_FAILURE.total_seconds()] * 2
    assert len(ours.said) == 3 and all(line.startswith("no backup was taken: ") for line in ours.said)
