"""A model that says what a test wrote down."""

from collections.abc import Sequence

from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.errors import FlowloomError


class ScriptedModel:
    """Gives its answers in order, word by word; the last one repeats. Remembers what it was asked."""

    def __init__(self, *answers: str | ModelAnswer | FlowloomError) -> None:
        self._answers: Sequence[str | ModelAnswer | FlowloomError] = answers or ("ok",)
        self.requests: list[ModelRequest] = []

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Return the next answer, or raise the next failure."""
        stop.raise_if_stopped()
        answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, FlowloomError):
            raise answer
        if isinstance(answer, str):
            answer = ModelAnswer(text=answer, finish_reason="stop", prompt_tokens=10, completion_tokens=5)
        for word in answer.text.splitlines(keepends=True):
            on_delta(word)
        return answer
