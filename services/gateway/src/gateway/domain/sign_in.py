"""How signing in can be refused; nothing here tells a known address from an unknown one."""

from flowloom_servicekit.errors import ConflictError, DomainError, ForbiddenError, UnauthenticatedError


class WrongCredentialsError(UnauthenticatedError):
    """Address or password is wrong; which one is not said."""

    title = "E-mail address or password is wrong"


class SecondFactorRequiredError(UnauthenticatedError):
    """The password is right and a code is asked for as well."""

    title = "A code is asked for as well"


class WrongCodeError(UnauthenticatedError):
    """The code of the second factor is wrong, or came before."""

    title = "The code is wrong"


class SessionEndedError(UnauthenticatedError):
    """The refresh token does not count (any more)."""

    title = "The session has ended"


class TooManySignInsError(DomainError):
    """Too many attempts, or too many at once."""

    status = 429
    title = "Too many attempts to sign in"


class SetUpTokenError(ForbiddenError):
    """The set-up token is not the one this server was started with."""

    title = "The set-up token is wrong"


class AlreadySetUpError(ConflictError):
    """The first owner exists."""

    title = "This server is set up"


class ForeignPageError(ForbiddenError):
    """A call with a cookie that did not come from our own page."""

    title = "The call did not come from this page"
