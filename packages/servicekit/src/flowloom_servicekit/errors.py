"""The three families of failure and the first classes of each; a status and a title belong to the class."""

import re
from typing import Any, ClassVar, Final, TypeAlias

from flowloom_contracts.problem import FieldProblem, Problem


class FlowloomError(Exception):
    """Base of every failure with a status; subclass `DomainError` or `UpstreamError` instead."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    code: ClassVar[str | None] = None

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.retry_after = retry_after

    def problem(self) -> Problem:
        """Return the problem without `instance` and `trace_id`, which belong to one request."""
        cls = type(self)
        return Problem(
            type=problem_type(cls), title=cls.title, status=cls.status, detail=self.detail, code=cls.code
        )


class DomainError(FlowloomError):
    """The caller can fix it."""

    status = 409
    title = "Not possible now"


class ConflictError(DomainError):
    """The request contradicts the present state."""

    status = 409
    title = "Conflict"


class NotFoundError(DomainError):
    """The thing does not exist, or not for this caller."""

    status = 404
    title = "Not found"


class InvalidRequestError(DomainError):
    """The request does not match its schema; `errors` says where."""

    status = 422
    title = "Invalid request"

    def __init__(self, detail: str = "", *, errors: list[FieldProblem] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []

    def problem(self) -> Problem:
        """Return the problem with its list of fields."""
        return super().problem().model_copy(update={"errors": self.errors})


class UnauthenticatedError(DomainError):
    """Nobody, or nobody we know, is asking."""

    status = 401
    title = "Not signed in"


class ForbiddenError(DomainError):
    """The caller is known and may not do this."""

    status = 403
    title = "Not allowed"


class PreconditionRequiredError(DomainError):
    """A document is changed without saying which state of it was seen."""

    status = 428
    title = "If-Match is required"


class PreconditionFailedError(DomainError):
    """The document has changed since the caller read it."""

    status = 412
    title = "The document has changed"


class PayloadTooLargeError(DomainError):
    """The body is larger, deeper or has more parts than one request may have."""

    status = 413
    title = "The request is too large"


class UnsupportedMediaTypeError(DomainError):
    """The body is of another kind than the operation reads."""

    status = 415
    title = "The body is of another kind"


class RequestTimeoutError(DomainError):
    """The body came too slowly."""

    status = 408
    title = "The request came too slowly"


class UpstreamError(FlowloomError):
    """Something outside is unwell; the same request can succeed later."""

    status = 503
    title = "A part of the platform is not available"

    def __init__(self, detail: str = "", *, retry_after: int | None = 1) -> None:
        super().__init__(detail, retry_after=retry_after)


class UpstreamTimeoutError(UpstreamError):
    """Something outside did not answer in time."""

    status = 504
    title = "A part of the platform did not answer in time"


class StorageUnavailableError(UpstreamError):
    """A store cannot be reached or is too busy; nothing was kept."""

    title = "Storage is not available"
    code = "storage_unavailable"


class StorageFullError(UpstreamError):
    """A store has no room; nothing was kept."""

    status = 507
    title = "Storage is full"
    code = "storage_full"

    def __init__(self, detail: str = "", *, retry_after: int | None = 30) -> None:
        super().__init__(detail, retry_after=retry_after)


class NotReadyError(UpstreamError):
    """The process runs but cannot do its work yet."""

    title = "Not ready"


class RemoteProblemError(UpstreamError):
    """Another service refused a call; `problem` is what it said and `remote_status` its status.

    When it reaches the edge, a refusal that the caller can fix (404, 409, 412, 422, 428, 429) passes through
    unchanged, and so does a 403 with a name of its own, which is about the person. Anything else, a 401 or a
    plain 403 between services for example, is a fault of ours and becomes 502.
    """

    status = 502
    title = "Another service refused"
    passes_through: ClassVar[frozenset[int]] = frozenset({400, 404, 409, 412, 413, 422, 428, 429})

    def __init__(self, problem: Problem, *, retry_after: int | None = None) -> None:
        super().__init__(problem.detail or problem.title, retry_after=retry_after)
        self.remote = problem
        self.remote_status = problem.status

    @property
    def is_callers_fault(self) -> bool:
        """Whether the caller of the caller can fix it."""
        if self.remote_status == ForbiddenError.status:
            return self.remote.type != problem_type(ForbiddenError)
        return self.remote_status in self.passes_through

    def problem(self) -> Problem:
        """Return the remote problem where the caller can fix it, else our own."""
        return self.remote if self.is_callers_fault else super().problem().model_copy(update={"detail": ""})


PROBLEMS_KEY: Final = "x-problems"
"""Where OpenAPI says which problems stand behind a status, by their types."""

ResponseDoc: TypeAlias = dict[str, Any]  # as FastAPI spells an entry of `responses=`


def problem_type(error: type[FlowloomError]) -> str:
    """Return the stable path of a class: `/problems/run-not-found` for `RunNotFoundError`."""
    name = error.__name__.removesuffix("Error")
    return "/problems/" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def problems(*errors: type[FlowloomError]) -> dict[int | str, ResponseDoc]:
    """Return the `responses=` of a route that can fail in these ways."""
    docs: dict[int | str, ResponseDoc] = {}
    for error in errors:
        known = docs.setdefault(error.status, {"model": Problem, "description": "", PROBLEMS_KEY: {}})
        known["description"] = "; ".join(filter(None, (known["description"], error.title)))
        known[PROBLEMS_KEY][problem_type(error)] = error.title
    return docs
