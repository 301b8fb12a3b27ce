"""Tools of MCP servers without servers: cards, and answers that a test plans."""

from collections.abc import Callable, Sequence

from flowloom_agentkit.errors import ToolDeniedError
from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import McpCalled, McpToolCard


class PlayedMcpTools:
    """See `McpTools`; `called` is what was asked, with the effect key."""

    def __init__(
        self,
        *cards: McpToolCard,
        answer: Callable[[JsonObject], McpCalled] = lambda arguments: McpCalled(outcome="done", result="ok"),
    ) -> None:
        self.cards = {card.name: card for card in cards}
        self.answer = answer
        self.called: list[tuple[str, JsonObject, str]] = []

    async def describe(self, names: Sequence[str]) -> list[McpToolCard]:
        """See `McpTools.describe`."""
        for name in names:
            if name not in self.cards:
                raise ToolDeniedError(f"Nobody has agreed to {name}.")
        return [self.cards[name] for name in names]

    async def call(self, card: McpToolCard, arguments: JsonObject, *, effect_key: str) -> McpCalled:
        """See `McpTools.call`."""
        self.called.append((card.name, arguments, effect_key))
        return self.answer(arguments)
