"""The condition under which somebody sees a run, as SQL over `orchestrator.runs r`; see `domain/sight.py`."""

from typing import Final

from flowloom_contracts.runs import Actor

OPEN: Final = """
not (r.workflow_id = any(cast(:closed as text[])))
    and not coalesce(r.origin -> 'under' ?| cast(:closed as text[]), false)
"""
_OWN: Final = """
cast(:user_id as text) is null or r.origin -> 'actor' ->> 'user_id' = cast(:user_id as text)
"""
PUBLIC: Final = "coalesce(r.origin ->> 'is_private', 'false') <> 'true'"
SEEN: Final = f"{OPEN} and ({PUBLIC} or {_OWN})"
SEEN_OR_ASKED: Final = f"{OPEN} and ({PUBLIC} or {_OWN} or asked && cast(:own as text[]))"


def sight(actor: Actor) -> dict[str, object]:
    """Return the parameters of the condition."""
    return {"closed": actor.closed, "user_id": actor.user_id}
