"""Sends the traces that are worth keeping to an OpenTelemetry collector; imported only where one is named."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from opentelemetry import trace as api
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from flowloom_servicekit.tracing import AttributeValue, Kind, Recorded, TraceContext

MAX_TRACES: Final = 2_000
MAX_SPANS: Final = 1_000
EXPORT_SECONDS: Final = 5
_KINDS: Final = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
_SCALE: Final = 1 << 64


@dataclass(slots=True)
class _Trace:
    open: int = 0
    ended: list[ReadableSpan] = field(default_factory=list)


class TailSampling(SpanProcessor):
    """Holds the spans of a trace until nothing of it is open in this process, and then keeps or drops them.

    Kept are a share of all traces, the same in every process because the trace id decides; traces in which
    anything failed; and those that the caller marks as kept (the flag of W3C Trace Context), which is how
    the processes after a failure and those of a debugged run learn of it.
    """

    def __init__(self, export: SpanProcessor, share: float) -> None:
        self._export = export
        self._below = int(share * _SCALE)
        self._lock = threading.Lock()
        self._traces: OrderedDict[int, _Trace] = OrderedDict()
        self._kept: OrderedDict[int, None] = OrderedDict()

    def is_kept(self, trace_id: int) -> bool:
        """Tell whether a trace is kept for sure."""
        return (trace_id & (_SCALE - 1)) < self._below or trace_id in self._kept

    def keep(self, trace_id: int) -> None:
        """Keep a trace, also what of it has not begun."""
        with self._lock:
            self._kept[trace_id] = None
            if len(self._kept) > MAX_TRACES:
                self._kept.popitem(last=False)

    def on_start(self, span: Span, parent_context: object = None) -> None:
        """Count an open span."""
        trace_id = span.get_span_context().trace_id
        with self._lock:
            self._traces.setdefault(trace_id, _Trace()).open += 1
            if len(self._traces) > MAX_TRACES:
                self._traces.popitem(last=False)

    def on_end(self, span: ReadableSpan) -> None:
        """Hold an ended span, and decide when it was the last open one."""
        context = span.get_span_context()
        if context is None:
            return
        trace_id = context.trace_id
        if span.status.status_code is StatusCode.ERROR:
            self.keep(trace_id)
        with self._lock:
            held = self._traces.get(trace_id)
            if held is None:
                ended = [span]
            else:
                held.open -= 1
                if len(held.ended) < MAX_SPANS:
                    held.ended.append(span)
                if held.open > 0 and not self.is_kept(trace_id):
                    return
                ended, held.ended = held.ended, []
                if held.open <= 0:
                    del self._traces[trace_id]
        if self.is_kept(trace_id):
            for one in ended:
                self._export.on_end(one)

    def shutdown(self) -> None:
        """Send what is kept, and end."""
        self._export.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is kept."""
        return self._export.force_flush(timeout_millis)


class SdkSpan:
    """See `Recorded`; a span of the OpenTelemetry SDK."""

    def __init__(self, span: api.Span, *, is_kept: bool) -> None:
        self._span = span
        context = span.get_span_context()
        self.context = TraceContext(f"{context.trace_id:032x}", f"{context.span_id:016x}", is_kept)

    def put(self, name: str, value: AttributeValue) -> None:
        """See `Recorded.put`."""
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """See `Recorded.rename`."""
        self._span.update_name(name)

    def end(self, failure: str | None) -> None:
        """See `Recorded.end`."""
        if failure is not None:
            self._span.set_attribute("error.type", failure)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class SdkRecorder:
    """See `Recorder`; one per process, and never the SDK's global provider: libraries share that."""

    def __init__(self, service: str, exporter: SpanExporter, *, share: float) -> None:
        self._tail = TailSampling(BatchSpanProcessor(exporter), share)
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource.create({"service.name": service, "service.namespace": "flowloom"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(self._tail)
        self._tracer = self._provider.get_tracer("flowloom")

    @classmethod
    def to_collector(cls, service: str, endpoint: str, *, share: float) -> "SdkRecorder":
        """Return a recorder for a collector's OTLP address over HTTP, such as `http://127.0.0.1:4318`."""
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        return cls(service, exporter, share=share)

    def begin(
        self, name: str, kind: Kind, parent: TraceContext | None, attributes: Mapping[str, AttributeValue]
    ) -> Recorded:
        """See `Recorder.begin`."""
        if parent is not None and parent.is_kept:
            self._tail.keep(int(parent.trace_id, 16))
        context = None if parent is None else api.set_span_in_context(_remote(parent))
        span = self._tracer.start_span(name, context=context, kind=_KINDS[kind], attributes={**attributes})
        trace_id = span.get_span_context().trace_id
        return SdkSpan(span, is_kept=self._tail.is_kept(trace_id))

    def keep(self, trace_id: str) -> None:
        """See `Recorder.keep`."""
        self._tail.keep(int(trace_id, 16))

    def is_kept(self, trace_id: str) -> bool:
        """See `Recorder.is_kept`."""
        return self._tail.is_kept(int(trace_id, 16))

    def flush(self) -> None:
        """Send what is kept now."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what is kept; waits no longer than an export may take."""
        self._provider.shutdown()


def _remote(parent: TraceContext) -> api.NonRecordingSpan:
    return api.NonRecordingSpan(
        SpanContext(
            int(parent.trace_id, 16),
            int(parent.span_id, 16),
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
    )
