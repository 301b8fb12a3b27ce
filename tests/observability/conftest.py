"""One real platform that tells everything, and those who listen: a collector, exporters and Prometheus."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from benchmarks.mock_llm.control import MockModel
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.observability.collector import Collector

PORT_BASE = 26000
LIMIT_S = 300
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share the platform on one worker."""
    for item in items:
        if item.path.is_relative_to(HERE) and "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.xdist_group("observed platform"))
            item.add_marker(pytest.mark.timeout(LIMIT_S))


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the services send their traces."""
    with Collector(PORT_BASE + 160) as listening:
        yield listening


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    """Start everything once; every trace is kept."""
    told = {"FLOWLOOM_OTLP_ENDPOINT": f"http://127.0.0.1:{PORT_BASE + 160}", "FLOWLOOM_TRACE_SHARE": "1"}
    running = Stack(tmp_path_factory.mktemp("observed"), port_base=PORT_BASE, env=told)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[PublicApi]:
    """A client with the owner's API key."""
    async with PublicApi(stack.url, stack.api_key) as client:
        yield client


@pytest.fixture
async def model(stack: Stack) -> AsyncIterator[MockModel]:
    """The mock model server, without rules of an earlier test."""
    async with MockModel(stack.mock.url) as control:
        await control.script(keep=False)
        yield control
