"""Which fields a place of a document has, for the hints of a field that does not exist."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from pydantic import BaseModel

from flowloom_contracts.base import JsonValue
from flowloom_contracts.document_parts import (
    AgentDefinition,
    CheaperModel,
    Concurrency,
    Defaults,
    Limits,
    Metadata,
    RunBudget,
)
from flowloom_contracts.step_fields import Budget, Checks, Memory, OnError, Retry
from flowloom_contracts.steps.approval import Approval, Escalation
from flowloom_contracts.steps.code import Code
from flowloom_contracts.steps.emit import Emit
from flowloom_contracts.steps.http import Http
from flowloom_contracts.steps.loop import LoopOver, LoopUntil
from flowloom_contracts.steps.stop import Stop
from flowloom_contracts.steps.switch import ElseCase, WhenCase
from flowloom_contracts.steps.wait import AwaitedEvent, Wait
from flowloom_contracts.tests_document import (
    Expect,
    ExpectedError,
    ExpectedStep,
    Mock,
    MockError,
    MockUsage,
    TestCase,
    TestsDocument,
    TestTrigger,
)
from flowloom_contracts.triggers import (
    EventSource,
    EventTrigger,
    ScheduleTrigger,
    Webhook,
    WebhookTrigger,
)
from flowloom_contracts.workflow import STEP_KINDS, STEP_MODELS, OnFailure, Workflow
from flowloom_language.draft import Draft, Path

Models: TypeAlias = tuple[type[BaseModel], ...]
FieldsAt: TypeAlias = Callable[[Draft, Path], list[str]]
"""Returns the fields of the mapping at a path."""

_TRIGGERS: Final[Mapping[str, Models]] = {
    "schedule": (ScheduleTrigger,),
    "webhook": (WebhookTrigger,),
    "event": (EventTrigger,),
}
_OF_DOCUMENT: Final[Mapping[tuple[str, ...], Models]] = {
    (): (Workflow,),
    ("metadata",): (Metadata,),
    ("limits",): (Limits,),
    ("limits", "budget"): (RunBudget,),
    ("limits", "budget", "on_reach"): (CheaperModel,),
    ("limits", "concurrency"): (Concurrency,),
    ("defaults",): (Defaults,),
    ("defaults", "retry"): (Retry,),
    ("on_failure",): (OnFailure,),
    ("triggers", "webhook"): (Webhook,),
    ("triggers", "event"): (EventSource,),
}
_OF_STEP: Final[Mapping[tuple[str, ...], Models]] = {
    ("retry",): (Retry,),
    ("budget",): (Budget,),
    ("on_error",): (OnError,),
    ("checks",): (Checks,),
    ("memory",): (Memory,),
    ("http",): (Http,),
    ("code",): (Code,),
    ("switch",): (WhenCase, ElseCase),
    ("loop",): (LoopOver, LoopUntil),
    ("approval",): (Approval,),
    ("approval", "escalate"): (Escalation,),
    ("wait",): (Wait,),
    ("wait", "event"): (AwaitedEvent,),
    ("emit",): (Emit,),
    ("stop",): (Stop,),
}
_OF_TESTS: Final[Mapping[tuple[str, ...], Models]] = {
    (): (TestsDocument,),
    ("tests",): (TestCase,),
    ("tests", "trigger"): (TestTrigger,),
    ("tests", "expect"): (Expect,),
    ("tests", "expect", "error"): (ExpectedError,),
}


def fields_of_workflow(draft: Draft, path: Path) -> list[str]:
    """Return the fields of a mapping in a workflow."""
    step = draft.step_around(path)
    if step is not None:
        below = _named(path[len(step.path) :])
        if not below:
            return _names((STEP_MODELS[step.kind],)) if step.kind in STEP_MODELS else [*STEP_KINDS]
        if below == ("loop",):
            loop = step.data["loop"]
            return _names((LoopUntil if isinstance(loop, dict) and "until" in loop else LoopOver,))
        return _names(_OF_STEP.get(below, ()))
    if path[:1] == ("agents",) and len(path) == 2:
        return _names((AgentDefinition,))
    if path[:1] == ("triggers",) and len(path) == 2:
        trigger = draft.value(path)
        return _names(_trigger_models(trigger))
    return _names(_OF_DOCUMENT.get(_named(path), ()))


def fields_of_tests(draft: Draft, path: Path) -> list[str]:
    """Return the fields of a mapping in the tests beside a workflow."""
    match _named(path):
        case ("tests", "mocks", _):
            return _names((Mock,))
        case ("tests", "mocks", _, "error"):
            return _names((MockError,))
        case ("tests", "mocks", _, "usage"):
            return _names((MockUsage,))
        case ("tests", "expect", "steps", _):
            return _names((ExpectedStep,))
        case ("tests", "expect", "steps", _, "error"):
            return _names((ExpectedError,))
        case named:
            return _names(_OF_TESTS.get(named, ()))


def _trigger_models(trigger: JsonValue) -> Models:
    fields = trigger if isinstance(trigger, dict) else {}
    return next((models for kind, models in _TRIGGERS.items() if kind in fields), ())


def _named(path: Path) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _names(models: Iterable[type[BaseModel]]) -> list[str]:
    return [field.alias or name for model in models for name, field in model.model_fields.items()]
