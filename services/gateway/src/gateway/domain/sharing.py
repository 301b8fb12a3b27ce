"""How far somebody may go with workflows that are shared with some people only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from flowloom_contracts.runs import REACHES, Reach
from flowloom_contracts.sharing import Share

Shares: TypeAlias = Mapping[str, Sequence[Share]]
"""The restricted workflows of a workspace by id, each with whom it is shared."""

ALWAYS: Final = frozenset({"owner", "admin"})
"""Roles that are never shut out: somebody must be able to give back what a person who left had."""


def reach_of(shares: Iterable[Share], *, user_id: str, role: str) -> Reach:
    """Return how far somebody may go: the farthest that any share allows."""
    if role in ALWAYS:
        return "edit"
    held = {("member", user_id), ("role", role)}
    found = [REACHES.index(one.reach) for one in shares if (one.kind, one.who) in held]
    return REACHES[max(found, default=0)]


def limits_of(shares: Shares, *, user_id: str, role: str) -> dict[str, Reach]:
    """Return the workflows with which somebody may not do everything, each with how far they may go."""
    found = {one: reach_of(given, user_id=user_id, role=role) for one, given in shares.items()}
    return {workflow_id: reach for workflow_id, reach in found.items() if reach != "edit"}
