"""Compares what a test expects with what came out, and says what is different."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import RunError, StepError
from flowloom_contracts.tests_document import Expect, ExpectedError, ExpectedStep
from flowloom_language.state import RunState, StepState

_MOST_DIFFERENCES: Final = 20
_SHOWN: Final = 200


def differences(expect: Expect, state: RunState, seen: Mapping[str, StepState]) -> list[str]:
    """Return one line for each written part that came out differently, at most twenty."""
    found = list(_of_run(expect, state))
    for path, expected in expect.steps.items():
        step = seen.get(path)
        if step is None:
            found.append(f"steps.{path}: it was never reached")
        else:
            found += _of_step(path, expected, step)
    return found[:_MOST_DIFFERENCES]


def _of_run(expect: Expect, state: RunState) -> Iterator[str]:
    if expect.status is not None and state.status.value != expect.status:
        reason = f" ({_shown_error(state.error)})" if state.error else ""
        yield f"status: expected {expect.status}, got {state.status.value}{reason}"
    outputs = state.outputs or {}
    for name, expected in (expect.outputs or {}).items():
        if name not in outputs:
            yield f"outputs.{name}: expected {_shown(expected)}, there is none"
        else:
            yield from _of_value(f"outputs.{name}", expected, outputs[name])
    if expect.error is not None:
        step = state.error.step if state.error else None
        yield from _of_error("error", expect.error, state.error, step)


def _of_step(path: str, expected: ExpectedStep, step: StepState) -> Iterator[str]:
    place = f"steps.{path}"
    if expected.status is not None and step.status.value != expected.status:
        reason = f" ({step.error.code}: {step.error.message})" if step.error else ""
        yield f"{place}.status: expected {expected.status}, got {step.status.value}{reason}"
    if "output" in expected.model_fields_set:
        yield from _of_value(f"{place}.output", expected.output, step.output)
    if expected.attempts is not None and step.attempt != expected.attempts:
        yield f"{place}.attempts: expected {expected.attempts}, got {step.attempt}"
    if expected.recovered is not None and step.recovered is not expected.recovered:
        yield f"{place}.recovered: expected {_shown(expected.recovered)}, got {_shown(step.recovered)}"
    if expected.error is not None:
        yield from _of_error(f"{place}.error", expected.error, step.error, step.origin or path)


def _of_error(
    place: str, expected: ExpectedError, got: RunError | StepError | None, step: str | None
) -> Iterator[str]:
    if got is None:
        yield f"{place}: expected {expected.code or 'an error'}, there is none"
        return
    for name, wanted, found in (
        ("code", expected.code, got.code),
        ("message", expected.message, got.message),
        ("step", expected.step, step),
    ):
        if wanted is not None and wanted != found:
            yield f"{place}.{name}: expected {_shown(wanted)}, got {_shown(found)}"


def _of_value(place: str, expected: JsonValue, got: JsonValue) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in {**expected, **got}:
            if key not in got:
                yield f"{place}.{key}: expected {_shown(expected[key])}, there is none"
            elif key not in expected:
                yield f"{place}.{key}: expected none, got {_shown(got[key])}"
            else:
                yield from _of_value(f"{place}.{key}", expected[key], got[key])
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for position, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from _of_value(f"{place}[{position}]", one, other)
    elif not _is_same(expected, got):
        yield f"{place}: expected {_shown(expected)}, got {_shown(got)}"


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _shown_error(error: RunError) -> str:
    where = f"{error.step}: " if error.step else ""
    return f"{where}{error.code}: {error.message}"


def _shown(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
