"""Secrets of a workspace: stored sealed, opened only for the step that needs them."""

import re
from dataclasses import dataclass
from typing import Final

import structlog

from flowloom_contracts.api import SaveSecret, Secret, SecretList
from flowloom_contracts.automation import OpenedSecrets, OpenSecrets
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.step_fields import ID_PATTERN
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError, NotFoundError, PreconditionFailedError
from flowloom_servicekit.ids import is_id
from gateway.domain.etags import matches
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.vault_ports import SealedRows, SecretStore, Vault

log = structlog.get_logger(__name__)

NAME: Final = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")
RESEAL_BATCH: Final = 100


class SecretNotFoundError(NotFoundError):
    """There is no such secret in this workspace."""

    title = "Secret not found"


class StaleSecretError(PreconditionFailedError):
    """Somebody saved or deleted it since it was read."""

    title = "The secret has changed meanwhile"


class SecretNameTakenError(PreconditionFailedError):
    """There is one where there should be none."""

    title = "There is a secret of this name"


@dataclass(frozen=True, slots=True)
class Only:
    """What a save asks of the state it meets; a script that asks nothing saves over whatever is there."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, before: Secret | None) -> None:
        """Raise SecretNameTakenError or StaleSecretError for a state that the save was not made for."""
        if self.if_none_match is not None and before is not None:
            raise SecretNameTakenError("Choose another name, or give the one that there is its next value.")
        if self.if_match is not None and (before is None or not matches(self.if_match, before.etag)):
            raise StaleSecretError("Read it again and repeat the change.")


async def list_secrets(
    principal: Principal, *, cursor: str | None, limit: int, secrets: SecretStore
) -> SecretList:
    """Return a page of secrets, newest first, without values."""
    rows = await secrets.page(principal.workspace_id, after=row_after(cursor), limit=limit + 1)
    return SecretList(
        items=[secret for _, secret in rows[:limit]],
        next_cursor=cursor_of(rows[limit - 1][0]) if len(rows) > limit else None,
    )


async def save_secret(
    name: str,
    body: SaveSecret,
    principal: Principal,
    *,
    only: Only,
    secrets: SecretStore,
    vault: Vault,
    clock: Clock,
) -> Secret:
    """Store a value; nobody can read it again, documents name it as `secrets.<name>`."""
    if NAME.match(name) is None:
        wrong = FieldProblem(
            path="name", code="invalid_id", message="Use a to z, 0 to 9 and _, a letter first, at most 63."
        )
        raise InvalidRequestError("The name is not acceptable.", errors=[wrong])
    value = body.value.get_secret_value()
    return await secrets.put(
        principal.workspace_id,
        name,
        lambda place: vault.seal(place, value),
        check=only.check,
        now=clock.now(),
    )


async def delete_secret(name: str, principal: Principal, *, secrets: SecretStore) -> None:
    """Delete a secret; a run that needs it fails from now on."""
    if NAME.match(name) is None or not await secrets.delete(principal.workspace_id, name):
        raise SecretNotFoundError(f"No secret {name[:80]!r} here.")


async def open_secrets(
    request: OpenSecrets, *, secrets: SecretStore, vault: Vault, clock: Clock
) -> OpenedSecrets:
    """Return the values that a step names; what does not exist is missing."""
    if not is_id(request.workspace_id):
        return OpenedSecrets(values={})
    rows = await secrets.use(request.workspace_id, request.names, now=clock.now())
    log.info("values were opened for a step", run_id=request.run_id, step=request.step, count=len(rows))
    return OpenedSecrets(values={row.name: vault.open(row.place, row.sealed) for row in rows})


async def seal_anew(*, rows: SealedRows, vault: Vault) -> int:
    """Seal everything that an older key sealed with the current one; returns how many values."""
    count = 0
    while found := await rows.sealed_otherwise(vault.current_key_id(), RESEAL_BATCH):
        for row in found:
            await rows.replace(row, vault.seal(row.place, vault.open(row.place, row.sealed)))
        count += len(found)
    return count
