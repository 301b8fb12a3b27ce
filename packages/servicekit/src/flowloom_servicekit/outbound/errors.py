"""How an outgoing call fails; no message holds more of an address than its origin."""

from flowloom_servicekit.errors import DomainError, UpstreamError, UpstreamTimeoutError


class AddressRefusedError(DomainError):
    """The address may not be called: its form, its port, or the machine it leads to."""

    title = "This address may not be called"
    status = 403
    code = "denied"


class RequestRefusedError(DomainError):
    """The request itself cannot be sent: a header, the method or its size."""

    title = "This request cannot be sent"
    status = 409
    code = "invalid_input"


class AnswerTooLargeError(DomainError):
    """The answer is larger than the caller takes; asking again would bring the same."""

    title = "The answer is too large"
    status = 502
    code = "invalid_output"


class AnswerUnreadableError(DomainError):
    """The answer arrived whole and cannot be read as the caller asked."""

    title = "The answer cannot be read"
    status = 502
    code = "invalid_output"


class UpstreamUnreachableError(UpstreamError):
    """No connection, or it broke off, or what came back is not HTTP."""

    title = "The other side cannot be reached"
    status = 502
    code = "upstream"


class OutboundTimeoutError(UpstreamTimeoutError):
    """The other side was silent, or took longer in all than the caller waits."""

    title = "The other side did not answer in time"
    code = "timeout"


class ConnectionGoneError(UpstreamUnreachableError):
    """The connection ended before the first byte of an answer."""
