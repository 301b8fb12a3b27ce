"""Traces and the names in log lines: how they begin, travel, and are kept."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.dapr.workflows import traced_activity
from flowloom_servicekit.metrics import serve_metrics
from flowloom_servicekit.trace_export import SdkRecorder, TailSampling
from flowloom_servicekit.tracing import (
    TraceContext,
    about,
    attached,
    bind,
    carrier,
    current,
    entered,
    keep,
    names,
    record_with,
    span,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADERS = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-00", "baggage": "tenant=w1,run=r%2F1,colour=red"}


class Recording:
    """A recorder whose kept spans can be looked at."""

    def __init__(self, share: float) -> None:
        self.exporter = InMemorySpanExporter()
        self.recorder = SdkRecorder("test", self.exporter, share=share)

    def names(self) -> list[str]:
        self.recorder.flush()
        return [one.name for one in self.exporter.get_finished_spans()]


@pytest.fixture
def every() -> Iterator[Recording]:
    yield from _recording(1.0)


@pytest.fixture
def few() -> Iterator[Recording]:
    yield from _recording(0.0)


def _recording(share: float) -> Iterator[Recording]:
    made = Recording(share)
    record_with(made.recorder)
    yield made
    record_with(None)
    made.recorder.close()


def test_a_request_without_a_trace_begins_one() -> None:
    with entered({}, method="GET", is_recorded=True) as entry:
        assert len(entry.place.trace_id) == 32
        assert names()["trace"] == entry.place.trace_id
        assert carrier()["traceparent"] == entry.place.header()
    assert current() is None


def test_names_travel_beside_the_trace() -> None:
    with attached(HEADERS), about():
        bind(step="polish[1].check")
        assert names() == {
            "trace": TRACE,
            "tenant": "w1",
            "run": "r/1",
            "step": "polish[1].check",
        }
        carried = carrier()
    assert carried["baggage"] == "tenant=w1,run=r%2F1,step=polish%5B1%5D.check"
    assert TraceContext.parsed(carried["traceparent"]) == TraceContext.parsed(HEADERS["traceparent"])


@pytest.mark.parametrize(
    "header", ["", "00-x-y-00", f"00-{'0' * 32}-b7ad6b7169203331-00", f"01-{TRACE}-b7ad6b7169203331-00"]
)
def test_what_is_no_trace_is_none(header: str) -> None:
    with attached({"traceparent": header, "baggage": "tenant=w1"}):
        assert current() is None
        assert carrier() == {}
        assert names() == {}


def test_names_end_with_their_block() -> None:
    with about(run="r1", step=None):
        assert names() == {"run": "r1"}
    assert names() == {}


def test_spans_cost_nothing_where_nobody_records() -> None:
    with attached(HEADERS), span("work", kind="internal") as work:
        work.put("a", 1)
        assert current() == TraceContext.parsed(HEADERS["traceparent"])


def test_spans_are_children_of_what_surrounds_them(every: Recording) -> None:
    with attached(HEADERS), span("outer", kind="consumer"), span("inner", kind="client", size=3):
        pass
    every.recorder.flush()
    inner, outer = every.exporter.get_finished_spans()
    assert (inner.name, outer.name) == ("inner", "outer")
    assert inner.parent is not None and outer.parent is not None
    assert inner.context is not None and f"{inner.context.trace_id:032x}" == TRACE
    assert outer.context is not None and inner.parent.span_id == outer.context.span_id
    assert f"{outer.parent.span_id:016x}" == "b7ad6b7169203331"
    assert inner.attributes == {"size": 3}


def test_a_request_is_named_by_its_route(every: Recording) -> None:
    with entered({}, method="GET", is_recorded=True) as entry:
        entry.answered("GET", "/v1/runs/{run_id}", 200)
    assert every.names() == ["GET /v1/runs/{run_id}"]


def test_traces_without_failure_are_dropped_outside_the_share(few: Recording) -> None:
    with attached(HEADERS), span("outer", kind="consumer"), span("inner", kind="client"):
        pass
    assert few.names() == []


def test_a_failure_keeps_the_whole_trace_and_tells_the_next_process(few: Recording) -> None:
    with attached(HEADERS), span("outer", kind="consumer"):
        with pytest.raises(ValueError, match="no"), span("inner", kind="client"):
            raise ValueError("no")
        assert carrier()["traceparent"].endswith("-01")
    assert sorted(few.names()) == ["inner", "outer"]
    with attached(HEADERS), span("later", kind="consumer"):
        pass
    assert "later" in few.names()


def test_an_abandoned_call_is_no_failure(few: Recording) -> None:
    with pytest.raises(asyncio.CancelledError), span("call", kind="client"):
        raise asyncio.CancelledError
    assert few.names() == []


def test_a_marked_trace_is_kept_here_and_further_on(few: Recording) -> None:
    with entered({}, method="POST", is_recorded=True) as entry:
        keep()
        carried = carrier()
        entry.answered("POST", "/runs", 202)
    assert carried["traceparent"].endswith("-01")
    with attached({"traceparent": f"00-{'ab' * 16}-b7ad6b7169203331-01"}), span("told", kind="consumer"):
        pass
    assert sorted(few.names()) == ["POST /runs", "told"]


def test_every_process_keeps_the_same_share() -> None:
    sampling = TailSampling(SimpleSpanProcessor(InMemorySpanExporter()), 0.05)
    kept = sum(sampling.is_kept(int(TraceContext.new().trace_id, 16)) for _ in range(4000))
    assert 100 < kept < 320


async def test_an_activity_goes_on_in_the_trace_that_its_input_brings() -> None:
    seen: list[object] = []

    async def body(input: JsonObject) -> JsonObject:
        seen.extend([input, names()])
        return {}

    await traced_activity("advance", {"run_id": "r1", "trace": {**HEADERS}}, body)
    assert seen == [{"run_id": "r1"}, {"trace": TRACE, "tenant": "w1", "run": "r1"}]


async def test_metrics_are_read_on_a_port_of_their_own() -> None:
    stop = serve_metrics("127.0.0.1", port := 28473)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    finally:
        await asyncio.to_thread(stop)
    assert b"flowloom_requests_served_total" in answer
