"""How a model call fails, each class with its code of the workflow language."""

from flowloom_contracts.runs import StepError
from flowloom_servicekit.errors import DomainError, FlowloomError, UpstreamError


class ModelFailure(FlowloomError):
    """The call itself failed; an `UpstreamError` that is none of these is our own infrastructure."""


class ModelUnavailableError(ModelFailure, UpstreamError):
    """The endpoint cannot be reached, failed, or broke off."""

    title = "The model endpoint failed"
    status = 502
    code = "upstream"


class ModelTimeoutError(ModelFailure, UpstreamError):
    """The endpoint was silent for too long."""

    title = "The model endpoint did not answer in time"
    status = 504
    code = "timeout"


class ModelRateLimitError(ModelFailure, UpstreamError):
    """The endpoint asks for fewer calls; `retry_after` is in seconds where it said so."""

    title = "The model endpoint is limiting calls"
    code = "rate_limit"


class ModelAuthError(ModelFailure, DomainError):
    """The endpoint refuses the key."""

    title = "The model endpoint refuses the key"
    code = "auth"


class ModelInputError(ModelFailure, DomainError):
    """The endpoint refuses the request: an unknown model, or a prompt that is too long."""

    title = "The model endpoint refuses the request"
    code = "invalid_input"


class ProviderForbiddenError(ModelFailure, DomainError):
    """Calls to providers are switched off and the endpoint is not on this machine."""

    title = "Calls to model providers are switched off"
    status = 403
    code = "denied"


class UncertainCallError(ModelFailure, DomainError):
    """A call with a `once` effect was begun before a crash and nobody knows whether it happened."""

    title = "The result of a call is not known"
    code = "uncertain"


class CallDeniedError(ModelFailure, DomainError):
    """A rule of the workspace or a budget forbids the call; `error` is how the step ends."""

    title = "The call is not allowed"

    def __init__(self, error: StepError) -> None:
        super().__init__(error.message)
        self.error = error


class CallStoppedError(FlowloomError):
    """The work was told to stop; `reason` says by what."""

    title = "Stopped"
    code = "cancelled"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def step_error(error: FlowloomError) -> StepError:
    """Return the error of the workflow language for a failed call."""
    if isinstance(error, CallDeniedError):
        return error.error
    return StepError(code=error.code or "internal", message=error.detail or error.title)
