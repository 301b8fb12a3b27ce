"""How an agent fails beside its calls."""

from flowloom_modelkit.errors import ModelFailure
from flowloom_servicekit.errors import DomainError, UpstreamError


class InvalidAgentError(DomainError):
    """`agent.yaml` or a tool is wrong; the process does not start."""

    title = "The agent is not well defined"


class CrewFailedError(ModelFailure, DomainError):
    """The crew ended without an answer, for a reason of its own."""

    title = "The crew ended without an answer"
    code = "internal"


class ToolDeniedError(ModelFailure, DomainError):
    """The step asks for a tool that the agent's file does not list."""

    title = "The agent may not use this tool"
    code = "denied"


class InvalidOrdersError(ModelFailure, DomainError):
    """What the document gives the agent under `with` is not what it takes."""

    title = "The agent does not understand its orders"
    code = "invalid_input"


class GuardRefusedError(ModelFailure, DomainError):
    """No answer of the model was good enough for the rules that judge it."""

    title = "The answer did not pass its checks"
    code = "invalid_output"


class WorkerStoppingError(UpstreamError):
    """The process ends; the engine gives the step out again."""

    title = "The agent is stopping"


class ToolFailedError(Exception):
    """A tool was refused what it asked for; the crew tells its model, the step goes on."""
