"""Text of a step reaches its stream in order, in small batches, with offsets that add up."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from flowloom_contracts.events import RunEvent, StepDelta
from flowloom_modelkit import deltas
from flowloom_modelkit.deltas import DeltaBatcher
from flowloom_modelkit.journal import StepRef
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.streams.errors import StreamLostError
from flowloom_servicekit.testing.waiting import wait_until

STEP = StepRef("r1", "plan", 1, 7)


class RecordingWriter:
    """Keeps each batch; answers with an epoch, None to refuse, or a failure."""

    def __init__(self, *answers: int | Exception | None) -> None:
        self.answers = list(answers) or [1]
        self.batches: list[list[str]] = []
        self.turns: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def append_deltas(
        self, stream: str, step: str, exec: int, bodies: Sequence[str], *, turn: int = 0
    ) -> int | None:
        await self.gate.wait()
        self.turns.append(turn)
        assert (stream, step, exec) == ("run:r1", "plan", 7)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.batches.append(list(bodies))
        return answer

    def deltas(self) -> list[tuple[str, int, str]]:
        data = [json.loads(body)["data"] for batch in self.batches for body in batch]
        return [(d["channel"], d["offset"], d["text"]) for d in data]


async def test_sends_the_first_piece_at_once_and_the_next_ones_together() -> None:
    writer, stop = RecordingWriter(), StopSignal()
    batcher = DeltaBatcher(writer, STEP, stop)
    batcher.add("Be")
    await wait_until(lambda: len(writer.batches) == 1, timeout_s=5)
    for piece in ("cause", " it", " is."):
        batcher.add(piece)
    await batcher.close()
    assert writer.deltas() == [("answer", 0, "Be"), ("answer", 2, "cause it is.")]


async def test_counts_offsets_by_channel() -> None:
    writer = RecordingWriter()
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("ab")
    batcher.add("hm", "thinking")
    batcher.add("c")
    batcher.part()
    batcher.add("d")
    await batcher.close()
    assert writer.deltas() == [("answer", 0, "ab"), ("thinking", 0, "hm"), ("answer", 2, "c\n\nd")]


async def test_writes_envelopes_of_the_contract() -> None:
    writer = RecordingWriter()
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("é")
    await batcher.close()
    frame = '{"stream":"run:r1","epoch":1,"seq":1,' + writer.batches[0][0][1:]
    event = TypeAdapter(RunEvent).validate_json(frame)
    assert isinstance(event, StepDelta) and event.data.text == "é" and event.attempt == 1


async def test_stops_the_step_when_refused() -> None:
    writer, stop = RecordingWriter(None), StopSignal()
    batcher = DeltaBatcher(writer, STEP, stop)
    batcher.add("late")
    await asyncio.wait_for(stop.wait(), 5)
    batcher.add("later")
    assert (stop.reason, len(writer.batches)) == ("superseded", 1)


async def test_appends_everything_again_when_the_stream_has_a_new_epoch() -> None:
    writer = RecordingWriter(1, 2)
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("ab")
    await wait_until(lambda: len(writer.batches) == 1, timeout_s=5)
    batcher.add("cd")
    await batcher.close()
    assert writer.deltas()[1:] == [("answer", 2, "cd"), ("answer", 0, "abcd")]
    assert not batcher.has_lost_text


async def test_keeps_the_text_when_the_stream_is_away() -> None:
    writer = RecordingWriter(StreamLostError("gone"), 1)
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("ab")
    batcher.add("cd")
    await wait_until(lambda: bool(writer.batches), timeout_s=5)
    assert writer.deltas() == [("answer", 0, "abcd")]


async def test_repeats_an_append_without_an_answer_as_it_was() -> None:
    writer = RecordingWriter(1, StorageUnavailableError("no answer"), 1)
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("a")
    await wait_until(lambda: writer.turns == [1], timeout_s=5)
    batcher.add("b")
    await wait_until(lambda: writer.turns == [1, 2], timeout_s=5)
    batcher.add("c")
    await wait_until(lambda: len(writer.batches) == 3, timeout_s=5)
    await batcher.close()
    assert writer.turns == [1, 2, 2, 3]
    assert writer.deltas() == [("answer", 0, "a"), ("answer", 1, "b"), ("answer", 2, "c")]


async def test_gives_up_the_rest_when_the_stream_stays_away() -> None:
    writer = RecordingWriter()
    writer.gate.clear()
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("ab")
    await asyncio.wait_for(batcher.close(), 5)
    assert writer.batches == []
    assert batcher.has_lost_text


async def test_waits_for_the_last_piece_when_the_stream_is_only_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "AWAY_S", 0)
    writer = RecordingWriter()
    writer.gate.clear()
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("the end")
    closing = asyncio.create_task(batcher.close())
    for _ in range(5):
        await asyncio.sleep(0)
    writer.gate.set()
    await asyncio.wait_for(closing, 5)
    assert writer.deltas() == [("answer", 0, "the end")]


async def test_keeps_the_interval_when_tokens_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "INTERVAL_S", 60)
    writer = RecordingWriter()
    batcher = DeltaBatcher(writer, STEP, StopSignal())
    batcher.add("a")
    await wait_until(lambda: len(writer.batches) == 1, timeout_s=5)
    batcher.add("b")
    batcher.add("c")
    await asyncio.sleep(0)
    assert len(writer.batches) == 1
    batcher.add("d" * deltas.BATCH_BYTES)
    await wait_until(lambda: len(writer.batches) == 2, timeout_s=5)
    assert writer.deltas()[1][:2] == ("answer", 1)
