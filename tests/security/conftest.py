"""The attacks run on the event loop of the services."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give every asynchronous test here a uvloop."""
    return {"uvloop": uvloop.new_event_loop}
