"""Other services, played by functions of the test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from flowloom_contracts.base import Request, Response
from flowloom_servicekit.errors import FlowloomError

R = TypeVar("R", bound=Response)
Answer: TypeAlias = Response | FlowloomError | Callable[..., Awaitable[Response]]
"""A function takes the request of its method, as the route would."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made."""

    app_id: str
    method: str
    request: Request


class FakeInvoker:
    """Answers as told; a call nobody told it about fails the test."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}

    def answers(self, app_id: str, method: str, *answers: Answer) -> None:
        """Set the answers of one method in turn, the last one for ever: a response, an error, a function."""
        self._answers[(str(app_id), method)] = list(answers)

    async def call(
        self, app_id: str, method: str, request: Request, answer: type[R], *, timeout_s: float = 10
    ) -> R:
        """See `Invoker.call`; what travels is copied through JSON, as on the wire."""
        self.calls.append(Call(str(app_id), method, request))
        queue = self._answers.get((str(app_id), method))
        if not queue:
            raise AssertionError(f"no answer was set for {app_id}/{method}")
        given = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(given, FlowloomError):
            raise given
        if not isinstance(given, Response):
            given = await given(type(request).model_validate_json(request.model_dump_json()))
        return answer.model_validate_json(given.model_dump_json())

    def requests(self, method: str) -> list[Request]:
        """Return what was asked of a method, in order."""
        return [call.request for call in self.calls if call.method == method]
