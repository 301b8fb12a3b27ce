"""Keep the last backups and the archive that they need, and drop what is older."""

import shutil
from pathlib import Path

from flowloom_cli.backup import sets


def apply(root: Path, *, keep: int) -> None:
    """Drop all but the newest `keep` sets, and every WAL segment from before the oldest that stays.

    The newest proved set always stays, however old it is: an unproved one may turn out to be none.
    """
    found = sets.sets_in(root)
    proved = [one for one in found if one.manifest.verified]
    kept = {one.folder for one in found[-max(keep, 1) :]} | {one.folder for one in proved[-1:]}
    for one in found:
        if one.folder not in kept:
            shutil.rmtree(one.folder)
    remaining = [one for one in found if one.folder in kept]
    if remaining:
        _drop_archive(root, remaining)


def _drop_archive(root: Path, kept: list[sets.BackupSet]) -> None:
    first = {one.manifest.timeline: one.manifest.first_segment for one in reversed(kept)}
    newest = max(first)
    for folder in (root / sets.WAL).glob("timeline-*"):
        timeline = int(folder.name.removeprefix("timeline-"))
        if timeline not in first and timeline < newest:
            shutil.rmtree(folder)
            continue
        for segment in sets.archived(root, timeline):
            if segment.name[:24] < first.get(timeline, "") and not segment.name.endswith(".history"):
                segment.unlink()
