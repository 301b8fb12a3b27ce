"""Sets on disk: which one is taken, what is dropped, and what a damaged one is answered with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowloom_cli.backup import retention, sealing, sets
from flowloom_cli.errors import CliError, UsageError

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MakeSet = Callable[..., sets.BackupSet]


@pytest.fixture
def a_set(tmp_path: Path) -> MakeSet:
    """Write a set that was finished some hours after noon."""

    def make(hours: int, *, verified: bool = True, timeline: int = 1, segment: int = 0) -> sets.BackupSet:
        done = NOON + timedelta(hours=hours)
        folder = tmp_path / sets.SETS / sets.stamp(done)
        folder.mkdir(parents=True)
        (folder / "base.tar.gz").write_bytes(b"databases")
        manifest = sets.Manifest(
            version="0.1.0",
            created_at=done,
            finished_at=done,
            postgres=18,
            timeline=timeline,
            first_segment=sets.segment_of(timeline, f"0/{segment << 24:X}"),
            sealed=False,
            verified=verified,
            rows={},
            files=[sets.describe(folder / "base.tar.gz")],
        )
        (folder / sets.MANIFEST).write_text(manifest.model_dump_json())
        return sets.read(folder)

    return make


def test_a_position_names_its_segment() -> None:
    assert sets.segment_of(1, "0/2000028") == "000000010000000000000002"
    assert sets.segment_of(3, "1A/FF000000") == "000000030000001A000000FF"


def test_the_newest_set_before_a_moment_is_chosen(tmp_path: Path, a_set: MakeSet) -> None:
    first, second = a_set(0), a_set(2)
    assert sets.choose(tmp_path, until=None) == second
    assert sets.choose(tmp_path, until=NOON + timedelta(hours=1)) == first
    assert sets.choose(first.folder, until=None) == first
    with pytest.raises(UsageError, match="no complete backup finished before"):
        sets.choose(tmp_path, until=NOON - timedelta(hours=1))


def test_a_set_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / sets.SETS / "20260501T120000Z").mkdir(parents=True)
    assert sets.sets_in(tmp_path) == []


def test_a_damaged_or_missing_file_is_named(a_set: MakeSet) -> None:
    one = a_set(0)
    sets.require_whole(one)
    (one.folder / "base.tar.gz").write_bytes(b"databasez")
    with pytest.raises(CliError, match=r"base\.tar\.gz is not the file that was backed up"):
        sets.require_whole(one)
    (one.folder / "base.tar.gz").unlink()
    with pytest.raises(CliError, match=r"base\.tar\.gz is missing"):
        sets.require_whole(one)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}'])
def test_a_damaged_manifest_is_named(a_set: MakeSet, text: str) -> None:
    one = a_set(0)
    (one.folder / sets.MANIFEST).write_text(text)
    with pytest.raises(CliError, match="cannot be read"):
        sets.read(one.folder)


def test_a_set_of_a_later_version_is_left_to_that_version(a_set: MakeSet) -> None:
    one = a_set(0)
    text = (one.folder / sets.MANIFEST).read_text().replace('"format":1', '"format":2')
    (one.folder / sets.MANIFEST).write_text(text)
    with pytest.raises(CliError, match="later version"):
        sets.read(one.folder)


def test_the_last_sets_are_kept_and_the_archive_that_they_need(tmp_path: Path, a_set: MakeSet) -> None:
    for hours in range(4):
        a_set(hours, segment=hours + 1)
    folder = sets.wal_folder(tmp_path, 1)
    folder.mkdir(parents=True)
    names = [f"{sets.segment_of(1, f'0/{n << 24:X}')}.gz" for n in range(5)]
    for name in names:
        (folder / name).touch()
    retention.apply(tmp_path, keep=2)
    assert [one.folder.name for one in sets.sets_in(tmp_path)] == ["20260501T140000Z", "20260501T150000Z"]
    assert [path.name for path in sets.archived(tmp_path, 1)] == names[3:]


def test_the_newest_proved_set_outlives_unproved_ones(tmp_path: Path, a_set: MakeSet) -> None:
    proved = a_set(0)
    a_set(1, verified=False)
    newest = a_set(2, verified=False)
    retention.apply(tmp_path, keep=1)
    assert sets.sets_in(tmp_path) == [proved, newest]


def test_an_archive_that_no_set_needs_is_dropped(tmp_path: Path, a_set: MakeSet) -> None:
    a_set(0, timeline=2)
    for timeline in (1, 2, 3):
        sets.wal_folder(tmp_path, timeline).mkdir(parents=True)
    retention.apply(tmp_path, keep=1)
    assert [sets.wal_folder(tmp_path, number).exists() for number in (1, 2, 3)] == [False, True, True]


def test_a_sealed_file_opens_with_its_key_alone(tmp_path: Path) -> None:
    public = sealing.new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    sealing.new_key(tmp_path / "other")
    plain, opened = tmp_path / "base.tar.gz", tmp_path / "opened"
    plain.write_bytes(b"secret" * 50_000)
    sealed = sealing.packed(plain, sealing.recipients([public]))
    assert sealed.name == "base.tar.gz.gz.age"
    assert not plain.exists()
    assert b"secret" not in sealed.read_bytes()
    sealing.unpacked(sealed, opened, sealing.identities(tmp_path / "key"))
    assert opened.read_bytes() == b"secret" * 50_000
    with pytest.raises(UsageError, match="does not open with that key"):
        sealing.unpacked(sealed, opened, sealing.identities(tmp_path / "other"))
    with pytest.raises(UsageError, match="is sealed"):
        sealing.unpacked(sealed, opened, [])


def test_keys_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("remember the milk\n")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(UsageError, match="no public key"):
        sealing.recipients(["age1nonsense"])
    for name in ("notes", "empty", "absent"):
        with pytest.raises(UsageError, match="holds no key"):
            sealing.identities(tmp_path / name)
    sealing.new_key(tmp_path / "key")
    with pytest.raises(UsageError, match="exists"):
        sealing.new_key(tmp_path / "key")
