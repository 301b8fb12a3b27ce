"""The metrics that every service has, and the port of its own on which they are read."""

from collections.abc import Callable

from prometheus_client import Counter, Histogram, start_http_server

REQUESTS_SERVED = Counter(
    "flowloom_requests_served_total",
    "Requests by route and status.",
    ["service", "method", "route", "status"],
)
REQUESTS_SECONDS = Histogram(
    "flowloom_requests_served_seconds",
    "Time until the answer began, by route.",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
EVENTS_HANDLED = Counter(
    "flowloom_events_handled_total", "Deliveries of a topic by outcome.", ["topic", "outcome"]
)
ACTIVITIES_RUN = Counter(
    "flowloom_activities_run_total", "Bodies of engine activities by outcome.", ["activity", "outcome"]
)
BACKGROUND_BROKEN = Counter(
    "flowloom_background_broken_total", "Work beside requests that broke and was begun again.", ["work"]
)


def serve_metrics(host: str, port: int) -> Callable[[], None]:
    """Serve the metrics of this process, and nothing else, until the returned function is called."""
    server, thread = start_http_server(port, addr=host)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
