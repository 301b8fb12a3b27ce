"""Secrets of a workspace, at the moment a step needs them."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class SecretSource(Protocol):
    """Opens secrets; nobody keeps what it gives longer than a call takes."""

    async def open(
        self, workspace_id: str, *, run_id: str, step: str, names: Sequence[str]
    ) -> Mapping[str, str]:
        """Return values by name; a name that has no secret is missing. Raises `UpstreamError`."""
