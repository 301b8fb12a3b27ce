"""One real platform for all flows of the browser; each is a file of `frontend/e2e/real`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stack import Stack

PORT_BASE = 24400
LIMIT_S = 700
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the flows on one worker: they share the platform."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.timeout(LIMIT_S))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start everything once; the flows script the mock model themselves."""
    running = Stack(tmp_path_factory.mktemp("platform"), port_base=PORT_BASE)
    try:
        running.start()
        yield running
    finally:
        running.stop()
