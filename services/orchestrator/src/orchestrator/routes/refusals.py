"""How any request to the orchestrator can be refused."""

from typing import Final

from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageFullError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)

ALWAYS: Final = problems(
    UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError, StorageFullError
)
