"""Figures that are asked for when somebody reads the metrics, from the parts that know them."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

from prometheus_client import Gauge

from flowloom_servicekit.database import Database

CONNECTIONS: Final = Gauge(
    "flowloom_database_connections_used", "Connections to Postgres that are at work.", ["pool"]
)
CONNECTIONS_LIMIT: Final = Gauge(
    "flowloom_database_connections_limit", "Connections to Postgres that may be open.", ["pool"]
)


def watch_gauge(gauge: Gauge, read: Callable[[], float], stack: AsyncExitStack) -> None:
    """Have a gauge ask a part as long as the part lives."""
    gauge.set_function(read)
    stack.callback(gauge.set_function, lambda: 0.0)


def watch_database(database: Database, stack: AsyncExitStack) -> None:
    """Show how much of a database's pools is in use."""
    for pool, read, limit in database.usage():
        CONNECTIONS_LIMIT.labels(pool).set(limit)
        watch_gauge(CONNECTIONS.labels(pool), read, stack)
