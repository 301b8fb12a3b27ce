"""Switches on what a process tells: logs always, metrics and traces where somebody reads them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flowloom_servicekit.metrics import serve_metrics
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.telemetry import configure_logging
from flowloom_servicekit.tracing import record_with


@contextmanager
def observed(service: str, settings: ServiceSettings) -> Iterator[None]:
    """Let the process be seen while the block runs."""
    configure_logging(service, settings.log_level)
    with ExitStack() as stack:
        if settings.metrics_port:
            stack.callback(serve_metrics(settings.metrics_host, settings.metrics_port))
        if settings.otlp_endpoint:
            _record(service, settings, stack)
        yield


def _record(service: str, settings: ServiceSettings, stack: ExitStack) -> None:
    # Not at the top: a process whose traces nobody reads shall not pay for the SDK.
    from flowloom_servicekit.trace_export import SdkRecorder

    recorder = SdkRecorder.to_collector(service, settings.otlp_endpoint, share=settings.trace_share)
    record_with(recorder)
    stack.callback(recorder.close)
    stack.callback(record_with, None)
