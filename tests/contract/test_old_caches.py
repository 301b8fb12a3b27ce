"""What the cache keeps for old versions goes when a new one is made, and not while somebody uses it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import old_caches, setup
from scripts.checks.tree import ROOT

DAY_S = 24 * 3_600


def kept(cache: Path, name: str, *, used_days_ago: float | None) -> Path:
    """Make a folder of the cache; None is one that an older version of the scripts has made."""
    folder = cache / name
    folder.mkdir(parents=True)
    (folder / "large").write_text("x")
    if used_days_ago is not None:
        old_caches.note_use(folder)
        at = time.time() - used_days_ago * DAY_S
        os.utime(folder / old_caches.USED, (at, at))
    return folder


def test_a_new_folder_removes_those_that_nobody_has_used_for_a_month(tmp_path: Path) -> None:
    cache = tmp_path / "mypy"
    old = kept(cache, "old", used_days_ago=31)
    recent = kept(cache, "recent", used_days_ago=29)
    (cache / "lock").touch()
    new = kept(cache, "new", used_days_ago=0)
    assert not old.exists()
    assert sorted(cache.iterdir()) == sorted([cache / "lock", new, recent])


def test_one_that_is_used_again_stays_and_removes_nothing(tmp_path: Path) -> None:
    first = kept(tmp_path, "first", used_days_ago=40)
    second = kept(tmp_path, "second", used_days_ago=None)
    old_caches.note_use(first)
    assert (first / "large").exists() and (second / "large").exists()
    old_caches.note_use(second)
    assert (first / "large").exists(), "it was used just now"


def test_one_of_which_nothing_is_known_has_a_month_from_now(tmp_path: Path) -> None:
    unknown = kept(tmp_path, "unknown", used_days_ago=None)
    os.utime(unknown, (0, 0))
    kept(tmp_path, "new", used_days_ago=0)
    assert (unknown / "large").exists()
    assert time.time() - (unknown / old_caches.USED).stat().st_mtime < DAY_S


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = kept(tmp_path / "elsewhere", "old", used_days_ago=99)
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "link").symlink_to(elsewhere)
    kept(cache, "new", used_days_ago=0)
    assert (elsewhere / "large").exists()


def test_old_dapr_programs_go_when_other_ones_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = kept(tmp_path / "dapr", "1.17.9", used_days_ago=31)
    new = kept(tmp_path / "dapr", "1.18.2-f0d2", used_days_ago=None)
    monkeypatch.setattr(setup, "CACHE", tmp_path)
    monkeypatch.setattr(setup, "DAPR", tmp_path / "dapr.folder")
    monkeypatch.setattr(setup, "find_dapr", lambda: setup.DAPR.write_text(str(new)))
    setup.note_dapr()
    assert not old.exists() and (new / old_caches.USED).exists()


def test_dapr_programs_that_are_not_in_the_cache_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = kept(tmp_path / "own" / "dapr", "bin", used_days_ago=None)
    monkeypatch.setattr(setup, "CACHE", tmp_path)
    monkeypatch.setattr(setup, "DAPR", tmp_path / "dapr.folder")
    for folder in (own, tmp_path / "dapr" / "gone"):
        setup.DAPR.write_text(str(folder))
        setup.note_dapr()
    assert sorted(path.name for path in own.iterdir()) == ["large"]


def test_the_scripts_that_keep_folders_start_by_their_path() -> None:
    for name in ("setup", "frontend", "go_tools"):
        code = f"import runpy; runpy.run_path('scripts/{name}.py', run_name='started')"
        subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=ROOT, check=True, timeout=60)
