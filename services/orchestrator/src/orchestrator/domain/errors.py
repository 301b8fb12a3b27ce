"""How a request to the orchestrator can be wrong."""

from flowloom_contracts.base import JsonValue
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.problem import Problem
from flowloom_servicekit.errors import ConflictError, InvalidRequestError, NotFoundError, UpstreamError


class RunNotFoundError(NotFoundError):
    """No such run in this workspace."""

    title = "Run not found"


class StepNotFoundError(NotFoundError):
    """The run's document has no such step."""

    title = "Step not found"


class RunFinishedError(ConflictError):
    """The run has ended, so there is nothing to command."""

    title = "The run has ended"


class RunNotInThatStateError(ConflictError):
    """The command does not fit where the run is."""

    title = "The run cannot do that now"


class IdempotencyConflictError(ConflictError):
    """The key was used with another request."""

    title = "The idempotency key was used for another request"


class InvalidCursorError(InvalidRequestError):
    """A cursor that we did not give."""

    title = "Invalid cursor"


class InvalidInputsError(InvalidRequestError):
    """The inputs do not match the document's schema."""

    title = "The inputs do not match"


class InvalidDocumentError(InvalidRequestError):
    """The document cannot run; `problems` says why."""

    title = "The document cannot run"

    def __init__(self, problems: tuple[DocumentProblem, ...]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems[:3]))
        self.problems = problems

    def problem(self) -> Problem:
        """Return the problem with the document's own problems."""
        found: list[dict[str, JsonValue]] = [item.model_dump(mode="json") for item in self.problems]
        return super().problem().model_copy(update={"problems": found})


class AlreadyReceivedError(ConflictError):
    """The event has reached the run before."""

    title = "The event has been received"


class RunBusyError(UpstreamError):
    """Others change this run faster than we can read it."""

    title = "The run is busy"
