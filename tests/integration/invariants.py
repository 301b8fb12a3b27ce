"""What must hold after every fault, by the ids of the quality design (I1 to I5)."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import orjson

from benchmarks.mock_llm.ledger import Entry
from flowloom_contracts.events import (
    CallEnded,
    DeltaData,
    RunEvent,
    RunMilestone,
    StepDelta,
    StepMilestone,
    StreamHead,
    StreamResync,
)
from flowloom_contracts.runs import Run, RunStatus, StepRun
from flowloom_contracts.values import REF_PREFIX

ENDS_OF_STEPS = ("step.finished.v1", "step.skipped.v1", "step.reused.v1")

DOUBT_S = 3.0
"""How long an answer may be on its way to the journal on a loaded machine."""


def is_dense(events: Iterable[RunEvent]) -> None:
    """I3: within each epoch the numbers count from 1, none missing, none twice, and epochs only rise."""
    expected, epoch = 1, None
    for event in events:
        if isinstance(event, StreamHead | StreamResync):
            continue
        if event.epoch != epoch:
            assert epoch is None or event.epoch > epoch, f"epoch {event.epoch} after {epoch}"
            epoch, expected = event.epoch, 1
        assert event.seq == expected, f"{event.type}: number {event.seq}, expected {expected}"
        expected += 1


def ends_once(events: Sequence[RunEvent], run: Run) -> None:
    """I4, G9: exactly one end, it is the last event, and it says what the run says."""
    ends = [event for event in events if event.type == "run.finished.v1"]
    assert len(ends) == 1, [event.type for event in events][-5:]
    assert events[-1].type == "run.finished.v1", [
        (event.seq, event.type, event.step) for event in events[-6:]
    ]
    assert isinstance(events[-1], RunMilestone)
    assert events[-1].data.status == run.status


def every_step_ended_once(events: Sequence[RunEvent], steps: dict[str, StepRun]) -> None:
    """G9: a step that succeeded has one end in the stream, in the attempt that it shows."""
    ends = Counter(
        event.step for event in events if isinstance(event, StepMilestone) and event.type in ENDS_OF_STEPS
    )
    ended = Counter(path for path, step in steps.items() if step.finished_at is not None)
    assert ends == ended, f"ended in the stream: {ends}, stored: {ended}"


def text_equals_output(events: Sequence[RunEvent], steps: dict[str, StepRun]) -> None:
    """I3: the streamed answer of the last execution is the stored output, byte for byte."""
    for path, step in steps.items():
        deltas = [event for event in events if isinstance(event, StepDelta) and event.step == path]
        answers = [delta for delta in deltas if delta.data.channel == "answer"]
        if not answers or not isinstance(step.output, str):
            continue
        last = max(delta.data.exec for delta in answers)
        pieces = [delta for delta in answers if delta.data.exec == last]
        rebuilt = any(piece.epoch > 1 for piece in pieces)
        streamed = streamed_text([piece.data for piece in pieces], rebuilt=rebuilt)
        if step.output_ref is not None:
            # The output is a preview; its reference is the hash of the whole value's JSON.
            assert reference_to(streamed) == step.output_ref, path
        else:
            assert streamed == step.output, f"{path}: {difference(streamed, step.output)}"


def difference(streamed: str, stored: str) -> str:
    """Say where two texts part, because long ones of one word look alike."""
    same = next((at for at, (a, b) in enumerate(zip(streamed, stored, strict=False)) if a != b), None)
    at = min(len(streamed), len(stored)) if same is None else same
    return (
        f"{len(streamed)} characters streamed, {len(stored)} stored, alike up to {at}:"
        f" {streamed[at : at + 40]!r} for {stored[at : at + 40]!r}"
    )


def reference_to(text: str) -> str:
    """Return the reference under which a text is kept that is too large to travel."""
    return REF_PREFIX + hashlib.sha256(orjson.dumps(text)).hexdigest()


def streamed_text(deltas: Sequence[DeltaData], *, rebuilt: bool = False) -> str:
    """Join deltas of one execution; each must begin where the one before ended.

    A rebuilt stream may begin in the middle of a text, which then comes again from its beginning.
    """
    if rebuilt:
        whole = next((place for place in reversed(range(len(deltas))) if deltas[place].offset == 0), 0)
        deltas = deltas[whole:]
    text = ""
    for delta in deltas:
        assert delta.offset == len(text), f"a piece at {delta.offset}, {len(text)} characters are there"
        text += delta.text
    return text


def calls_are_paid_once(events: Sequence[RunEvent]) -> None:
    """I2: per step each call number was really made once; what came again came from the journal."""
    made = Counter(
        (event.step, event.attempt, event.data.call)
        for event in events
        if isinstance(event, CallEnded) and event.type == "model.called.v1" and not event.data.replayed
    )
    assert all(count == 1 for count in made.values()), made


def repeated_beyond_doubt(entries: Sequence[Entry], windows: Sequence[tuple[float, float]]) -> list[Entry]:
    """Return answered calls that were asked again though their answer had time to be journaled.

    `windows` are the times between a kill and the recovery: an answer given in one, or shortly before it,
    may have died on its way to the journal, and such a call is repeated by promise (wire section 4).
    """
    wrong: list[Entry] = []
    for marker in {entry.marker for entry in entries}:
        answered = [entry for entry in entries if entry.marker == marker and entry.event == "answered"]
        wrong += [entry for entry in answered[:-1] if not _in_doubt(entry.at, windows)]
    return wrong


def _in_doubt(at: float, windows: Sequence[tuple[float, float]]) -> bool:
    return any(began - DOUBT_S <= at <= ended + DOUBT_S for began, ended in windows)


def nothing_after_the_end(events: Sequence[RunEvent]) -> None:
    """I4: no event of a step follows the end of its run."""
    types = [event.type for event in events]
    if "run.finished.v1" in types:
        assert types[types.index("run.finished.v1") + 1 :] == []


def all_succeeded(runs: Sequence[Run]) -> None:
    """I1: every accepted run has ended well."""
    bad = [(run.id, run.status.value, run.error) for run in runs if run.status is not RunStatus.SUCCEEDED]
    assert not bad, bad
