"""Where a fork differs from the run it comes from: the paths it names, and what lies around them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowloom_contracts.base import JsonValue
from flowloom_language.places import prefix_of
from flowloom_language.plan import Plan, PlanStep
from flowloom_language.taking_over import without_numbers


class UnknownForkStepError(Exception):
    """There is no such step to fork from, or to change; the message says what to name instead."""


@dataclass(frozen=True, slots=True)
class ForkPoints:
    """The step to start from, those that are changed, and those whose output is given.

    A path without the numbers of items (`polish.check`) stands for the step in every item.
    """

    start: str
    changed: frozenset[str]
    given: Mapping[str, JsonValue]
    differing: frozenset[str] = frozenset()
    """The steps of the run itself inside which something is written differently."""

    @property
    def entered(self) -> list[str]:
        """The steps of the run itself that a fork may have to go into."""
        inner = (root_of(path) for path in self._all() if root_of(path) != path)
        return sorted({*inner, *self.differing})

    def runs_again(self, path: str) -> bool:
        """Whether a step or item is named to run again."""
        named = (self.start, *self.changed)
        return path in named or (not path.endswith("]") and without_numbers(path) in named)

    def is_given(self, path: str) -> bool:
        """Whether a step's output is given."""
        return path in self.given or without_numbers(path) in self.given

    def is_inside(self, path: str, *, opening: str) -> bool:
        """Whether something is named inside a step or item; `opening` follows the path: `[`, `.`."""
        exact, general = path + opening, without_numbers(path) + ("." if opening == "[" else opening)
        return any(
            one.startswith(exact if "[" in one else general)
            for one in self._all()
            if one.rpartition(".")[2] != "undo"
        )

    def looks_into(self, path: str) -> bool:
        """Whether an entry inside a loop is looked at: items are, and steps of those that are gone into."""
        owner = prefix_of(path)[:-1]
        around = owner.rpartition(".on_error")[0] if owner.endswith(".on_error") else owner
        if "[" not in around or root_of(path) in self.differing:
            return True
        return self.is_inside(around, opening=".")

    def _all(self) -> Iterable[str]:
        return (self.start, *self.changed, *self.given)


def root_of(path: str) -> str:
    """Return the step of the run itself that a path begins with."""
    return path.partition(".")[0].partition("[")[0]


def known_path(plan: Plan, path: str) -> PlanStep:
    """Return the step of a path, with or without the numbers of items; raises UnknownForkStepError."""
    try:
        return plan.at(path)
    except KeyError:
        pass
    if "[" not in path:
        for written, step in plan.by_path.items():
            if "[" in written and written.replace("[]", "") == path:
                return step
    raise UnknownForkStepError(f"The workflow has no step {path!r}.")


def start_of(plan: Plan, path: str) -> PlanStep:
    """Return the step to fork from, which is one that can be begun at; raises UnknownForkStepError."""
    is_item = path.endswith("]")
    planned = known_path(plan, path.rpartition("[")[0] if is_item else path)
    if is_item and planned.kind != "loop":
        raise UnknownForkStepError(f"{path!r} is no item: {planned.id!r} is no loop.")
    parts = planned.path.split(".")
    if "undo" in parts:
        of = planned.path.partition(".undo")[0].replace("[]", "")
        raise UnknownForkStepError(
            f"{path!r} runs only when {of!r} is taken back: fork from the step that made the run fail."
        )
    if parts[0] == "on_failure" and plan.block.get("on_failure") is None:
        raise UnknownForkStepError(
            f"{path!r} runs only when the run has failed: fork from the step that made it fail,"
            " and change the step itself in `overrides`."
        )
    if path.count("[") < planned.path.count("[") + is_item:
        example = planned.path.replace("[]", "[0]")
        raise UnknownForkStepError(f"{path!r} is in a loop: name the item or round too, as in {example!r}.")
    return planned
