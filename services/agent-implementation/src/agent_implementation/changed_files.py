"""Judges answers that name files: each of them exists in the run."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from flowloom_agentkit.guards import Judged
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject, JsonValue


class Orders(BaseModel):
    """Nothing is given under `with`: what is to be done stands in the prompt."""

    model_config = ConfigDict(extra="forbid")


class ExistingFiles:
    """A `Guard` of steps whose output has `files`; it adds the version that each file has now."""

    name = "files.check"
    marker = "files"
    computed: Sequence[str] = ()
    orders = Orders

    async def judge(self, answer: JsonObject, context: ToolContext) -> Judged:
        """See `Guard.judge`."""
        said = answer.get(self.marker)
        if not isinstance(said, list):
            return Judged(answer, "`files` has to be a list of the paths that were written or changed")
        known = {file.path: file for file in await context.files.list()}
        paths = list(_paths(said))
        missing = [path for path in paths if path not in known]
        if missing:
            there = ", ".join(sorted(known)[:50]) or "none"
            return Judged(answer, f"the run has no file {missing[0]!r}; the files that there are: {there}")
        files: list[JsonValue] = [
            {"path": path, "version": known[path].version, "size": known[path].size} for path in paths
        ]
        return Judged({**answer, self.marker: files})


def _paths(said: list[JsonValue]) -> Iterator[str]:
    for one in said:
        yield str(one.get("path") if isinstance(one, dict) else one)
