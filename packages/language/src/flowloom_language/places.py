"""Where in its plan a path of a run stands, and inside which items, recoveries and loops."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from flowloom_language.plan import Block, Plan, PlanStep

FrameKind: TypeAlias = Literal["run", "item", "recovery", "on_failure"]
Key: TypeAlias = tuple[int, ...]
"""Sorts the steps of a run: in the order of the document, and by item."""

_ON_FAILURE = "on_failure."


@dataclass(frozen=True, slots=True)
class Frame:
    """Steps that run beside each other: those of the run, of one item, of an `on_error` or `on_failure`.

    `owner` is the path of the item or step that has them, `loop` the loop of an item.
    """

    kind: FrameKind
    prefix: str
    block: Block
    key: Key
    owner: str | None = None
    outer: "Frame | None" = None
    loop: PlanStep | None = None
    loop_path: str = ""
    index: int = 0

    def key_of(self, step_id: str) -> Key:
        """Return where a step of the frame sorts."""
        return (*self.key, self.block.positions.get(step_id, 0))


@dataclass(frozen=True, slots=True)
class Place:
    """A step of a run and the frame it stands in; for an item it is the loop and the item's own frame."""

    path: str
    step: PlanStep
    frame: Frame
    key: Key


def run_frame(plan: Plan) -> Frame:
    """Return the frame of the run's own steps."""
    return Frame("run", "", plan.block, (0,))


def on_failure_frame(plan: Plan) -> Frame:
    """Return the frame of the steps of `on_failure`."""
    return Frame("on_failure", _ON_FAILURE, plan.on_failure or Block(), (1,), outer=run_frame(plan))


def item_frame(place: Place, index: int) -> Frame:
    """Return the frame of one item of a loop."""
    owner = f"{place.path}[{index}]"
    return Frame(
        "item",
        f"{owner}.",
        place.step.body or Block(),
        (*place.key, index),
        owner=owner,
        outer=place.frame,
        loop=place.step,
        loop_path=place.path,
        index=index,
    )


def recovery_frame(place: Place) -> Frame:
    """Return the frame of the steps of a step's `on_error`."""
    block = place.step.recovery.block if place.step.recovery else Block()
    return Frame(
        "recovery", f"{place.path}.on_error.", block, (*place.key, -1), owner=place.path, outer=place.frame
    )


def prefix_of(path: str) -> str:
    """Return the beginning that a step shares with the steps beside it."""
    return path[: path.rfind(".") + 1]


def locate(plan: Plan, path: str) -> Place:
    """Return where a path stands; raises KeyError when the plan has no such step."""
    frame, rest = run_frame(plan), path
    if plan.on_failure and path.startswith(_ON_FAILURE) and path[len(_ON_FAILURE) :].split(".")[0]:
        first = path[len(_ON_FAILURE) :].split(".")[0].partition("[")[0]
        if plan.on_failure.get(first) is not None:
            frame, rest = on_failure_frame(plan), path[len(_ON_FAILURE) :]
    parts = rest.split(".")
    place = _place(frame, parts[0])
    for part in parts[1:]:
        place = _next(place, part)
    return place


def _place(frame: Frame, part: str) -> Place:
    name, _, index = part.partition("[")
    step = frame.block.get(name)
    if step is None:
        raise KeyError(frame.prefix + name)
    return _at_item(Place(frame.prefix + name, step, frame, frame.key_of(name)), index)


def _at_item(place: Place, index: str) -> Place:
    if not index:
        return place
    if place.step.body is None:
        raise KeyError(f"{place.path}[{index}")
    frame = item_frame(place, int(index.rstrip("]")))
    return Place(frame.prefix[:-1], place.step, frame, frame.key)


def _next(place: Place, part: str) -> Place:
    """Follow a path into an item, an `on_error`, or to an `undo`."""
    is_inside = place.frame.owner == place.path
    if is_inside:
        return _place(place.frame, part)
    name, _, index = part.partition("[")
    if name == "undo" and place.step.undo is not None:
        undo = Place(f"{place.path}.undo", place.step.undo, place.frame, (*place.key, -2))
        return _at_item(undo, index)
    if part == "on_error" and place.step.recovery is not None:
        frame = recovery_frame(place)
        return Place(place.path, place.step, frame, place.key)
    raise KeyError(f"{place.path}.{part}")
