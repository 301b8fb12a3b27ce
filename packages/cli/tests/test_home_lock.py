"""One supervisor a home."""

import os
from pathlib import Path

import pytest

from flowloom_cli.errors import AlreadyRunningError
from flowloom_cli.supervision.home_lock import HomeLock


def test_names_the_holder_when_the_home_is_taken(tmp_path: Path) -> None:
    first = HomeLock(tmp_path)
    first.take()
    assert HomeLock(tmp_path).holder() == os.getpid()
    with pytest.raises(AlreadyRunningError, match=f"supervisor pid {os.getpid()}"):
        HomeLock(tmp_path).take()
    first.release()
    assert HomeLock(tmp_path).holder() is None
    second = HomeLock(tmp_path)
    second.take()
    second.release()
