"""What model calls cost: the worst case before, the price after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.agents import Reservation
from flowloom_contracts.base import Document
from flowloom_contracts.runs import Usage
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.settings import ModelPrice, ModelSettings

CHARACTERS_PER_TOKEN: Final = 3
"""Fewer than usual: a worst case counts scripts and code that tokenise badly."""

TOKENS_PER_MESSAGE: Final = 8
SHORTEST_ANSWER: Final = 16
DEFAULT_CONTEXT: Final = 8192
DEFAULT_MODEL: Final = "default"


@dataclass(frozen=True, slots=True)
class CallCosts:
    """Prices by model in dollars a million tokens; a model without a price is free."""

    prices: Mapping[str, ModelPrice]
    default_model: str = DEFAULT_MODEL
    context_tokens: int = DEFAULT_CONTEXT

    @classmethod
    def of(cls, settings: ModelSettings) -> "CallCosts":
        """Return the costs that the settings say."""
        return cls(settings.model_prices, settings.model_name, settings.model_context_tokens)

    def name_of(self, model: str | None) -> str:
        """Return the name of a model as it is asked for; `default` and None stand for the default one."""
        return self.default_model if model in (None, DEFAULT_MODEL) else str(model)

    def price(self, model: str | None, sent: int, answered: int) -> int:
        """Return what so many tokens cost, in millionths of a dollar, rounded up."""
        known = self.prices.get(self.name_of(model))
        if known is None:
            return 0
        # Dollars a million tokens are millionths of a dollar a token.
        exact = sent * known.input + answered * known.output
        return int(exact) + (exact > int(exact))

    def worst_case(self, request: ModelRequest) -> Reservation:
        """Return the most that a call can use: its prompt, and the longest answer it may get."""
        sent = _estimated(request)
        longest = request.max_tokens or max(self.context_tokens - sent, SHORTEST_ANSWER)
        return Reservation(
            model=request.model,
            tokens=sent + longest,
            usd_micro=self.price(request.model, sent, longest),
            prompt_tokens=sent,
            is_open=request.max_tokens is None,
        )

    def usage(self, answer: ModelAnswer, model: str | None) -> Usage:
        """Return what a call has used."""
        usd_micro = self.price(model, answer.prompt_tokens, answer.completion_tokens)
        return answer.usage.model_copy(update={"usd_micro": usd_micro})


FREE: Final = CallCosts({})
"""Costs of a process that knows no prices."""


def _estimated(request: ModelRequest) -> int:
    said = sum(len(message.content or "") for message in request.messages)
    said += sum(len(call.arguments) for message in request.messages for call in message.tool_calls)
    written: list[Document] = [*request.tools]
    said += sum(len(tool.model_dump_json()) for tool in written)
    said += len(str(request.output_schema)) if request.output_schema else 0
    return -(-said // CHARACTERS_PER_TOKEN) + TOKENS_PER_MESSAGE * len(request.messages)
