"""Moves a loop: its items or rounds, and what becomes of it when they have ended."""

from collections.abc import Iterable, Iterator

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import StepError, StepStatus, Usage
from flowloom_contracts.steps.loop import LoopOver, LoopStep, LoopUntil
from flowloom_language.events import ItemStarted, StepFailed, StepSucceeded
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render
from flowloom_language.places import Frame, Place, item_frame
from flowloom_language.plan import Block
from flowloom_language.progress import LoopRun
from flowloom_language.round import NotYetError, Round
from flowloom_language.scopes import holds
from flowloom_language.state import NO_USAGE, RunState, StepState
from flowloom_language.steps.loop import most_of, parallel_of
from flowloom_language.taking_over import reused
from flowloom_language.template_sites import texts


def look_at_item(run: Round, item: StepState) -> None:
    """End an item whose steps have ended, or one of which has failed."""
    block = run.progress.blocks.get(f"{item.path}.")
    if block is None or block.frame.loop is None:
        return
    if block.failed is not None:
        failed = run.step(block.failed)
        run.stop_block(block.frame.prefix)
        error = failed.error or StepError(code="internal", message="The step failed without a reason.")
        _fail_item(run, item, block.frame, error=error, origin=failed.origin or failed.path)
    elif not block.open:
        _end_item(run, item, block.frame)


def _end_item(run: Round, item: StepState, frame: Frame) -> None:
    written = frame.loop.step if frame.loop else None
    if not isinstance(written, LoopStep):
        return
    is_over = isinstance(written.loop, LoopOver)
    try:
        texts = _texts(written.output) if run.progress.has_refs else ()
        output = render(written.output, run.scope(frame, reading=texts))
    except NotYetError:
        run.starve(item.path)
        return
    except ExpressionError as error:
        wrong = StepError(code="expression", message=str(error))
        _fail_item(run, item, frame, error=wrong, origin=frame.loop_path)
        return
    left = tuple(leaving(run.state, frame.prefix, frame.block)) if is_over else ()
    usage = _sum(run.state, (f"{frame.prefix}{step.id}" for step in frame.block.steps))
    run.record(
        StepSucceeded(path=item.path, attempt=item.attempt, output=output, usage=usage, left=left, at=run.now)
    )


def _fail_item(run: Round, item: StepState, frame: Frame, *, error: StepError, origin: str) -> None:
    usage = _sum(run.state, (f"{frame.prefix}{step.id}" for step in frame.block.steps))
    run.record(
        StepFailed(path=item.path, attempt=item.attempt, error=error, usage=usage, origin=origin, at=run.now)
    )


def look_at_loop(run: Round, place: Place, step: StepState) -> None:
    """Begin the items that may begin, or end the loop."""
    written, known = place.step.step, run.progress.loops.get(step.path)
    if not isinstance(written, LoopStep) or known is None:
        return
    try:
        if isinstance(written.loop, LoopUntil):
            _look_at_rounds(run, place, written.loop, known)
        else:
            _look_at_items(run, place, written.loop, known)
    except NotYetError:
        run.starve(step.path)
    except ExpressionError as error:
        run.stop_items(step.path)
        run.fail(step.path, StepError(code="expression", message=str(error)))


def _look_at_items(run: Round, place: Place, written: LoopOver, known: LoopRun) -> None:
    if known.failed is not None and written.on_item_error == "fail":
        _fail_with(run, place, known.failed)
        return
    total = len(run.step(place.path).over or ())
    if not known.parallel:
        known.parallel = _parallel(run, place)
    while len(known.open) < known.parallel and known.begun < total:
        if run.is_full:
            run.progress.push(place.path)
            return
        _begin_item(run, place, known)
    if not known.open and known.begun == total:
        outputs = [_output(run.step(f"{place.path}[{index}]")) for index in range(total)]
        has_output = "output" in place.step.step.model_fields_set
        _succeed(run, place, outputs if has_output else None, total)


def _parallel(run: Round, place: Place) -> int:
    written = place.step.step
    scope = run.scope(place.frame, reading=_texts(getattr(getattr(written, "loop", None), "parallel", None)))
    return parallel_of(written, scope) if isinstance(written, LoopStep) else 1


def _look_at_rounds(run: Round, place: Place, written: LoopUntil, known: LoopRun) -> None:
    if known.open:
        return
    if known.failed is not None:
        _fail_with(run, place, known.failed)
        return
    following = run.state.reuse.get(f"{place.path}[{known.begun}]")
    if following is not None or not known.begun:
        _begin_item(run, place, known)
        return
    last = item_frame(place, known.begun - 1)
    output = run.step(f"{place.path}[{known.begun - 1}]").output
    if holds(written.until, run.scope(last, reading=[written.until])):
        _succeed(run, place, output, known.begun)
    elif known.begun < _most(run, place):
        left = tuple(leaving(run.state, last.prefix, last.block))
        _begin_item(run, place, known, left=left)
    elif written.on_max == "accept":
        _succeed(run, place, output, known.begun)
    else:
        message = f"The condition does not hold after {known.begun} rounds."
        run.fail(place.path, StepError(code="loop_limit", message=message))


def _most(run: Round, place: Place) -> int:
    written = place.step.step
    if not isinstance(written, LoopStep):
        return 0
    return most_of(written, run.scope(place.frame, reading=_texts(getattr(written.loop, "max", None))))


def _begin_item(run: Round, place: Place, known: LoopRun, *, left: tuple[str, ...] = ()) -> None:
    index, frame = known.begun, item_frame(place, known.begun)
    known.begun += 1
    path = f"{place.path}[{index}]"
    taken = run.state.reuse.get(path)
    if taken is not None and not taken.is_begun:
        run.record(reused(path, taken, run))
        run.progress.push(place.path)
        return
    known.open[index] = None
    run.record(ItemStarted(path=path, steps=frame.block.new_steps, left=left, at=run.now))
    run.progress.enter(frame, run.state)


def _fail_with(run: Round, place: Place, index: int) -> None:
    """The first item that failed fails the loop; the others are cancelled."""
    for other in list(run.progress.loops[place.path].open):
        block = run.progress.blocks.get(f"{place.path}[{other}].")
        if block is not None and block.failed is not None:
            look_at_item(run, run.step(f"{place.path}[{other}]"))
    item = run.step(f"{place.path}[{index}]")
    run.stop_items(place.path)
    error = item.error or StepError(code="internal", message="The item failed without a reason.")
    run.fail(place.path, error, origin=item.origin, ask=False)


def _output(item: StepState) -> JsonValue:
    if item.status is StepStatus.FAILED and item.error is not None:
        return {"error": {"code": item.error.code, "message": item.error.message}}
    return item.output


def _succeed(run: Round, place: Place, output: JsonValue, total: int) -> None:
    items = [f"{place.path}[{index}]" for index in range(total)]
    body = place.step.body or Block()
    left = list[str]()
    keeps = False
    for path in items:
        below = list(leaving(run.state, f"{path}.", body))
        stays = body.kept_for_undo and any(
            f"{path}.{step_id}" in run.state.steps for step_id in body.kept_for_undo
        )
        keeps = keeps or bool(stays)
        left += below if stays else [path, *below]
    step = run.step(place.path)
    run.record(
        StepSucceeded(
            path=place.path,
            attempt=step.attempt,
            output=output,
            usage=_sum(run.state, items),
            left=tuple(left),
            keeps_items=keeps,
            at=run.now,
        )
    )


def leaving(state: RunState, prefix: str, block: Block) -> Iterator[str]:
    """Yield the entries of a frame that nobody needs any more; what `undo` may need stays."""
    stays = block.kept_for_undo
    if stays and not any(_may_be_undone(state, prefix, step_id, block) for step_id in stays):
        stays = frozenset()
    for planned in block.steps:
        path = prefix + planned.id
        if planned.id in stays or path not in state.steps:
            continue
        yield path
        if planned.recovery is not None:
            yield from leaving(state, f"{path}.on_error.", planned.recovery.block)
        if planned.body is not None:
            yield from _items_leaving(state, path, planned.body)


def _items_leaving(state: RunState, path: str, body: Block) -> Iterator[str]:
    index = 0
    while (item := f"{path}[{index}]") in state.steps:
        yield item
        yield from leaving(state, f"{item}.", body)
        index += 1


def _may_be_undone(state: RunState, prefix: str, step_id: str, block: Block) -> bool:
    planned, step = block.get(step_id), state.steps.get(prefix + step_id)
    has_ended_well = step is not None and step.status is StepStatus.SUCCEEDED and not step.recovered
    return planned is not None and planned.undo is not None and has_ended_well


def _texts(value: JsonValue) -> Iterable[str]:
    return [text for _, text in texts(value)]


def _sum(state: RunState, paths: Iterable[str]) -> Usage:
    total = NO_USAGE
    for path in paths:
        step = state.steps.get(path)
        if step is not None and step.usage != NO_USAGE:
            total = total.plus(step.usage)
    return total
