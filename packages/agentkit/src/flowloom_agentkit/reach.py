"""What a tool can reach beside its arguments: knowledge, the web, and what its step has done so far."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from flowloom_agentkit.errors import ToolFailedError
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document_tables import DocumentTable
from flowloom_contracts.memory import NearestText, PassageHit, RunOrigin
from flowloom_contracts.run_memory import WorkflowSight
from flowloom_servicekit.outbound.bodies import decoded
from flowloom_servicekit.outbound.errors import AnswerUnreadableError

_META_CHARSET: Final = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.I)


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """For whom an execution reads: a workspace, the role of who started the run, and the run's workflow."""

    workspace_id: str
    role: str
    workflow_id: str | None = None
    origin: RunOrigin | None = None
    """What people are told of who keeps something in memory, or finds it there."""

    @property
    def sight(self) -> WorkflowSight:
        """What runs have left that this one may find: of its own workflow alone.

        Who may see this run may see those too; what else its starter may see can change while it runs.
        """
        return WorkflowSight(only=[self.workflow_id] if self.workflow_id else [])


class Knowledge(Protocol):
    """The collections of the run's workspace that whoever started the run may read, and no others."""

    async def search(self, query: str, *, collections: Sequence[str] = (), top: int = 5) -> list[PassageHit]:
        """Return the passages that answer best, with their citations; no collections: all that are open."""

    async def compare(self, texts: Sequence[str], others: Sequence[str]) -> list[NearestText]:
        """Return for each text which of the others is nearest in meaning, and how near (cosine)."""

    async def tables(self, collections: Sequence[str] = ()) -> list[DocumentTable]:
        """Return the documents that are tables; no collections: all that are open."""

    async def table(self, collection: str, document_id: str) -> bytes:
        """Return a table as it was sent; raises `ToolFailedError` for what is none that may be read."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """A document of the web as it came; `url` is where redirects have led, `body` the decompressed bytes."""

    url: str
    status: int
    content_type: str
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body in the character set of its head, its mark, or of the page's own `meta`; else UTF-8.

        Raises `ToolFailedError` for a character set that is not known.
        """
        said = self.content_type
        if "charset" not in said.lower() and (found := _META_CHARSET.search(self.body[:2_048])):
            said = f"{said}; charset={found[1].decode('ascii')}"
        try:
            return decoded(self.body, said)
        except AnswerUnreadableError as error:
            raise ToolFailedError(error.detail) from error

    @property
    def media_type(self) -> str:
        """The type without its parameters, in lower case."""
        return self.content_type.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class WebHit:
    """A result of the operator's search engine."""

    url: str
    title: str
    text: str


class Web(Protocol):
    """The public web through the guarded client: no address of this network, sizes and times bounded."""

    async def get(self, url: str) -> WebAnswer:
        """Return what is at an address, whatever its status; raises `ToolFailedError`."""

    async def search(self, query: str) -> list[WebHit] | None:
        """Ask the operator's search engine; None: there is none. Raises `ToolFailedError`."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call that a tool has answered in this attempt, also one that an earlier execution made."""

    name: str
    arguments: JsonObject
    result: JsonValue


@dataclass(slots=True)
class StepSoFar:
    """What a step was asked and given, and what its tools have brought; `given` is the document's `with`.

    It is the same when an execution is repeated after a crash, because it comes from task and journal.
    """

    prompt: str = ""
    given: JsonObject = field(default_factory=dict)
    uses: list[ToolUse] = field(default_factory=list)
