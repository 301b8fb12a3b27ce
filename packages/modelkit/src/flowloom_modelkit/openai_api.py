"""Calls any OpenAI-compatible endpoint: one streamed chat completion a call, no retries of its own."""

from flowloom_contracts.base import JsonObject
from flowloom_modelkit.chunks import AnswerBuilder
from flowloom_modelkit.endpoint import ModelClient
from flowloom_modelkit.exchange import Call, exchanged
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.prices import DEFAULT_MODEL
from flowloom_modelkit.requests import ChatMessage, ModelAnswer, ModelRequest
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.structured import response_format


class OpenAICaller:
    """A `ModelCaller` over the shared connections of a `ModelClient`."""

    def __init__(self, client: ModelClient, settings: ModelSettings) -> None:
        self._client = client
        self._settings = settings

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Return the whole answer; a stop closes the connection at once, so that the server stops too."""
        call = Call(request, request_body(request, self._settings), AnswerBuilder())
        return await exchanged(self._client, call, on_delta=on_delta, stop=stop)


def request_body(request: ModelRequest, settings: ModelSettings) -> JsonObject:
    """Return the JSON body of a request; the step's own numbers win over the settings."""
    temperature = settings.model_temperature if request.temperature is None else request.temperature
    optional: JsonObject = {
        "temperature": temperature,
        "top_p": settings.model_top_p if request.top_p is None else request.top_p,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "stop": [*request.stop] or None,
        "response_format": response_format(request.output_schema) if request.output_schema else None,
        "tools": [{"type": "function", "function": tool.model_dump(mode="json")} for tool in request.tools]
        or None,
    }
    return {
        "model": settings.model_name if request.model in (None, DEFAULT_MODEL) else request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        **settings.model_extra_body,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _message(message: ChatMessage) -> JsonObject:
    body: JsonObject = {"role": message.role, "content": message.content}
    if message.tool_calls:
        body["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    return body
