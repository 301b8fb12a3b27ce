"""Puts secrets into a task, where the language has noted their places."""

from collections import defaultdict
from collections.abc import Mapping

from flowloom_contracts.agents import SecretPlace, StepTask
from flowloom_contracts.base import JsonObject, JsonValue


class MissingSecretError(Exception):
    """The workspace has no secret of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The workspace has no secret {name!r}: add it, or take it out of the workflow.")


def secret_names(task: StepTask) -> list[str]:
    """Return the secrets that a task needs, each once."""
    return list(dict.fromkeys(place.name for place in task.secrets))


def filled(task: StepTask, values: Mapping[str, str]) -> StepTask:
    """Return a task with its secrets; raises MissingSecretError."""
    for name in secret_names(task):
        if name not in values:
            raise MissingSecretError(name)
    by_text: defaultdict[tuple[str | int, ...], list[SecretPlace]] = defaultdict(list)
    for place in task.secrets:
        by_text[tuple(place.path)].append(place)
    data: JsonObject = task.model_dump(mode="json")
    for path, places in by_text.items():
        holder, last = _holder(data, path)
        text = str(holder[last])  # type: ignore[index]  # the language has noted a text there
        # From the end, so that the places before stay where they are; two at one place keep their order.
        for _, place in sorted(enumerate(places), key=lambda one: (-one[1].offset, -one[0])):
            text = text[: place.offset] + values[place.name] + text[place.offset :]
        holder[last] = text  # type: ignore[index]  # as above
    return StepTask.model_validate(data)


def _holder(data: JsonValue, path: tuple[str | int, ...]) -> tuple[JsonValue, str | int]:
    for key in path[:-1]:
        data = data[key]  # type: ignore[index]  # the language has noted the way
    return data, path[-1]
