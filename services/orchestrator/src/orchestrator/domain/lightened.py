"""Takes large values out of what happens to a run, before it becomes part of the state."""

from dataclasses import replace

from flowloom_contracts.approvals import Approval, DecisionRequest
from flowloom_contracts.base import JsonObject
from flowloom_language.events import (
    Change,
    ChildRunEnded,
    EventReceived,
    LoopStarted,
    RunSucceeded,
    StepDecided,
    StepReused,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.large_values import ref_of
from orchestrator.domain.large import LargeValue, in_pieces, taken_out


def lightened(event: Change) -> tuple[Change, tuple[LargeValue, ...]]:
    """Return the event as the state takes it, and what was taken out of it; raises ValueTooLargeError."""
    if isinstance(event, StepSucceeded | StepReused):
        output, large = taken_out(event.output)
        return (replace(event, output=output), large) if large else (event, ())
    if isinstance(event, EventReceived | StepDecided):
        data, large = taken_out(event.data)
        return (replace(event, data=data), large) if large else (event, ())
    if isinstance(event, LoopStarted) and event.over is not None:
        over, large = in_pieces(event.over)
        return (replace(event, over=over), large) if large else (event, ())
    if isinstance(event, StepWaiting) and event.decision is not None:
        decision, large = _lighter_request(event.decision)
        return (replace(event, decision=decision), large) if large else (event, ())
    return _lighter_outputs(event)


def _lighter_outputs(event: Change) -> tuple[Change, tuple[LargeValue, ...]]:
    if not isinstance(event, RunSucceeded | ChildRunEnded) or event.outputs is None:
        return event, ()
    outputs, large = each(event.outputs)
    return (replace(event, outputs=outputs), large) if large else (event, ())


def each(values: JsonObject) -> tuple[JsonObject, tuple[LargeValue, ...]]:
    """Return values of which each is small; their names stay, also where all of them together are large."""
    lighter, found = JsonObject(), list[LargeValue]()
    for name, value in values.items():
        lighter[name], large = taken_out(value)
        found += large
    return lighter, tuple(found)


def lighter_item(item: Approval) -> tuple[Approval, tuple[LargeValue, ...]]:
    """Return an item of the inbox whose values are small: those of an edit may be large."""
    values, large = taken_out(item.values)
    return item.model_copy(update={"values": values}), large


def _lighter_request(request: DecisionRequest) -> tuple[DecisionRequest, tuple[LargeValue, ...]]:
    """Return what people are asked with the beginning of a long message and previews of large values."""
    values, large = taken_out(request.values)
    message, of_message = taken_out(request.message)
    changes: JsonObject = {"values": values}
    if of_message and isinstance(message, dict):
        changes |= {"message": message["preview"], "message_ref": ref_of(message)}
    return request.model_copy(update=changes), (*large, *of_message)
