"""One real platform for all tests of this folder, and clients of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from benchmarks.mock_llm.control import MockModel
from flowloom_servicekit.ids import new_id
from tests.integration import recovery
from tests.integration.api import PublicApi
from tests.integration.stack import Stack

PORT_BASE = 24000
LIMIT_S = 240
"""The first test of a session starts the platform inside its own limit."""

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker: they share the platform and do faults to it."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.xdist_group("platform"))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(LIMIT_S))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start everything once; the mock model answers in step mode unless a test scripts it."""
    running = Stack(tmp_path_factory.mktemp("platform"), port_base=PORT_BASE)
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


@pytest.fixture
def key() -> str:
    """A text that no other test's prompts contain."""
    return new_id()[-12:]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long the platform took to recover from each fault, beside what is promised."""
    if recovery.RECORDED:
        terminalreporter.section("recovery times (promise G6)")
        for measured in recovery.RECORDED:
            terminalreporter.write_line(str(measured))
